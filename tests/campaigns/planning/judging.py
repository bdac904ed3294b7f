"""What the planner thinks of orders one by one, without planning them."""

from collections.abc import Iterable
from datetime import datetime

from psycopg.sql import SQL, Literal

from campaigns.domain.conditions import query
from campaigns.models import Campaign
from campaigns.services import terms as read
from campaigns.services.plan import fetch


def first_unmet(campaign: Campaign, order_ids: Iterable[int], now: datetime) -> dict[int, str | None]:
    """By order the code of the first condition it does not meet now, or None; asked as the forecast asks."""
    [(_, terms)] = read.of_campaigns([campaign], now)
    among = SQL("o.id = ANY ({}::bigint[])").format(Literal(list(order_ids)))
    return dict(fetch(SQL("SELECT order_id, unmet FROM ({}) j").format(query.all_judged(terms, among))))
