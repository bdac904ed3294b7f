"""Amounts in minor units. Pure."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

#: ISO 4217 currencies without two decimals (read 2026-11-23); all others have two.
_DECIMALS = {
    "JPY": 0,
    "KRW": 0,
    "CLP": 0,
    "VND": 0,
    "ISK": 0,
    "PYG": 0,
    "BHD": 3,
    "JOD": 3,
    "KWD": 3,
    "OMR": 3,
    "TND": 3,
}
_MOST = 10**15  # more is not a price


def decimals(currency: str) -> int:
    return _DECIMALS.get(currency, 2)


def minor(amount: str | int | float, currency: str) -> int:
    """`"647.62"` INR is 64762, `"5980"` JPY is 5980. Raises ValueError for what is not a plain amount."""
    try:
        exact = Decimal(str(amount)).scaleb(decimals(currency))
        found = int(exact.to_integral_value(ROUND_HALF_EVEN))
    except (InvalidOperation, OverflowError, ValueError):
        raise ValueError(f"{str(amount)[:40]!r} is not an amount") from None
    if abs(found) > _MOST:
        raise ValueError(f"{str(amount)[:40]!r} is too large for an amount")
    return found
