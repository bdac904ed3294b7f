"""Amazon's judged errors in a channel's words: what ends one message, and what only delays it."""

import pytest

from accounts.models import Connection
from amazon.errors import AmazonError, Outcome
from campaigns.channels.answers import understood
from campaigns.channels.base import Refused, TryLater
from campaigns.domain.states import State
from tests.campaigns.sending.helpers import Remembering, again, make_due, raising
from tests.campaigns.sending.test_dispatch import Dispatch

SENDING = "createProductReviewAndSellerFeedbackSolicitation"


def _our_fault(operation: str, status: int = 400, **facts: str) -> AmazonError:
    return AmazonError(Outcome.OUR_FAULT, status=status, operation=operation, **facts)


def test_a_call_that_sends_and_is_wrong_ends_its_message() -> None:
    answer = understood(_our_fault(SENDING))
    assert isinstance(answer, Refused)


@pytest.mark.parametrize(
    ("operation", "status", "is_about_us"),
    [
        ("token", 401, True),
        ("getSolicitationActionsForOrder", 403, True),
        ("getSolicitationActionsForOrder", 400, False),
        ("createUploadDestinationForResource", 400, False),
        ("upload", 403, False),
    ],
)
def test_what_goes_wrong_before_sending_ends_no_message(
    operation: str, status: int, is_about_us: bool
) -> None:
    answer = understood(_our_fault(operation, status))
    assert isinstance(answer, TryLater)
    assert answer.stops_channel == is_about_us


def test_a_rotated_secret_of_ours_ends_nobodys_message(
    account: Connection, channel: Remembering, dispatch: Dispatch
) -> None:
    message = make_due(account)
    channel.before = raising(_our_fault("token", 401, code="invalid_client"))
    dispatch()
    assert (again(message).state, message.reason_detail["waits_for"]) == (State.PLANNED, "amazon_denies_us")
