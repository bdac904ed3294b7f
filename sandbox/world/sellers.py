"""Sellers: made with a month behind them."""

from __future__ import annotations

import random
import zlib
from typing import Any

import orjson

from ..context import Sandbox
from ..marketplaces import BY_ID
from . import products
from .generator import Generator, moments
from .order import DAY

KNOWN = frozenset(
    [
        "selling_partner_id",
        "name",
        "region",
        "marketplaces",
        "business_name",
        "orders",
        "days",
        "fulfilment",
        "seed",
    ]
)


def add_seller(sandbox: Sandbox, facts: dict[str, Any]) -> dict[str, Any]:
    """Make a seller and its orders of the last `days`. Raises ValueError naming the field that is wrong.

    Not twice for one id: a second call for a known seller changes nothing and says `created: false`.
    """
    seller = _checked(facts)
    if sandbox.store.one("SELECT 1 FROM sellers WHERE seller=?", seller["seller"]):
        return {"selling_partner_id": seller["seller"], "created": False, "orders": 0}
    rng = random.Random(f"{seller['seed']}:{seller['seller']}")
    now = sandbox.clock.seconds()
    generator = Generator(seller["seller"], seller["marketplaces"], seller["merchant_share"], rng, now)
    for at in moments(rng, seller["orders"], now - seller["days"] * DAY, now):
        generator.order(at)
    with sandbox.store.transaction():
        _insert(sandbox, seller, rng, now)
        _stock(sandbox, seller, generator.shelf)
        generator.batch.store(sandbox.store)
    return {"selling_partner_id": seller["seller"], "created": True, "orders": seller["orders"]}


def _checked(facts: dict[str, Any]) -> dict[str, Any]:
    if extra := set(facts) - KNOWN:
        raise ValueError(f"{min(extra)}: no such field of a seller; use {', '.join(sorted(KNOWN))}")
    seller = str(facts.get("selling_partner_id") or "")
    if not seller:
        raise ValueError("selling_partner_id: missing")
    region, marketplaces = _places(facts)
    name = str(facts.get("name") or facts.get("business_name") or seller)
    share = facts.get("fulfilment", {"AMAZON": 0.7, "MERCHANT": 0.3})
    total = float(share.get("AMAZON", 0)) + float(share.get("MERCHANT", 0))
    if total <= 0:
        raise ValueError(
            "fulfilment: give shares of AMAZON and MERCHANT, for example {'AMAZON': 0.7, 'MERCHANT': 0.3}"
        )
    return {
        "seller": seller,
        "region": region,
        "marketplaces": marketplaces,
        "name": name,
        "business_name": str(facts.get("business_name") or name),
        "orders": int(facts.get("orders", 0)),
        "days": max(1, int(facts.get("days", 30))),
        "merchant_share": float(share.get("MERCHANT", 0)) / total,
        "seed": int(facts.get("seed", zlib.crc32(seller.encode()) % 10_000)),
    }


def _places(facts: dict[str, Any]) -> tuple[str, list[str]]:
    marketplaces = list(facts.get("marketplaces") or [])
    region = str(
        facts.get("region")
        or (BY_ID[marketplaces[0]].region if marketplaces and marketplaces[0] in BY_ID else "na")
    )
    region = region.lower()
    home = {"na": "ATVPDKIKX0DER", "eu": "A1PA6795UKMFR9", "fe": "A1VC38T7YXB528"}
    if region not in home:
        raise ValueError(f"region: {region!r} is none of na, eu, fe")
    marketplaces = marketplaces or [home[region]]
    for marketplace in marketplaces:
        if marketplace not in BY_ID or BY_ID[marketplace].region != region:
            raise ValueError(f"marketplaces: {marketplace!r} is no marketplace of region {region}")
    return region, marketplaces


def _insert(sandbox: Sandbox, seller: dict[str, Any], rng: random.Random, now: int) -> None:
    per_day = seller["orders"] / seller["days"]
    next_at = now + rng.expovariate(per_day / DAY) if per_day else None
    sandbox.store.run(
        "INSERT INTO sellers VALUES (?,?,?,?,?,?,?,?,?,0)",
        seller["seller"],
        seller["region"],
        seller["name"],
        seller["business_name"],
        orjson.dumps(seller["marketplaces"]).decode(),
        per_day,
        seller["merchant_share"],
        seller["seed"],
        next_at,
    )


def _stock(sandbox: Sandbox, seller: dict[str, Any], shelf: list[products.Product]) -> None:
    rows = []
    for marketplace in seller["marketplaces"]:
        store = BY_ID[marketplace]
        rows += [
            (
                marketplace,
                products.asin_of(p.key),
                seller["seller"],
                f"{p.key}-{store.country}",
                products.title(p, store),
                p.brand,
                products.price(p, store),
                "{}",
            )
            for p in shelf
        ]
    sandbox.store.many("INSERT OR REPLACE INTO products VALUES (?,?,?,?,?,?,?,?)", rows)
