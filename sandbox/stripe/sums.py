"""Money: what a price asks for a quantity, what is left of a period, discounts and tax. Pure; minor units."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from typing import Any

Obj = dict[str, Any]


def price_amount(price: Obj, quantity: int) -> int:
    """Flat, or by volume: the tier the quantity falls into counts for all units."""
    if price["billing_scheme"] == "per_unit":
        return int(price["unit_amount"]) * quantity
    tier = next(t for t in price["tiers"] if t["up_to"] is None or quantity <= t["up_to"])
    return int(tier["unit_amount"] or 0) * quantity + (int(tier["flat_amount"] or 0) if quantity else 0)


def period_end(start: int, interval: str, count: int = 1, anchor_day: int = 0) -> int:
    """The same day of the month later, or the month's last day where it has none such."""
    at = datetime.fromtimestamp(start, UTC)
    months = at.month - 1 + count * (12 if interval == "year" else 1)
    year, month = at.year + months // 12, months % 12 + 1
    day = min(anchor_day or at.day, calendar.monthrange(year, month)[1])
    return int(at.replace(year=year, month=month, day=day).timestamp())


def prorated(amount: int, start: int, end: int, at: int) -> int:
    """The part of a period's amount that is for the time after `at`."""
    if end <= start:
        return 0
    left = max(0, min(end, end - at)) if at > start else end - start
    return round(amount * left / (end - start))


def discount(coupons: list[Obj], subtotal: int) -> int:
    """What coupons take off, never more than there is."""
    left = max(subtotal, 0)
    for coupon in coupons:
        off = (
            round(left * coupon["percent_off"] / 100) if coupon["percent_off"] else coupon["amount_off"] or 0
        )
        left -= min(left, off)
    return max(subtotal, 0) - left


def tax(amount: int, percent: float) -> int:
    return round(amount * percent / 100)
