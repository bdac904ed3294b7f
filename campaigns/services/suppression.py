"""The do-not-write list: one order, or one buyer by the keyed hash that outlives the address."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.services import audit
from accounts.tenancy import current_seller
from campaigns.domain.states import State
from campaigns.models import Message, Suppression
from campaigns.services import moves
from campaigns.services.plan import plan_orders
from orders.models import Order

Source = Suppression.Source


class NothingToSuppress(Exception):
    """The order is not known, so neither is its buyer. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """`kinds` are what was added now; `stopped` how many planned or held messages it ended."""

    kinds: tuple[str, ...]
    stopped: int


@transaction.atomic
def suppress(
    amazon_order_id: str,
    *,
    source: str = Source.HAND,
    with_buyer: bool = True,
    note: str = "",
    actor_id: int | None = None,
) -> Suppressed:
    """Write no more about this order and, where known, to its buyer. Takes effect at every later fence. May
    run twice.

    Raises NothingToSuppress.
    """
    order = Order.objects.filter(amazon_order_id=amazon_order_id).first()
    if order is None:
        raise NothingToSuppress(f"There is no order {amazon_order_id!r:.60} here; check the number.")
    wanted = [(Suppression.Kind.ORDER, order.amazon_order_id)]
    if with_buyer and order.buyer_key:
        wanted.append((Suppression.Kind.BUYER, order.buyer_key))
    added = [kind for kind, value in wanted if _add(kind, value, source, note, actor_id)]
    if source == Source.HAND and added:
        seller = current_seller()
        audit.record(
            "suppression.added", None, seller, target=amazon_order_id, kinds=list(added), actor_id=actor_id
        )
    return Suppressed(tuple(added), len(_stop_waiting(wanted, source)))


@transaction.atomic
def lift(suppression: Suppression, *, actor_id: int | None = None) -> None:
    """Take one entry off the list, and plan the orders it concerns anew. A buyer's own opt-out is lifted by
    Amazon only, so it stays: raises ValueError.
    """
    if suppression.source == Source.OPT_OUT:
        raise ValueError("The buyer asked Amazon for this; it cannot be lifted here.")
    concerned = _orders_of({suppression.kind: suppression.value})
    suppression.delete()
    plan_orders(concerned.values_list("pk", flat=True), timezone.now())
    audit.record("suppression.lifted", None, current_seller(), target=str(suppression), actor_id=actor_id)


def _add(kind: str, value: str, source: str, note: str, actor_id: int | None) -> bool:
    """An opt-out is stronger than an entry by hand and takes its place."""
    row, is_new = Suppression.objects.get_or_create(
        kind=kind, value=value, defaults={"source": source, "note": note[:300], "added_by_id": actor_id}
    )
    if not is_new and source == Source.OPT_OUT and row.source != Source.OPT_OUT:
        Suppression.objects.filter(pk=row.pk).update(source=source)
    return is_new


def _stop_waiting(wanted: Collection[tuple[str, str]], source: str) -> set[int]:
    """What waits for these orders says at once why it will not go; the fence would stop it anyway."""
    orders = _orders_of(dict(wanted))
    reason = "opted_out" if source == Source.OPT_OUT else "suppressed"
    waiting = Message.objects.filter(
        order__in=orders, state__in=[State.PLANNED, State.HELD], is_proactive=True
    )
    stops = [moves.Move(pk, State.SKIPPED, reason) for pk in waiting.values_list("pk", flat=True)]
    return moves.apply(stops, [State.PLANNED, State.HELD])


def _orders_of(by_kind: Mapping[str, str]) -> QuerySet[Order]:
    orders = Order.objects.filter(amazon_order_id=by_kind.get(Suppression.Kind.ORDER, ""))
    if buyer := by_kind.get(Suppression.Kind.BUYER):
        orders = orders | Order.objects.filter(buyer_key=buyer)
    return orders
