"""Where there is a queue, Amazon is asked for hints; where there is none, nothing is missed."""

from typing import Any

import pytest

from accounts.models import Connection
from orders.services import subscriptions, sync
from tests.orders.conftest import NOW
from tests.support.sandbox import SandboxControl

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"


def asked(box: SandboxControl, link: Connection) -> list[str]:
    names = [call["operation"] for call in box.ledger(limit=500)]
    return [name for name in names if name in {"createDestination", "createSubscription"}]


@pytest.mark.parametrize(
    ("url", "arn"),
    [
        (QUEUE, "arn:aws:sqs:eu-west-1:123456789012:orders"),
        ("http://127.0.0.1:5000/123456789012/q", "arn:aws:sqs:us-east-1:123456789012:q"),
    ],
)
def test_queue_is_named_by_its_address(settings: Any, url: str, arn: str) -> None:
    settings.AMAZON_SQS_QUEUE_URL = url
    assert subscriptions.queue_arn() == arn


def test_first_complete_sync_asks_for_hints_once(
    settings: Any, link: Connection, box: SandboxControl
) -> None:
    settings.AMAZON_SQS_QUEUE_URL = QUEUE
    sync.sync_connection(link.pk, NOW)
    assert asked(box, link).count("createSubscription") == 1
    sync.sync_connection(link.pk, NOW)
    assert asked(box, link).count("createSubscription") == 1


def test_subscribing_twice_is_no_error(settings: Any, link: Connection, box: SandboxControl) -> None:
    settings.AMAZON_SQS_QUEUE_URL = QUEUE
    assert subscriptions.subscribe(link)
    assert subscriptions.subscribe(link)


def test_without_a_queue_amazon_is_not_asked(settings: Any, link: Connection, box: SandboxControl) -> None:
    settings.AMAZON_SQS_QUEUE_URL = ""
    assert sync.sync_connection(link.pk, NOW).is_complete
    assert asked(box, link) == []


def test_refused_subscription_does_not_stop_the_reading(
    settings: Any, link: Connection, box: SandboxControl
) -> None:
    settings.AMAZON_SQS_QUEUE_URL = QUEUE
    box.fault("denied", seller=link.selling_partner_id, operation="createSubscription", count=1)
    result = sync.sync_connection(link.pk, NOW)
    link.refresh_from_db()
    assert (result.is_complete, link.health) == (True, "healthy")
