"""All that decides about a message, read at one moment in one statement. The gate reads it for a batch,
the fence again for one.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from accounts import entitlement, fuse
from accounts.models import Connection
from accounts.tenancy import current_seller
from amazon.regions import MARKETPLACES
from campaigns.domain.states import CONTACTED
from campaigns.domain.vocabulary import Channel
from campaigns.services import moves


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
    #: The campaign leaves out orders of which something was sent back, or refunded.
    leaves_out_returned: bool
    leaves_out_refunded: bool
    window_days: list[int]
    window_from: time
    window_until: time
    window_clock: str
    campaign_revision: int

    version_id: int | None
    version_public_id: uuid.UUID | None
    version_state: str
    limit_marketplaces: list[str]
    limit_volume: int | None
    limit_until: datetime | None
    #: Messages that went out under the version, as far as its ramp or its limit counts them.
    version_sends: int
    version_first_sent_at: datetime | None
    version_paused_until: datetime | None
    approved_version_id: int | None

    #: Where the suppression of the order or its buyer came from; "" for none.
    suppressed_by: str
    #: The transaction that last changed the order (orders/models.py).
    order_changed_xact: int
    is_contacted_otherwise: bool

    # What is around the seller's messages, and decides about all alike.
    timezone: str
    #: What accounts.entitlement judges by.
    entitled_by: entitlement.Basis
    is_armed: bool
    #: Amazon restricts the seller's free messaging.
    is_restricted: bool
    #: The day of the marketplace's calendar, and its ledger: None where nothing was counted yet.
    day: date
    day_allowed: int | None
    day_used: int
    #: The database's clock.
    now: datetime
    #: The connection as it is now; None: the order's is not this seller's.
    account: Connection | None = field(repr=False)

    @property
    def is_by_hand(self) -> bool:
        return self.campaign_id is None


#: What a statement returns of a message `m` for `look_around`.
MESSAGE = (
    "m.id, m.public_id, m.order_id, m.campaign_id, m.version_id, m.channel, m.purpose, m.message_type, m.is_proactive, "
    "m.attempts, m.due_at, m.expires_at, m.subject, m.body, m.body_format, m.language"
)


class Row(NamedTuple):
    """A message as MESSAGE names it."""

    id: int
    public_id: uuid.UUID
    order_id: int
    campaign_id: int | None
    version_id: int | None
    channel: str
    purpose: str
    message_type: str
    is_proactive: bool
    attempts: int
    due_at: datetime
    expires_at: datetime
    subject: str
    body: str
    body_format: str
    language: str


# One table each, by key: to plan such a question costs next to nothing, to plan their join costs more than all of them.
_ORDERS = """
SELECT o.id, o.amazon_order_id, o.connection_id, o.marketplace_id, o.status, o.fulfilment, o.is_replacement,
    o.status = 'CANCELLED' OR o.cancelled_at IS NOT NULL, o.refunded_at IS NOT NULL, o.returned_at IS NOT NULL,
    o.relay_address_sealed,
    coalesce((SELECT s.source FROM campaigns_suppression s
              WHERE (s.kind = 'order' AND s.value = o.amazon_order_id)
                 OR (s.kind = 'buyer' AND o.buyer_key <> '' AND s.value = o.buyer_key)
              ORDER BY s.source = 'opt_out' DESC LIMIT 1), ''),
    o.changed_xact
FROM orders_order o WHERE o.id = ANY(%(orders)s::bigint[])"""
_CAMPAIGNS = """
SELECT c.id, c.public_id, c.state, c.planned_revision < c.revision, c.trigger, c.when_no_language,
    c.on_amazon_de, coalesce(c.filters ->> 'returned' = 'exclude', false), coalesce(c.filters ->> 'refunded' = 'exclude', false),
    c.window_days, c.window_from, c.window_until, c.window_clock, c.revision, {approved}
FROM campaigns_campaign c WHERE c.id = ANY(%(campaigns)s::bigint[])"""
_APPROVED = "(SELECT t.approved_id FROM campaigns_template t WHERE t.id = c.template_id)"
_VERSIONS = (
    "SELECT v.id, v.public_id, v.state, v.limit_marketplaces, v.limit_volume, v.limit_until, v.sends, v.first_sent_at, "
    "v.paused_until FROM campaigns_templateversion v WHERE v.id = ANY(%(versions)s::bigint[])"
)
_CONTACTED = f"({', '.join(repr(state.value) for state in sorted(CONTACTED))})"
# Of every message about the order: does it count as the one proactive contact, and may it have gone before?
_CONTACTS = f"""
SELECT x.order_id, x.id, x.is_proactive AND (x.state IN {_CONTACTED} OR x.reason = 'asked_elsewhere'),
    {moves.may_have_gone("x")}, x.is_proactive
FROM campaigns_message x WHERE x.order_id = ANY(%(orders)s::bigint[])"""  # noqa: S608
_SELLER = f"""
SELECT seller.timezone, {fuse.IS_ARMED}, seller.restricted_at IS NOT NULL, clock_timestamp(), {entitlement.COLUMNS}
FROM public.accounts_seller seller {entitlement.JOIN} WHERE seller.id = %(seller)s"""  # noqa: S608
_ACCOUNTS = "SELECT {columns} FROM public.accounts_connection WHERE seller_id = %(seller)s"
# The calendars of all stores are within a day of UTC's.
_LEDGER = """
SELECT connection_id, day, allowed, used FROM campaigns_dayledger
WHERE day >= (statement_timestamp() AT TIME ZONE 'UTC')::date - 1
  AND connection_id = ANY(ARRAY(SELECT id FROM public.accounts_connection WHERE seller_id = %(seller)s))"""


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around some messages, by id."""

    orders: dict[int, tuple[Any, ...]]
    campaigns: dict[int, tuple[Any, ...]]
    versions: dict[int, tuple[Any, ...]]
    #: Of each order, the messages that count as its one proactive contact.
    contacts: dict[int, set[int]]
    may_have_gone: set[int]
    seller: tuple[Any, ...]
    accounts: dict[int, Connection]
    ledger: dict[tuple[int, date], tuple[int, int]]


def questions(*, has_words: bool) -> str:
    """SQL of all that is asked about messages; `answers` reads what it returns."""
    return _questions(has_words)


@cache
def _questions(has_words: bool) -> str:
    columns = ", ".join(str(field.column) for field in Connection._meta.concrete_fields)
    asked = [
        _ORDERS,
        _CAMPAIGNS.format(approved=_APPROVED if has_words else "NULL"),
        _CONTACTS,
        _SELLER,
        _ACCOUNTS.format(columns=columns),
        _LEDGER,
        *([_VERSIONS] if has_words else []),
    ]
    return ";\n".join(asked)


def parameters(seller_id: int, rows: Sequence[Row | Facts]) -> dict[str, Any]:
    """What `questions` takes, to ask about these."""
    return {
        "seller": seller_id,
        "deployment": settings.DEPLOYMENT_ID,
        "orders": _listed({row.order_id for row in rows}),
        "campaigns": _listed({row.campaign_id for row in rows if row.campaign_id}),
        "versions": _listed({row.version_id for row in rows if row.version_id}),
    }


def _listed(ids: Collection[int]) -> str:
    """As PostgreSQL writes an array: to bind a list of Python's costs ten times as much, twice a message."""
    return "{" + ",".join(map(str, ids)) + "}"


def answers(cursor: Any, rows: Sequence[Row], *, has_words: bool, is_counted: bool = False) -> list[Facts]:
    """Read, from the cursor's present result on, what `questions` returned: the facts of these messages in their order.

    `is_counted`: the ledger counts each message already; `day_used` is without it.
    """
    around = _read_answers(cursor, has_words)
    return [_facts(row, around, int(is_counted)) for row in rows]


def _read_answers(cursor: Any, has_words: bool) -> _Around:
    orders = {found[0]: found for found in cursor.fetchall()}
    campaigns = {found[0]: found for found in _next(cursor)}
    contacts: dict[int, set[int]] = {}
    may_have_gone = set()
    for order, message, is_contact, may_have, is_proactive in _next(cursor):
        if is_contact or (may_have and is_proactive):
            contacts.setdefault(order, set()).add(message)
        if may_have:
            may_have_gone.add(message)
    (seller,) = _next(cursor)
    accounts = [Connection.from_db(connection.alias, _account_fields(), found) for found in _next(cursor)]
    ledger = {(account, day): (allowed, used) for account, day, allowed, used in _next(cursor)}
    versions = {found[0]: found for found in _next(cursor)} if has_words else {}
    by_id = {account.pk: account for account in accounts}
    return _Around(orders, campaigns, versions, contacts, may_have_gone, seller, by_id, ledger)


def _next(cursor: Any) -> list[tuple[Any, ...]]:
    cursor.nextset()
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


_NO_CAMPAIGN = (
    None,
    None,
    "",
    False,
    "",
    "",
    "",
    False,
    False,
    [1, 2, 3, 4, 5, 6, 7],
    time.min,
    time.max,
    "",
    0,
    None,
)
_NO_VERSION: tuple[Any, ...] = (None, None, "", [], None, None, 0, None, None)


def _facts(row: Row, around: _Around, counted: int) -> Facts:
    order = around.orders[row.order_id]
    campaign = around.campaigns.get(row.campaign_id or 0, _NO_CAMPAIGN)
    version = around.versions.get(row.version_id or 0, _NO_VERSION)
    zone, is_armed, is_restricted, now, *entitled_by = around.seller
    account = around.accounts.get(order[2] or 0)
    day = _day(order[3], now)
    allowed, used = around.ledger.get((order[2] or 0, day), (None, 0))
    others = around.contacts.get(row.order_id, set()) - {row.id}
    values: list[Any] = [
        row.id, row.public_id, row.channel, row.purpose, row.message_type, row.is_proactive, row.attempts, row.due_at,
        row.expires_at, row.id in around.may_have_gone, row.subject, row.body, row.body_format, row.language,
        *order[:11],
        *campaign[:14],
        row.version_id, *version[1:], campaign[14],
        *order[11:], bool(others),
        zone, entitlement.Basis(*entitled_by), is_armed, is_restricted, day, allowed, used - counted, now, account,
    ]  # fmt: skip
    return Facts(*values)


def _day(marketplace_id: str, now: datetime) -> date:
    store = MARKETPLACES.get(marketplace_id)
    return now.astimezone(ZoneInfo(store.timezone if store else "UTC")).date()


@cache
def _account_fields() -> tuple[str, ...]:
    return tuple(field.attname for field in Connection._meta.concrete_fields)


def read(message_ids: Collection[int]) -> list[Facts]:
    """Facts of these messages of the entered seller, most urgent first."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"ids": list(message_ids)})
        rows = [Row(*found) for found in cursor.fetchall()]
        return look(cursor, current_seller().pk, rows)


def look(cursor: Any, seller_id: int, rows: Sequence[Row]) -> list[Facts]:
    """The facts of these messages, in one round trip."""
    if not rows:
        return []
    has_words = any(row.channel != Channel.SOLICITATION for row in rows)
    cursor.execute(questions(has_words=has_words), parameters(seller_id, rows))
    return answers(cursor, rows, has_words=has_words)


_READ = f"""SELECT {MESSAGE} FROM campaigns_message m
WHERE m.id = ANY(%(ids)s) ORDER BY m.priority DESC, m.due_at, m.id"""  # noqa: S608
