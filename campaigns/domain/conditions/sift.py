"""Which campaigns a changed order concerns at all: asked of its own columns, before anything dear is.

Each order's campaigns come as one array: a row for each campaign, of which most say no, would cost more than the asking.
"""

from collections.abc import Sequence
from functools import lru_cache

from psycopg.sql import SQL, Composable, Literal

from campaigns.domain import conditions
from campaigns.domain.statement import Hole, Statement
from campaigns.domain.terms import Terms

#: The name of `sifted` where a statement begins with it.
SIFTED = SQL("sifted")

_SIFTED = SQL("""
SELECT o.*, array_remove(ARRAY[{may}], NULL) AS ids FROM (
    SELECT o.*, ARRAY(SELECT m.campaign_id FROM campaigns_message m WHERE m.order_id = o.id AND m.campaign_id IS NOT NULL)
        AS has FROM orders_order o WHERE {scope} LIMIT {limit}) o
""")
_CANDIDATES = SQL("""
SELECT found.campaign_id, array_agg(o.id) FROM ({sifted}) o
CROSS JOIN LATERAL unnest(o.ids || NULL::bigint) AS found (campaign_id) GROUP BY found.campaign_id
""")


def sifted(terms: Sequence[Terms]) -> Composable:
    """A SELECT of the orders in `scope`, `limit` at most (holes), each with `ids`: the campaigns, first one first, whose
    `conditions.SIFTING` let it through or that have a message for it.
    """
    may = [
        SQL("CASE WHEN {} OR {id} = ANY (o.has) THEN {id}::bigint END").format(
            sifting(one), id=Literal(one.campaign_id)
        )
        for one in terms
    ]
    return _SIFTED.format(may=SQL(", ").join(may), scope=Hole("scope"), limit=Hole("limit"))


def candidates(terms: Sequence[Terms], scope: Composable, most: int) -> Composable:
    """A SELECT of (campaign id, order ids) by `sifted`, and (NULL, ids) of up to `most` + 1 orders in scope."""
    return _candidates(tuple(terms)).filled(scope=scope, limit=Literal(most + 1))


@lru_cache(maxsize=128)
def _candidates(terms: tuple[Terms, ...]) -> Statement:
    return Statement(_CANDIDATES.format(sifted=sifted(terms)))


def sifting(terms: Terms) -> Composable:
    asked = [condition.sql(terms) for condition in conditions.SIFTING if condition.applies(terms)]
    return SQL("({})").format(SQL(" AND ").join(asked)) if asked else SQL("true")
