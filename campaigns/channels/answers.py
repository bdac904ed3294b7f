"""Amazon's judged errors in a channel's words. After a call that sends, every outcome but `unknown` means:
nothing was sent.
"""

from datetime import timedelta

from amazon import tokens
from amazon.errors import AmazonError, Outcome
from amazon.operations import OPERATIONS
from campaigns.channels.base import ChannelAnswer, Held, OutcomeUnknown, Refused, TryLater

SOON, DAILY = timedelta(minutes=2), timedelta(days=1)
#: Somebody has to mend our set-up or our code first.
ONCE_MENDED = timedelta(minutes=30)


def understood(error: AmazonError) -> ChannelAnswer:
    """What an answer means for one message. The connection's health is noted elsewhere, from the same error."""
    words, reference = error.message or error.sentence, error.request_id
    match error.outcome:
        case Outcome.UNKNOWN:
            return OutcomeUnknown(words, reference)
        case Outcome.NOT_NOW:
            return _not_now(error)
        case Outcome.ALREADY_DONE:
            return Refused("asked_elsewhere", words, reference)
        case Outcome.NOT_OFFERED:
            return TryLater(DAILY, "not_offered", words, reference)
        case Outcome.RECONNECT:
            return Held("connection_needs_reauthorisation", words, reference)
        case Outcome.NEEDS_ROLE:
            return Held("role_missing", words, reference)
        case Outcome.OUR_FAULT:
            return _our_fault(error)
        case _:
            return TryLater(error.retry_after or SOON, "amazon_busy", words, reference, stops_channel=True)


def _not_now(error: AmazonError) -> TryLater:
    after = error.retry_after or SOON
    if after >= timedelta(hours=12):
        return TryLater(after, "window_not_open", error.message, error.request_id)
    return TryLater(after, "amazon_pace", error.message, error.request_id, is_pace=True)


def _our_fault(error: AmazonError) -> ChannelAnswer:
    """Only the call that sends speaks of the message. Our credentials, or a question asked before it, end
    nobody's message.
    """
    words = error.message or error.sentence
    known = OPERATIONS.get(error.operation)
    if known and known.sends:
        return Refused("amazon_refused", words, error.request_id)
    # The token server and a gateway that does not know us would say the same to every message; one order or file may be odd.
    is_about_us = error.operation == tokens.OPERATION or (known is not None and error.status in {401, 403})
    return TryLater(ONCE_MENDED, "amazon_denies_us", words, error.request_id, stops_channel=is_about_us)
