"""Orders API 2026-01-01: pages of orders by the time of their last change.

Never asks for the recipient, and for the buyer only where the caller says `with_buyer_email=True`; what
Amazon sends unasked is dropped here. Parameters and traps: Amazon's model (commit 34dc93f) and developer
threads, read 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from .client import Caller
from .errors import AmazonError, Outcome


class DataSet(StrEnum):
    """What `includedData` may name. BUYER and RECIPIENT are left out on purpose."""

    FULFILLMENT = "FULFILLMENT"
    PACKAGES = "PACKAGES"
    CANCELLATION = "CANCELLATION"
    PROCEEDS = "PROCEEDS"
    PROMOTION = "PROMOTION"


STANDARD = frozenset({DataSet.FULFILLMENT, DataSet.PACKAGES, DataSet.CANCELLATION, DataSet.PROCEEDS})
_BUYER = "BUYER"

#: What is unknown, and must never be read as "no", where a data set was not given.
FACTS: dict[str, frozenset[str]] = {
    DataSet.FULFILLMENT: frozenset({"status", "fulfilled_by", "promised_window", "ship_window"}),
    DataSet.PACKAGES: frozenset({"shipped", "delivered"}),
    DataSet.CANCELLATION: frozenset({"cancellation_asked", "cancelled_by"}),
    DataSet.PROCEEDS: frozenset({"amount"}),
    DataSet.PROMOTION: frozenset({"promotion"}),
    _BUYER: frozenset({"buyer_email"}),
}


@dataclass(frozen=True, slots=True)
class Window:
    """From `after` (inclusive) to `before`; None: until now, as far as Amazon is complete. Aware times.

    `before` must lie two minutes in the past, or Amazon refuses. `by`: "lastUpdated" or "created".
    """

    after: datetime
    before: datetime | None = None
    by: str = "lastUpdated"

    def __post_init__(self) -> None:
        for name in ("after", "before"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{name}={moment} has no time zone")
        if self.before is not None and self.before < self.after:
            raise ValueError(f"before={self.before} is earlier than after={self.after}")
        if self.by not in {"lastUpdated", "created"}:
            raise ValueError(f"by={self.by!r} is neither 'lastUpdated' nor 'created'")

    def parameters(self) -> dict[str, str]:
        prefix = "last_updated" if self.by == "lastUpdated" else "created"
        found = {f"{prefix}_after": iso(self.after)}
        if self.before is not None:
            found[f"{prefix}_before"] = iso(self.before)
        return found


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """`orders` are Amazon's objects. `next_token` None: the last page. `complete_until`: the next cursor,
    once the last page is stored. `included`: the data sets really given; `unknown_facts`: what this page
    therefore cannot say.
    """

    orders: list[dict[str, Any]]
    next_token: str | None
    complete_until: datetime | None
    included: frozenset[str]
    unknown_facts: frozenset[str] = frozenset()


def search_orders(
    seller: Caller,
    window: Window,
    included_data: Iterable[DataSet] = STANDARD,
    page_token: str | None = None,
    *,
    marketplace_ids: Iterable[str] = (),
    page_size: int = 100,
    with_buyer_email: bool = False,
) -> OrdersPage:
    """One page. With a `page_token` (good for 24 hours) every other argument must be what it was before.

    Raises AmazonError. May be repeated freely.
    """
    included = _included(included_data, with_buyer_email)
    parameters: dict[str, Any] = {**window.parameters(), "max_results_per_page": page_size}
    parameters |= _listed("included_data", included) | _listed("marketplace_ids", marketplace_ids)
    if page_token:
        parameters["pagination_token"] = page_token
    data = seller.call("searchOrders", **parameters).data
    return _page(data, included, with_buyer_email)


def search_orders_reduced(
    seller: Caller,
    window: Window,
    included_data: Iterable[DataSet] = STANDARD,
    *,
    marketplace_ids: Iterable[str] = (),
    page_size: int = 100,
    with_buyer_email: bool = False,
) -> OrdersPage:
    """The first page with as many data sets as Amazon grants this seller today; `unknown_facts` says what is
    missing.

    For accounts where Amazon answers 400 or 403 to some `includedData` (seen July and August 2026). Each step
    costs a call of the scarcest kind. Following pages: `search_orders` with this page's `included`. Raises
    the first refusal when even the bare order is refused.
    """
    wanted = frozenset(included_data)
    refusal: AmazonError | None = None
    for sets, buyer in _ladder(wanted, with_buyer_email):
        try:
            page = search_orders(
                seller,
                window,
                sets,
                marketplace_ids=marketplace_ids,
                page_size=page_size,
                with_buyer_email=buyer,
            )
        except AmazonError as error:
            if error.outcome not in {Outcome.OUR_FAULT, Outcome.NEEDS_ROLE}:
                raise
            refusal = refusal or error
            continue
        asked = _included(wanted, with_buyer_email)
        return OrdersPage(
            page.orders,
            page.next_token,
            page.complete_until,
            page.included,
            unknown_facts(asked - page.included),
        )
    raise refusal or ValueError("no way of asking was left")


def unknown_facts(missing: Iterable[str]) -> frozenset[str]:
    return frozenset(fact for data_set in missing for fact in FACTS.get(data_set, ()))


def get_order(
    seller: Caller,
    order_id: str,
    included_data: Iterable[DataSet] = STANDARD,
    *,
    with_buyer_email: bool = False,
) -> dict[str, Any]:
    """One order as Amazon tells it. Raises AmazonError (`not_offered`: unknown order)."""
    included = _included(included_data, with_buyer_email)
    data = seller.call("getOrder", order_id=order_id, **_listed("included_data", included)).data
    return _without_people(data.get("order") or data, with_buyer_email)


def iso(moment: datetime) -> str:
    """UTC to the second, as Amazon writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _included(data_sets: Iterable[str], with_buyer_email: bool) -> frozenset[str]:
    names = frozenset(str(name) for name in data_sets)
    if personal := names & {_BUYER, "RECIPIENT"} - ({_BUYER} if with_buyer_email else set()):
        raise ValueError(
            f"{sorted(personal)} is personal data: only with_buyer_email=True may ask, for BUYER"
        )
    return names | {_BUYER} if with_buyer_email else names


def _ladder(wanted: frozenset[DataSet], with_buyer_email: bool) -> list[tuple[frozenset[DataSet], bool]]:
    """Fewer and fewer: without the buyer, then without what was refused before, at last the bare order."""
    core = frozenset({DataSet.FULFILLMENT})
    steps = [(wanted, with_buyer_email), (wanted, False)]
    steps += [(wanted & core, False), (wanted - core, False), (frozenset(), False)]
    return list(dict.fromkeys(steps))


def _listed(name: str, values: Iterable[str]) -> dict[str, Any]:
    found = sorted(str(value) for value in values)
    return {name: found} if found else {}


def _page(data: dict[str, Any], included: frozenset[str], with_buyer_email: bool) -> OrdersPage:
    orders = data.get("orders")
    if not isinstance(orders, list):
        raise AmazonError(
            Outcome.RETRY, message="the answer holds no list of orders", operation="searchOrders"
        )
    token = (data.get("pagination") or {}).get("nextToken") or None
    until = parse_time(data.get("lastUpdatedBefore") or data.get("createdBefore"))
    return OrdersPage([_without_people(order, with_buyer_email) for order in orders], token, until, included)


def _without_people(order: dict[str, Any], with_buyer_email: bool) -> dict[str, Any]:
    kept = {name: value for name, value in order.items() if name not in {"recipient", "buyer"}}
    email = (order.get("buyer") or {}).get("buyerEmail")
    if with_buyer_email and email:
        kept["buyer"] = {"buyerEmail": email}
    return kept
