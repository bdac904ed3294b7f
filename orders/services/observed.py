"""Writing what reports say onto orders that are there: one set-based UPDATE a batch."""

from collections.abc import Iterable

import orjson
from django.db import connection, transaction
from django.utils import timezone

from accounts import due
from accounts.tenancy import current_seller
from orders.reporting import Fact, merged
from orders.services.upsert import CHANGED, take_turn

# First sightings stay; of two estimated arrivals (two parcels, or a second thought) the later one counts,
# because writing too late is better than writing before the parcel is there. A shipping date from a report is
# exact, ours was a first sighting.
_STATEMENT = """
WITH told AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS told (
        amazon_order_id text, shipped_at timestamptz, estimated_arrival_at timestamptz,
        returned_at timestamptz, refunded_at timestamptz, feedback_at timestamptz, feedback_rating smallint)
), wanted AS (
    SELECT known.id,
        coalesce(told.shipped_at, known.shipped_at) AS shipped_at,
        greatest(known.estimated_arrival_at, told.estimated_arrival_at) AS estimated_arrival_at,
        coalesce(known.returned_at, told.returned_at) AS returned_at,
        coalesce(known.refunded_at, told.refunded_at) AS refunded_at,
        coalesce(known.feedback_at, told.feedback_at) AS feedback_at,
        coalesce(told.feedback_rating, known.feedback_rating) AS feedback_rating
    FROM told JOIN orders_order AS known USING (amazon_order_id)
)
UPDATE orders_order AS known SET
    shipped_at = wanted.shipped_at, estimated_arrival_at = wanted.estimated_arrival_at,
    returned_at = wanted.returned_at, refunded_at = wanted.refunded_at, feedback_at = wanted.feedback_at,
    feedback_rating = wanted.feedback_rating, changed_xact = pg_current_xact_id()::text::bigint
FROM wanted WHERE wanted.id = known.id AND
    (known.shipped_at, known.estimated_arrival_at, known.returned_at, known.refunded_at, known.feedback_at,
     known.feedback_rating) IS DISTINCT FROM
    (wanted.shipped_at, wanted.estimated_arrival_at, wanted.returned_at, wanted.refunded_at,
     wanted.feedback_at, wanted.feedback_rating)
"""


def apply_facts(facts: Iterable[Fact]) -> int:
    """The number of orders that changed. Orders we do not know are passed over: they are not ours to make up. May run twice."""
    told = merged(facts)
    if not told:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            take_turn(cursor)
            cursor.execute(_STATEMENT, [orjson.dumps(told).decode()])
            changed = int(cursor.rowcount)
        if changed:
            due.lower(current_seller().pk, CHANGED, timezone.now())
    return changed
