"""All that decides about a message, read at one moment in one statement. The gate reads it for a batch,
the fence again for one.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from django.db import connection

from campaigns.domain.states import CONTACTED
from campaigns.services.moves import MAY_HAVE_GONE


@dataclass(frozen=True, slots=True)
class Facts:
    """One message, its order and its campaign. Campaign and version facts are empty where the message has
    none.
    """

    message_id: int
    message_public_id: uuid.UUID
    channel: str
    purpose: str
    message_type: str
    is_proactive: bool
    attempts: int
    due_at: datetime
    expires_at: datetime
    #: It may have gone out before: its outcome was never learnt, and a person had it sent again.
    may_have_gone: bool
    subject: str = field(repr=False)
    body: str = field(repr=False)
    body_format: str
    language: str

    order_id: int
    amazon_order_id: str
    connection_id: int | None
    marketplace_id: str
    order_status: str
    fulfilment: str
    is_replacement: bool
    is_cancelled: bool
    is_refunded: bool
    is_returned: bool
    relay_address_sealed: str = field(repr=False)

    campaign_id: int | None
    campaign_public_id: uuid.UUID | None
    campaign_state: str
    #: The campaign was edited, and this message still stands as it was planned before.
    is_plan_outdated: bool
    trigger: str
    when_no_language: str
    on_amazon_de: str
    window_days: list[int]
    window_from: time
    window_until: time
    window_clock: str

    version_id: int | None
    version_public_id: uuid.UUID | None
    version_state: str
    approved_version_id: int | None

    #: Where the suppression of the order or its buyer came from; "" for none.
    suppressed_by: str
    is_contacted_otherwise: bool
    #: The database's clock.
    now: datetime

    @property
    def is_by_hand(self) -> bool:
        return self.campaign_id is None


# In the order of the fields above.
_COLUMNS = f"""
    m.id, m.public_id, m.channel, m.purpose, m.message_type, m.is_proactive, m.attempts, m.due_at, m.expires_at,
    (SELECT {MAY_HAVE_GONE} FROM campaigns_message x WHERE x.id = m.id),
    m.subject, m.body, m.body_format, m.language,
    o.id, o.amazon_order_id, o.connection_id, o.marketplace_id, o.status, o.fulfilment, o.is_replacement,
    (o.status = 'CANCELLED' OR o.cancelled_at IS NOT NULL), o.refunded_at IS NOT NULL, o.returned_at IS NOT NULL,
    o.relay_address_sealed,
    c.id, c.public_id, coalesce(c.state, ''), coalesce(c.planned_revision < c.revision, false),
    coalesce(c.trigger, ''), coalesce(c.when_no_language, ''), coalesce(c.on_amazon_de, ''),
    coalesce(c.window_days, '{{1,2,3,4,5,6,7}}'), coalesce(c.window_from, '00:00'), coalesce(c.window_until, '23:59:59.999999'),
    coalesce(c.window_clock, ''),
    v.id, v.public_id, coalesce(v.state, ''), t.approved_id,
    coalesce((SELECT s.source FROM campaigns_suppression s
              WHERE (s.kind = 'order' AND s.value = o.amazon_order_id)
                 OR (s.kind = 'buyer' AND o.buyer_key <> '' AND s.value = o.buyer_key)
              ORDER BY s.source = 'opt_out' DESC LIMIT 1), ''),
    EXISTS (SELECT FROM campaigns_message x WHERE x.order_id = m.order_id AND x.id <> m.id AND x.is_proactive
            AND (x.state = ANY(%(contacted)s) OR x.reason = 'asked_elsewhere' OR {MAY_HAVE_GONE})),
    clock_timestamp()
"""  # noqa: S608
_FROM = """
FROM campaigns_message m
JOIN orders_order o ON o.id = m.order_id
LEFT JOIN campaigns_campaign c ON c.id = m.campaign_id
LEFT JOIN campaigns_templateversion v ON v.id = m.version_id
LEFT JOIN campaigns_template t ON t.id = c.template_id
"""
_READ = f"SELECT {_COLUMNS} {_FROM} WHERE m.id = ANY(%(ids)s) ORDER BY m.priority DESC, m.due_at, m.id"
_LOCK = f"""SELECT {_COLUMNS} {_FROM}
WHERE m.id = %(id)s AND m.state = 'claimed' AND m.claim_token = %(token)s AND m.leased_until > clock_timestamp()
FOR UPDATE OF m"""
_CONTACTED = sorted(CONTACTED)


def read(message_ids: Collection[int]) -> list[Facts]:
    """Facts of these messages, most urgent first."""
    return _facts(_READ, {"ids": list(message_ids), "contacted": _CONTACTED})


def lock_claimed(message_id: int, token: uuid.UUID) -> Facts | None:
    """Facts of a message we still hold, its row locked until the transaction ends; None where the lease
    ran out or is another's.
    """
    found = _facts(_LOCK, {"id": message_id, "token": token, "contacted": _CONTACTED})
    return found[0] if found else None


def _facts(sql: str, params: dict[str, Any]) -> list[Facts]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Facts(*row) for row in cursor.fetchall()]
