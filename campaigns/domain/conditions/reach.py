"""Can this channel reach this order's buyer?"""

from psycopg.sql import SQL, Composable

from campaigns.domain.conditions.base import Condition, Seen, says
from campaigns.domain.reasons import Kind
from campaigns.domain.terms import Terms
from campaigns.domain.vocabulary import CRITICAL, Channel


def _is_mail(terms: Terms) -> bool:
    return terms.channel is Channel.RELAY_EMAIL


def _suppressed(is_so: str) -> Composable:
    """`is_so` is asked of the source of each place on the list, which is NULL where there is none."""
    return SQL(
        "((o.order_suppressed_by {0}) IS NOT TRUE AND (o.buyer_suppressed_by {0}) IS NOT TRUE)"
    ).format(SQL(is_so))


def _address_unmet(seen: Seen) -> str:
    if seen["forgotten_at"]:
        return (
            f"The buyer's relay address was forgotten on {seen.day(seen['forgotten_at'])}, as Amazon's "
            "data policy asks."
        )
    return "Amazon has not given us the buyer's relay address."


CONDITIONS = (
    Condition(
        "order_not_connected",
        lambda terms: SQL("o.connection_id IS NOT NULL"),
        says("The order came through a connected Amazon account."),
        says("The order is known only from an uploaded file, so there is no Amazon account to send from."),
    ),
    Condition(
        "channel_not_for_fulfilment",
        lambda terms: SQL("o.fulfilment = 'FBM'"),
        says("You fulfilled the order yourself, so it can be written to by mail."),
        lambda seen: (
            "Amazon fulfilled the order (FBA); relay mail is for orders you fulfil yourself."
            if seen["fulfilment"] == "FBA"
            else "Amazon has not told who fulfils the order; relay mail is for orders you fulfil yourself."
        ),
        reason="Relay mail is for orders the seller fulfils.",
        remedy="Use Amazon's review request, which serves FBA orders too.",
        applies=_is_mail,
    ),
    Condition(
        "no_relay_address",
        lambda terms: SQL("o.relay_address_sealed <> ''"),
        says("The buyer's relay address is known."),
        _address_unmet,
        applies=_is_mail,
        waits=lambda terms: True,
    ),
    Condition(
        "opted_out",
        lambda terms: _suppressed("= 'opt_out'"),
        says("The buyer has not opted out."),
        says("The buyer asked Amazon not to pass on messages like this."),
        applies=lambda terms: terms.purpose not in CRITICAL,
    ),
    Condition(
        "suppressed",
        lambda terms: _suppressed("<> 'opt_out'"),
        says("Neither the order nor its buyer is on your do-not-write list."),
        says("The order or its buyer is on your do-not-write list."),
        kind=Kind.SETTING,
    ),
)
