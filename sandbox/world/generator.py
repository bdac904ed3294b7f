"""Makes believable orders: a month of the past, and new ones as the clock goes on. Same seed, same world."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

import orjson

from ..marketplaces import BY_ID, Marketplace, relay_domain
from ..store import Store
from . import names, products
from .order import DAY, HOUR, Order, happen

RELAY_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
# Shares of ordinary life, per order.
CANCELLED, RETURNED, REFUNDED_ONLY, REPLACED, BUSINESS, PRIME = 0.04, 0.05, 0.02, 0.015, 0.06, 0.45
OPTED_OUT, LOST, PROMOTED, FEEDBACK, REPEAT, TWO_ITEMS = 0.04, 0.01, 0.12, 0.06, 0.15, 0.12
Timeline = list[tuple[int, str]]


@dataclass(slots=True)
class Batch:
    """What was made, waiting to be stored: orders as they stand now, and what will still happen."""

    orders: list[Order] = field(default_factory=list)
    events: list[tuple[int, str, str]] = field(default_factory=list)
    buyers: list[tuple[Any, ...]] = field(default_factory=list)
    relays: list[tuple[str, str, str]] = field(default_factory=list)
    feedback: list[tuple[Any, ...]] = field(default_factory=list)

    def store(self, store: Store) -> None:
        from .order import insert

        with store.transaction():
            store.many("INSERT INTO buyers VALUES (?,?,?,?,?)", self.buyers)
            store.many("INSERT INTO relays VALUES (?,?,?)", self.relays)
            insert(store, self.orders)
            store.many("INSERT INTO events (at,order_id,kind) VALUES (?,?,?)", self.events)
            store.many(
                "INSERT INTO feedback (order_id,seller,at,rating,comments) VALUES (?,?,?,?,?)", self.feedback
            )


@dataclass(slots=True)
class Generator:
    """Orders of one seller. `now` splits each order's life into what happened and what is still to come."""

    seller: str
    marketplaces: list[str]
    merchant_share: float
    rng: random.Random
    now: int
    shelf: list[products.Product] = field(default_factory=list)
    batch: Batch = field(default_factory=Batch)
    _known: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _serial: int = 0

    def __post_init__(self) -> None:
        self._serial = self.rng.randrange(10**13)
        if not self.shelf:
            self.shelf = pick_shelf(self.rng)

    def order(self, created_at: int, **facts: Any) -> Order:
        """One order placed at `created_at`; it and its future are added to the batch."""
        rng = self.rng
        store = BY_ID[facts.get("marketplace") or _weighted(rng, self.marketplaces)]
        merchant = rng.random() < self.merchant_share
        fulfilled_by = facts.get("fulfilled_by") or ("MERCHANT" if merchant else "AMAZON")
        buyer, relay = self._buyer(store)
        order = _blank(self._order_id(store), self.seller, store, created_at, fulfilled_by, buyer, relay, rng)
        order.items = self._items(store, order.order_id)
        self._programs(order)
        timeline = self._life(order)
        self._replace(order, timeline)
        self._unfold(order, timeline)
        self.batch.orders.append(order)
        return order

    def _unfold(self, order: Order, timeline: Timeline) -> None:
        for at, kind in sorted(timeline):
            if at > self.now:
                self.batch.events.append((at, order.order_id, kind))
            elif kind == "feedback":
                self.batch.feedback.append(feedback_row(self.rng, order, at))
            else:
                happen(order, kind, at)

    def _order_id(self, store: Marketplace) -> str:
        # A large odd step through all numbers of fourteen digits never meets the same one twice.
        self._serial = (self._serial + 7_368_787_321_637) % 10**14
        digits = f"{self._serial:014d}"
        return f"{self.rng.choice(store.prefixes)}-{digits[:7]}-{digits[7:]}"

    def _buyer(self, store: Marketplace) -> tuple[str, str]:
        known = self._known.setdefault(store.id, [])
        if known and self.rng.random() < REPEAT:
            return self.rng.choice(known)
        buyer = new_buyer(self.rng, store)
        relay = relay_address(self.rng, store)
        self.batch.buyers.append(buyer)
        self.batch.relays.append((relay, self.seller, buyer[0]))
        known.append((buyer[0], relay))
        return buyer[0], relay

    def _items(self, store: Marketplace, order_id: str) -> list[dict[str, Any]]:
        count = 2 if self.rng.random() < TWO_ITEMS else 1
        chosen = self.rng.sample(self.shelf, count)
        promotion = f"PROMO-{self.rng.randrange(1000, 9999)}" if self.rng.random() < PROMOTED else ""
        digits = order_id.replace("-", "")[-11:]
        return [
            _item(product, store, f"{digits}{n}", self.rng, promotion) for n, product in enumerate(chosen, 1)
        ]

    def _programs(self, order: Order) -> None:
        if self.rng.random() < BUSINESS:
            order.programs.append("AMAZON_BUSINESS")
        if order.amazon_fulfils and self.rng.random() < PRIME:
            order.programs.append("PRIME")

    def _life(self, order: Order) -> Timeline:
        rng, at = self.rng, order.created_at
        paid = at + rng.randrange(300, 3 * HOUR)
        if rng.random() < CANCELLED:
            order.cancelled_by = rng.choice(("BUYER", "BUYER", "MERCHANT", "AMAZON"))
            return [(paid, "confirm"), (paid + rng.randrange(HOUR, 20 * HOUR), "cancel")]
        shipped = rng.randrange(order.ship_from, order.ship_by)
        arrives = _arrival(order, shipped, rng)
        order.estimated_at = shipped + max(DAY, round((arrives - shipped) / DAY) * DAY)
        life = [(paid, "confirm"), (max(shipped, paid + 600), "ship")]
        if not order.amazon_fulfils:
            life.append((shipped + rng.randrange(4 * HOUR, 20 * HOUR), "transit"))
        if rng.random() < LOST:
            return [*life, (arrives + 6 * DAY, "lose"), (arrives + 7 * DAY, "refund")]
        return [*life, (max(arrives, shipped + HOUR), "deliver"), *self._aftermath(order, arrives)]

    def _aftermath(self, order: Order, delivered: int) -> Timeline:
        rng, after = self.rng, []
        if rng.random() < RETURNED:
            back = delivered + rng.randrange(2 * DAY, 14 * DAY)
            after += [(back, "return"), (back + rng.randrange(DAY, 4 * DAY), "refund")]
        elif rng.random() < REFUNDED_ONLY:
            order.refunded_share = rng.choice((0.2, 0.5, 1.0))
            after.append((delivered + rng.randrange(DAY, 9 * DAY), "refund"))
        if rng.random() < FEEDBACK:
            after.append((delivered + rng.randrange(DAY, 12 * DAY), "feedback"))
        return after

    def _replace(self, order: Order, timeline: Timeline) -> None:
        """Some orders only replace an earlier one of the same buyer's shop."""
        if self.batch.orders and self.rng.random() < REPLACED:
            order.replaces = self.rng.choice(self.batch.orders[-50:]).order_id
            for item in order.items:
                item["price"] = 0


def pick_shelf(rng: random.Random) -> list[products.Product]:
    """Eight to twelve products, a lamp with an emoji in its title always among them."""
    rest = [product for product in products.CATALOG if product.key != "LMP-KID"]
    return [products.CATALOG[1], *rng.sample(rest, rng.randrange(7, 12))]


def shelf_of(skus: list[str]) -> list[products.Product]:
    wanted = {sku.rsplit("-", 1)[0] for sku in skus}
    return [product for product in products.CATALOG if product.key in wanted]


def new_buyer(rng: random.Random, store: Marketplace) -> tuple[str, str, str, str, int]:
    tongue = names.language(store.language)
    first, last = rng.choice(names.FIRST[tongue]), rng.choice(names.LAST[tongue])
    city, postcode = rng.choice(names.CITIES[tongue])
    address = {
        "addressLine1": f"{rng.choice(names.STREETS[tongue])} {rng.randrange(1, 180)}",
        "city": city,
        "postalCode": postcode,
        "countryCode": store.country,
        "phone": f"+00 555 {rng.randrange(10**6, 10**7)}",
    }
    name = f"{last} {first}" if tongue == "ja" else f"{first} {last}"
    return (
        f"A{rng.getrandbits(56):014X}",
        name,
        store.language.replace("_", "-"),
        orjson.dumps(address).decode(),
        int(rng.random() < OPTED_OUT),
    )


def relay_address(rng: random.Random, store: Marketplace) -> str:
    return "".join(rng.choices(RELAY_ALPHABET, k=16)) + "@" + relay_domain(store)


def feedback_row(rng: random.Random, order: Order, at: int) -> tuple[str, str, int, int, str]:
    rating = rng.choice((5, 5, 5, 5, 4, 3, 2, 1))
    return order.order_id, order.seller, at, rating, rng.choice(names.PRAISE if rating > 3 else names.BLAME)


def _item(
    product: products.Product, store: Marketplace, item_id: str, rng: random.Random, promotion: str = ""
) -> dict[str, Any]:
    return {
        "id": item_id,
        "asin": products.asin_of(product.key),
        "sku": f"{product.key}-{store.country}",
        "title": products.title(product, store),
        "quantity": 1 if rng.random() < 0.88 else rng.randrange(2, 5),
        "price": products.price(product, store),
        "promotion": promotion,
        "kind": product.kind,
        "shipped": False,
    }


def _blank(
    order_id: str,
    seller: str,
    store: Marketplace,
    created_at: int,
    fulfilled_by: str,
    buyer: str,
    relay: str,
    rng: random.Random,
) -> Order:
    amazon = fulfilled_by == "AMAZON"
    ship_from = created_at + (4 * HOUR if amazon else 8 * HOUR)
    ship_by = created_at + (DAY if amazon else 2 * DAY)
    return Order(
        order_id,
        seller,
        store.id,
        created_at,
        created_at,
        "PENDING",
        fulfilled_by,
        rng.choice(("STANDARD", "STANDARD", "EXPEDITED")),
        buyer,
        relay,
        [],
        [],
        ship_from,
        ship_by,
        ship_from + 2 * DAY,
        ship_by + 4 * DAY,
        carrier=rng.choice(names.CARRIERS[store.region]),
        tracking=f"{rng.choice('TRZ')}{rng.randrange(10**11, 10**12)}",
    )


def _arrival(order: Order, shipped: int, rng: random.Random) -> int:
    """Mostly within the promised days, one in ten a day or two late."""
    days = rng.uniform(0.8, 3.5) if order.amazon_fulfils else rng.uniform(1.5, 4.5)
    return int(shipped + (days + (rng.uniform(1, 2) if rng.random() < 0.1 else 0)) * DAY)


def _weighted(rng: random.Random, marketplaces: list[str]) -> str:
    """The first marketplace is the home market and sells most."""
    if len(marketplaces) == 1:
        return marketplaces[0]
    return rng.choices(marketplaces, [3, *[1] * (len(marketplaces) - 1)])[0]


def moments(rng: random.Random, count: int, start: int, end: int) -> list[int]:
    """Times of day as people shop: few at night, most in the evening; whole seconds, in order."""
    chosen: list[int] = []
    while len(chosen) < count:
        at = rng.randrange(start, end)
        hour = at % DAY / HOUR
        if rng.random() < 0.55 + 0.45 * math.sin((hour - 9) / 24 * 2 * math.pi):
            chosen.append(at)
    return sorted(chosen)
