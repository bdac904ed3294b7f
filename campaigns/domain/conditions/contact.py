"""Was the buyer written to already, or is another message to come?"""

from collections.abc import Mapping

from psycopg.sql import SQL, Composable, Literal

from campaigns.domain.conditions.base import Condition, Seen, says
from campaigns.domain.reasons import Kind
from campaigns.domain.states import CONTACTED, SENT_AGAIN
from campaigns.domain.terms import Terms

_CONTACTED = SQL("('{}')").format(SQL("', '").join(SQL(state.value) for state in sorted(CONTACTED)))
# Amazon's word that someone else asked counts as a contact too. What is planned is left out first: where orders are new
# that is almost all, and an index knows the others.
_WAS_CONTACTED = SQL("x.state <> 'planned' AND (x.state IN {} OR x.reason = 'asked_elsewhere')").format(
    _CONTACTED
)


def _by_others(terms: Terms) -> Composable:
    """Another campaign's or a hand-written message. A forecast overlooks the campaigns it would have gone
    before.
    """
    if not terms.is_forecast:
        return SQL("x.campaign_id IS DISTINCT FROM {}").format(terms.own_id)
    return SQL("(x.campaign_id IS NULL OR x.campaign_id = ANY ({}))").format(terms.rivals)


def _contacted(terms: Terms) -> Composable:
    return SQL("FROM campaigns_message x WHERE x.order_id = o.id AND x.is_proactive AND {} AND {}").format(
        _WAS_CONTACTED, _by_others(terms)
    )


def _sent_again(terms: Terms) -> Composable:
    """Whatever becomes of the repeat, the buyer may have had the message: the claim counts that as a contact too."""
    return SQL(
        "FROM campaigns_messageevent e JOIN campaigns_message x ON x.id = e.message_id"
        " WHERE {} AND x.order_id = o.id AND x.is_proactive AND {}"
    ).format(SQL(SENT_AGAIN), _by_others(terms))


def _contacted_facts(terms: Terms) -> Mapping[str, Composable]:
    return {
        "contacted_at": SQL("(SELECT max(coalesce(x.sent_at, x.updated_at)) {})").format(_contacted(terms)),
        "contacted_by": SQL("(SELECT c.name {} LIMIT 1)").format(
            SQL(
                "FROM campaigns_message x JOIN campaigns_campaign c ON c.id = x.campaign_id"
                " WHERE x.order_id = o.id AND x.is_proactive AND {} AND {}"
            ).format(_WAS_CONTACTED, _by_others(terms))
        ),
    }


def _contacted_unmet(seen: Seen) -> str:
    if seen["contacted_at"] is None:
        return (
            "Nobody learnt whether an earlier message about the order went out, and it was sent again: the buyer may have "
            "had it, and Amazon permits no second."
        )
    who = f"the campaign “{seen['contacted_by']}”" if seen["contacted_by"] else "a message written by hand"
    return (
        f"The order had its one proactive message from {who} on {seen.when(seen['contacted_at'])}; "
        "Amazon permits no second."
    )


def _wanted_first(terms: Terms) -> Composable:
    return SQL(
        "FROM campaigns_message x WHERE x.order_id = o.id AND x.is_proactive"
        " AND x.state IN ('planned', 'held') AND x.campaign_id = ANY ({})"
    ).format(terms.rivals)


def _wanted_facts(terms: Terms) -> Mapping[str, Composable]:
    return {"wanted_by": SQL("(SELECT min(x.campaign_id) {})").format(_wanted_first(terms))}


def _wanted_unmet(seen: Seen) -> str:
    names = {peer.id: peer.name for peer in seen.terms.goes_after}
    return (
        f"The campaign “{names.get(seen['wanted_by'], 'another')}” goes first and already has this "
        "order planned."
    )


def _another_order(terms: Terms) -> Composable:
    """This buyer was, or will be, written to about another order so shortly before. Of two planned ones
    the earlier goes.
    """
    return SQL("""FROM orders_order p JOIN campaigns_message x ON x.order_id = p.id
        WHERE o.buyer_key <> '' AND p.buyer_key = o.buyer_key AND p.id <> o.id AND x.is_proactive
          AND CASE WHEN x.state IN {contacted} THEN coalesce(x.sent_at, x.on_wire_at,
              x.due_at) > o.due_at - {days}
                   WHEN x.state IN ('planned', 'held') THEN (x.due_at, p.id) < (o.due_at,
                       o.id) AND x.due_at > o.due_at - {days}
                   ELSE false END""").format(
        contacted=_CONTACTED,
        days=SQL("interval '{} hours'").format(Literal((terms.filters.repeat_buyer_days or 0) * 24)),
    )


def _repeat_facts(terms: Terms) -> Mapping[str, Composable]:
    return {"other_order": SQL("(SELECT min(p.amazon_order_id) {})").format(_another_order(terms))}


def _repeat_unmet(seen: Seen) -> str:
    return (
        f"The same buyer is written to about order {seen['other_order']} within "
        f"{seen.terms.filters.repeat_buyer_days} days, "
        "and the campaign does not write again so soon."
    )


def _repeat_met(seen: Seen) -> str:
    if not seen["buyer_key"]:
        return "Amazon does not tell who the buyer is, so the buyer counts as new."
    return (
        "The buyer was not written to about another order within "
        f"{seen.terms.filters.repeat_buyer_days} days."
    )


EARLY = (
    Condition(
        "already_contacted",
        lambda terms: SQL("NOT (EXISTS (SELECT {}) OR EXISTS (SELECT {}))").format(
            _contacted(terms), _sent_again(terms)
        ),
        says("The order has had no other proactive message."),
        _contacted_unmet,
        applies=lambda terms: terms.is_proactive,
        facts=_contacted_facts,
    ),
    Condition(
        "higher_priority",
        lambda terms: SQL("NOT EXISTS (SELECT {})").format(_wanted_first(terms)),
        says("No campaign that goes first wants the order."),
        _wanted_unmet,
        reason="Another campaign goes first and has the order.",
        remedy="Raise this campaign's priority if it should go first.",
        kind=Kind.SETTING,
        applies=lambda terms: terms.is_proactive and bool(terms.goes_after),
        facts=_wanted_facts,
    ),
)

LATE = (
    Condition(
        "repeat_buyer",
        lambda terms: SQL("NOT EXISTS (SELECT {})").format(_another_order(terms)),
        _repeat_met,
        _repeat_unmet,
        reason="The same buyer was written to shortly before.",
        remedy="Shorten the pause for repeat buyers in the campaign's filters.",
        kind=Kind.SETTING,
        applies=lambda terms: terms.filters.repeat_buyer_days is not None,
        facts=_repeat_facts,
    ),
)
