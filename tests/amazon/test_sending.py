"""Solicitations, messages and the files that go with them."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest

from amazon import messaging, solicitations, uploads
from amazon.errors import AmazonError, Outcome
from amazon.messaging import Attachment, Coverage, InvalidMessage
from amazon.operations import OPERATIONS
from amazon.settings import UnsafeAddress

from .conftest import Reply, refusal

ORDER, US = "111-1111111-1111111", "ATVPDKIKX0DER"
SOLICITATIONS = f"/solicitations/v1/orders/{ORDER}"
MESSAGING = f"/messaging/v1/orders/{ORDER}"
FILE = Attachment("dest-1", "invoice.pdf")


def hal(*names):
    return Reply(200, {"_links": {"actions": [{"name": name, "href": f"/x/{name}?y=1"} for name in names]}})


def test_an_offered_review_request_is_seen(seller, stub):
    stub.on(SOLICITATIONS, hal("productReviewAndSellerFeedback"))
    assert solicitations.actions(seller, ORDER, US)
    assert stub.calls(SOLICITATIONS)[0].query == {"marketplaceIds": [US]}


@pytest.mark.parametrize(
    "body", [{"_links": {"actions": []}}, {"_links": {}}, {}, {"_links": {"actions": [{"name": "other"}]}}]
)
def test_no_action_means_not_offered_now(seller, stub, body):
    stub.on(SOLICITATIONS, Reply(200, body))
    assert not solicitations.actions(seller, ORDER, US)


def test_an_action_without_a_name_is_known_by_its_address():
    link = {"href": f"{SOLICITATIONS}/solicitations/productReviewAndSellerFeedback?marketplaceIds={US}"}
    assert solicitations.offered({"_links": {"actions": [link]}}) == {"productReviewAndSellerFeedback"}


def test_a_second_request_is_known_as_done(seller, stub):
    gone = refusal(403, "Unauthorized", "The requested solicitation is not available for this amazonOrderId.")
    stub.on(f"{SOLICITATIONS}/solicitations/productReviewAndSellerFeedback", Reply(201, {}), gone)
    solicitations.request_review(seller, ORDER, US)
    with pytest.raises(AmazonError) as caught:
        solicitations.request_review(seller, ORDER, US)
    assert caught.value.outcome is Outcome.ALREADY_DONE


# -- messages

VALID = {
    "confirmCustomizationDetails": {"text": "Which colour?", "attachments": [FILE]},
    "confirmDeliveryDetails": {"text": "When are you in?"},
    "confirmOrderDetails": {"text": "Left or right?"},
    "confirmServiceDetails": {"text": "At nine?"},
    "unexpectedProblem": {"text": "It is late."},
    "digitalAccessKey": {"text": "KEY-1"},
    "warranty": {
        "attachments": [FILE],
        "coverage": Coverage(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    },
    "legalDisclosure": {"attachments": [FILE] * 5},
    "invoice": {"attachments": [FILE]},
}


def test_every_message_type_has_its_operation():
    assert {kind.operation for kind in messaging.TYPES.values()} == {
        name for name, operation in OPERATIONS.items() if operation.sends and operation.api == "MessagingApi"
    }
    assert VALID.keys() == messaging.TYPES.keys()


@pytest.mark.parametrize("kind", VALID)
def test_every_message_type_goes_to_its_own_address(seller, stub, kind):
    path = f"{MESSAGING}/messages/{kind}"
    stub.on(path, Reply(201, {}))
    assert messaging.send(seller, kind, ORDER, US, **VALID[kind]).status == 201
    body = stub.calls(path)[0].json()
    assert body.get("text") == VALID[kind].get("text")
    assert len(body.get("attachments", [])) == len(VALID[kind].get("attachments", []))
    assert stub.calls(path)[0].query == {"marketplaceIds": [US]}


def test_a_warranty_names_its_dates_and_files(seller, stub):
    messaging.send(seller, "warranty", ORDER, US, **VALID["warranty"])
    assert stub.requests[-1].json() == {
        "attachments": [{"uploadDestinationId": "dest-1", "fileName": "invoice.pdf"}],
        "coverageStartDate": "2026-01-01T00:00:00Z",
        "coverageEndDate": "2027-01-01T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        ("negativeFeedbackRemoval", {}, "type"),
        ("confirmOrderDetails", {"text": ""}, "text"),
        ("confirmOrderDetails", {"text": "x" * 2001}, "text"),
        ("digitalAccessKey", {"text": "x" * 401}, "text"),
        ("confirmCustomizationDetails", {"text": "x" * 801}, "text"),
        ("confirmCustomizationDetails", {"text": "x", "attachments": [FILE] * 6}, "attachments"),
        ("confirmOrderDetails", {"text": "x", "attachments": [FILE]}, "attachments"),
        ("invoice", {"attachments": []}, "attachments"),
        ("invoice", {"text": "hello", "attachments": [FILE]}, "text"),
        ("invoice", {"attachments": [FILE], "coverage": VALID["warranty"]["coverage"]}, "coverage"),
    ],
)
def test_a_message_that_does_not_fit_its_type_never_leaves(seller, stub, kind, more, field):
    with pytest.raises(InvalidMessage) as caught:
        messaging.send(seller, kind, ORDER, US, **more)
    assert caught.value.field == field
    assert not stub.requests


def test_texts_of_exactly_the_limit_fit():
    assert messaging.check("confirmOrderDetails", "x" * 2000).name == "confirmOrderDetails"


def test_only_types_we_can_send_are_offered(seller, stub):
    stub.on(MESSAGING, hal("invoice", "amazonMotors", "negativeFeedbackRemoval", "unexpectedProblem"))
    assert messaging.actions(seller, ORDER, US) == {"invoice", "unexpectedProblem"}


@pytest.mark.parametrize(
    ("body", "tag"), [({"buyer": {"locale": "en-GB"}}, "en-GB"), ({"buyer": {}}, None), ({}, None)]
)
def test_the_buyers_language_may_be_unknown(seller, stub, body, tag):
    stub.on(f"{MESSAGING}/attributes", Reply(200, body))
    assert messaging.locale(seller, ORDER, US) == tag


def test_a_type_not_offered_is_said_so(seller, stub):
    stub.on(
        f"{MESSAGING}/messages/invoice",
        refusal(403, "Unauthorized", "Invalid amazonOrderId and template combination."),
    )
    with pytest.raises(AmazonError) as caught:
        messaging.send(seller, "invoice", ORDER, US, attachments=[FILE])
    assert caught.value.outcome is Outcome.NOT_OFFERED


# -- files

RESOURCE = f"/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{ORDER}/messages/invoice"


def destination(stub, url=None):
    headers = {"Content-Type": "application/pdf", "x-amz-server-side-encryption": "AES256"}
    facts = {"uploadDestinationId": "dest-9", "url": url or f"{stub.url}/bucket/file", "headers": headers}
    stub.on(RESOURCE, Reply(201, {"payload": facts}))


def test_a_file_is_put_where_amazon_says_with_the_headers_it_says(seller, stub):
    destination(stub)
    found = uploads.upload(seller, "invoice", ORDER, US, "invoice.pdf", b"%PDF", "application/pdf")
    assert found == Attachment("dest-9", "invoice.pdf")
    asked, put = stub.calls(RESOURCE)[0], stub.calls("/bucket/file")[0]
    assert asked.query["contentMD5"] == [base64.b64encode(hashlib.md5(b"%PDF").digest()).decode()]
    assert (put.method, put.body, put.headers["x-amz-server-side-encryption"]) == ("PUT", b"%PDF", "AES256")
    assert "x-amz-access-token" not in put.headers


@pytest.mark.parametrize(
    ("status", "outcome"), [(403, "retry"), (404, "retry"), (503, "retry"), (400, "our_fault")]
)
def test_a_refused_file_says_whether_asking_anew_helps(seller, stub, status, outcome):
    destination(stub)
    stub.on("/bucket/file", Reply(status, b"<Error/>"))
    with pytest.raises(AmazonError) as caught:
        uploads.upload(seller, "invoice", ORDER, US, "a.pdf", b"x", "application/pdf")
    assert caught.value.outcome == outcome


@pytest.mark.parametrize("content", [b"", b"x" * (uploads.MAX_BYTES + 1)], ids=["empty", "too big"])
def test_files_amazon_would_not_take_never_leave(seller, stub, content):
    with pytest.raises(ValueError, match=r"a\.pdf"):
        uploads.upload(seller, "invoice", ORDER, US, "a.pdf", content, "application/pdf")
    assert not stub.requests


def test_a_file_does_not_travel_in_the_clear(seller, stub):
    destination(stub, "http://elsewhere.example/bucket")
    with pytest.raises(UnsafeAddress):
        uploads.upload(seller, "invoice", ORDER, US, "a.pdf", b"x", "application/pdf")


def test_an_answer_without_an_address_is_asked_again(seller, stub):
    stub.on(RESOURCE, Reply(201, {"payload": {}}))
    with pytest.raises(AmazonError, match="uploadDestinationId"):
        uploads.upload(seller, "invoice", ORDER, US, "a.pdf", b"x", "application/pdf")
