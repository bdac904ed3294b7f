"""Is the campaign switched on, and does it reach back to this order?"""

from psycopg.sql import SQL, Composable, Literal

from campaigns.domain.conditions.base import Condition, Seen, says
from campaigns.domain.reasons import Kind
from campaigns.domain.terms import Terms

#: The states in which messages are planned: held while paused, so that nothing is forgotten.
PLANNING = frozenset({"active", "paused"})


def _is(value: bool) -> Composable:
    return SQL("true") if value else SQL("false")


def _is_started(terms: Terms) -> Composable:
    return _is(terms.state not in {"draft", "in_review"})


def _not_started(seen: Seen) -> str:
    if seen.terms.state == "in_review":
        return "The campaign waits for its review, so it does not send yet."
    return "The campaign is a draft: it was never switched on."


def _covers(terms: Terms) -> Composable:
    return SQL("o.purchased_at >= {}").format(Literal(terms.covers_from_at))


CONDITIONS = (
    Condition(
        "campaign_not_active",
        _is_started,
        says("The campaign has been switched on."),
        _not_started,
        kind=Kind.SETTING,
        waits=lambda terms: True,
    ),
    Condition(
        "campaign_ended",
        lambda terms: _is(terms.state != "ended"),
        says(""),
        says("The campaign has ended."),
        kind=Kind.SETTING,
    ),
    Condition(
        "campaign_paused",
        lambda terms: _is(terms.state != "paused"),
        says(""),
        says("The campaign is paused; the message waits until it is switched on again."),
        kind=Kind.SETTING,
        waits=lambda terms: True,
    ),
)

COVERAGE = (
    Condition(
        "bought_before_campaign",
        _covers,
        lambda seen: f"Bought on {seen.day(seen['purchased_at'])}, since the campaign began.",
        lambda seen: (
            f"Bought on {seen.day(seen['purchased_at'])}; the campaign covers orders from "
            f"{seen.when(seen.terms.covers_from_at)} on."
        ),
        reason="The order was bought before the campaign began.",
        remedy="Switch the campaign on for earlier orders too.",
        kind=Kind.SETTING,
        applies=lambda terms: terms.covers_from_at is not None and not terms.is_forecast,
    ),
)
