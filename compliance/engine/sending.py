"""What is known of one message about to leave: the facts that the rules about when, to whom and how it goes read."""

import dataclasses
from datetime import datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Sending:
    """Facts at the moment of sending, given by whoever sends. Times are aware UTC. None or "" means that it is not
    known, and then no rule speaks of it.

    `channel` is `solicitation`, `relay_email` or `messaging`. `order_status` is Amazon's word (`SHIPPED`,
    `CANCELLED`). `requests_before` and `proactive_before` count what this order already had, whichever way it went;
    `asked_buyer_at` is when the same buyer last had a proactive message about another order. `sent_today` and
    `daily_limit` are the selling account's. `leaves_as` is the body as the sending service puts it on the wire.
    """

    at: datetime | None = None
    channel: str = ""
    order_status: str = ""
    purchased_at: datetime | None = None
    delivered_at: datetime | None = None
    promised_earliest_at: datetime | None = None
    promised_latest_at: datetime | None = None
    is_replacement: bool | None = None
    is_refunded: bool | None = None
    is_returned: bool | None = None
    has_open_return: bool | None = None
    is_offered_by_amazon: bool | None = None
    requests_before: int | None = None
    proactive_before: int | None = None
    recipient: str = dataclasses.field(default="", repr=False)
    is_recipient_of_order: bool | None = None
    is_recipient_staff: bool | None = None
    is_opted_out: bool | None = None
    asked_buyer_at: datetime | None = None
    sender: str = dataclasses.field(default="", repr=False)
    is_sender_approved: bool | None = None
    is_mail_signed: bool | None = None
    is_account_restricted: bool | None = None
    sent_today: int | None = None
    daily_limit: int | None = None
    leaves_as: str = dataclasses.field(default="", repr=False)
