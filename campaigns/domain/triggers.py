"""When a campaign's clock starts for an order, and how that moment is known. SQL over the order `o`. Pure."""

from dataclasses import dataclass

from psycopg.sql import SQL, Composable

from campaigns.domain.vocabulary import Trigger

#: How sure a moment is, as a message says it.
EVIDENCE = {
    "carrier": "the carrier reported the delivery",
    "estimated": "Amazon's estimated arrival",
    "promised": "the latest delivery date promised to the buyer",
    "order": "Amazon's word on the order",
}

# The best-known delivery: the carrier's word, Amazon's estimate (FBA report), the latest promised date.
# Orders 2026-01-01 gives no delivery time for FBA (SP-API model, read 2026-11-23).
DELIVERY = SQL("coalesce(o.delivered_at, o.estimated_arrival_at, o.promised_latest_at)")
EARLIEST_DELIVERY = SQL(
    "coalesce(o.promised_earliest_at, o.delivered_at, o.estimated_arrival_at, o.promised_latest_at)"
)
_DELIVERY_EVIDENCE = SQL(
    "CASE WHEN o.delivered_at IS NOT NULL THEN 'carrier' WHEN o.estimated_arrival_at IS NOT NULL THEN "
    "'estimated' ELSE 'promised' END"
)
_EARLIEST_EVIDENCE = SQL("CASE WHEN o.promised_earliest_at IS NOT NULL THEN 'promised' ELSE {} END").format(
    _DELIVERY_EVIDENCE
)
_ON_ORDER = SQL("'order'")

SHIPPED = ("SHIPPED",)
SOME_SHIPPED = ("PARTIALLY_SHIPPED", "SHIPPED")
#: Not PENDING: the payment is not settled, and Amazon gives no contact to the buyer yet.
PAID = ("UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED")


@dataclass(frozen=True, slots=True)
class Moment:
    """`sql` is the moment (timestamptz, NULL while unknown), `evidence` a key of EVIDENCE, `statuses` the
    order's states in which the trigger can have happened; the words fit "… is not known yet" and "8 days
    after …".
    """

    sql: Composable
    evidence: Composable
    statuses: tuple[str, ...]
    words: str


MOMENTS: dict[Trigger, Moment] = {
    Trigger.PLACED: Moment(SQL("o.purchased_at"), _ON_ORDER, PAID, "the purchase"),
    Trigger.SHIPPED: Moment(SQL("o.shipped_at"), _ON_ORDER, SOME_SHIPPED, "the shipment"),
    Trigger.DELIVERED: Moment(DELIVERY, _DELIVERY_EVIDENCE, SHIPPED, "the delivery"),
    Trigger.ESTIMATED_DELIVERY: Moment(
        SQL("coalesce(o.estimated_arrival_at, o.promised_latest_at)"),
        SQL("CASE WHEN o.estimated_arrival_at IS NOT NULL THEN 'estimated' ELSE 'promised' END"),
        SOME_SHIPPED,
        "the estimated delivery",
    ),
    Trigger.REVIEW_WINDOW_OPENS: Moment(
        SQL("({} + interval '120 hours')").format(EARLIEST_DELIVERY),
        _EARLIEST_EVIDENCE,
        SHIPPED,
        "the opening of Amazon's review window",
    ),
    Trigger.RETURNED: Moment(SQL("o.returned_at"), _ON_ORDER, SOME_SHIPPED, "the return"),
    Trigger.REFUNDED: Moment(SQL("o.refunded_at"), _ON_ORDER, PAID, "the refund"),
    Trigger.FEEDBACK_RECEIVED: Moment(
        SQL("o.feedback_at"), _ON_ORDER, SOME_SHIPPED, "the buyer's seller feedback"
    ),
}
