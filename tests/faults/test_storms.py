"""What the other side does wrong: storms, HTML, lost answers, revoked tokens, and a relay that cuts at every stage."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Connection
from campaigns.models import Message
from tests.faults.world import World

POST = "createProductReviewAndSellerFeedbackSolicitation"
GET = "getSolicitationActionsForOrder"


def _only(world: World, channel: str = "solicitation") -> Message:
    [message] = world.due(channel, 1)
    return message


def _after_one_try(world: World, message: Message) -> Message:
    world.dispatch(seconds=3)
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("kind", ["internal_failure", "html_503", "reset", "truncated", "throttle"])
@pytest.mark.parametrize("operation", [GET, POST])
def test_a_storm_passes_and_everything_goes_once(world: World, kind: str, operation: str) -> None:
    world.due("solicitation", 5)
    world.box.fault(kind, operation=operation, count=3)
    for _ in range(4):
        world.dispatch(seconds=4)
        world.make_all_due()
    doubts = Message.objects.filter(state="uncertain").count()
    if operation == GET or kind in {"throttle", "truncated"}:
        assert doubts == 0  # nothing was asked for, or Amazon said so itself
    world.assert_kept_its_promise(kills=3)
    assert not Message.objects.filter(state="claimed").exists()


def test_a_lost_answer_is_a_doubt_that_amazons_list_settles(world: World) -> None:
    message = _only(world)
    world.box.fault("lost_answer", operation=POST, count=1, seconds=0.2)
    assert _after_one_try(world, message).state == "uncertain"
    for _ in range(2):  # gone once proves nothing; gone again six hours later does
        detail = dict(message.reason_detail)
        if "gone_at" in detail:
            detail["gone_at"] = (timezone.now() - timedelta(hours=7)).isoformat()
        Message.objects.update(due_at=timezone.now() - timedelta(seconds=1), reason_detail=detail)
        world.workers.sweep(world.seller.pk)
        message.refresh_from_db()
    assert message.state == "sent"
    world.assert_kept_its_promise()


def test_an_empty_list_is_asked_again_the_next_day(world: World) -> None:
    message = _only(world)
    world.box.fault("empty_actions", operation=GET, count=1)
    assert _after_one_try(world, message).reason_detail["waits_for"] == "not_offered"
    assert message.due_at > timezone.now() + timedelta(hours=23)
    world.finish()
    assert Message.objects.get().state == "sent"


def test_a_request_made_in_seller_central_is_never_repeated(world: World) -> None:
    message = _only(world)
    Message.objects.filter(pk=message.pk).update(state="refused", reason="amazon_refused")
    again = _only(world)
    token = world.box.access_token(world.box.grant(world.connection.selling_partner_id))
    path = (
        f"/solicitations/v1/orders/{again.order.amazon_order_id}/solicitations/productReviewAndSellerFeedback"
    )
    url = f"{world.box.http}{path}?marketplaceIds={again.order.marketplace_id}"
    assert world.box.client.post(url, headers={"x-amz-access-token": token}).status_code == 201
    assert _after_one_try(world, again).state in {"planned", "refused"}
    assert world.taken()[again.order.amazon_order_id] == 1


def test_a_revoked_seller_stops_and_says_so(world: World) -> None:
    world.due("solicitation", 3)
    world.box.revoke(world.connection.selling_partner_id)
    world.dispatch(seconds=3)
    world.dispatch(seconds=3)
    connection = Connection.objects.get(pk=world.connection.pk)
    assert connection.health == "needs_reauthorisation"
    assert set(Message.objects.values_list("state", "reason")) == {
        ("held", "connection_needs_reauthorisation")
    }
    assert world.taken() == {}


CUTS = [
    ("disconnect", "connect", "planned"),
    ("disconnect", "mail", "planned"),
    ("disconnect", "rcpt", "planned"),
    ("disconnect", "data", "planned"),
    ("disconnect", "after_354", "planned"),
    ("disconnect", "body", "uncertain"),
]


@pytest.mark.parametrize(("kind", "stage", "state"), CUTS)
def test_a_relay_that_hangs_up(world: World, kind: str, stage: str, state: str) -> None:
    """Before the final dot nothing is delivered, after it nobody knows. (A stale connection is tried twice, so twice the cut.)"""
    message = _only(world, "relay_email")
    world.box.fault(kind, stage=stage, count=2)
    assert _after_one_try(world, message).state in {state, "uncertain" if stage == "after_354" else state}
    assert world.taken() == {}
    world.box.clear_faults()
    world.finish()
    world.assert_kept_its_promise(kills=1)


def test_a_relay_that_took_it_and_then_hung_up(world: World) -> None:
    message = _only(world, "relay_email")
    world.box.fault("disconnect", stage="body", kept=True, count=1)
    assert _after_one_try(world, message).state == "uncertain"
    world.finish()
    world.assert_kept_its_promise(kills=1)


REPLIES = [
    (421, "mail", "planned"),
    (450, "rcpt", "planned"),
    (550, "rcpt", "refused"),
    (550, "mail", "held"),
    (451, "data", "planned"),
    (554, "data", "refused"),
    (451, "body", "planned"),
    (552, "body", "refused"),
]


@pytest.mark.parametrize(("code", "stage", "state"), REPLIES)
def test_a_relay_that_says_no(world: World, code: int, stage: str, state: str) -> None:
    message = _only(world, "relay_email")
    world.box.fault("reply", stage=stage, code=code, count=1)
    assert _after_one_try(world, message).state == state
    assert world.taken() == {}


def test_a_slow_relay_is_waited_for(world: World) -> None:
    message = _only(world, "relay_email")
    world.box.fault("slow", stage="body", seconds=0.8, count=1)
    assert _after_one_try(world, message).state == "sent"


def test_an_opt_out_notice_is_kept(world: World) -> None:
    from accounts.tenancy import seller_context
    from campaigns.models import Suppression
    from campaigns.services import bounces

    message = _only(world, "relay_email")
    world.box.opt_out(message.order.amazon_order_id)
    assert _after_one_try(world, message).state == "sent"
    [notice] = world.box.bounces()
    with seller_context(world.seller):
        assert bounces.apply(bounces.read_notice(notice["raw"].encode())) == 1
    message.refresh_from_db()
    assert (message.state, message.reason) == ("refused", "opted_out")
    assert Suppression.objects.filter(value=message.order.amazon_order_id, source="opt_out").exists()
