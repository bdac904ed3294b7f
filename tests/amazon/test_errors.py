# ruff: noqa: E501  a row of the table is a line
"""Every answer Amazon is known to give, and what follows from it. Texts as developers saw them, read
2026-11-23.
"""

import json
import pickle
from datetime import timedelta

import pytest

from amazon.errors import AmazonError, Heard, LimiterUnavailable, Outcome, Throttled, classify, hear
from amazon.operations import OPERATIONS

SOLICIT = "createProductReviewAndSellerFeedbackSolicitation"
SEND = "createConfirmOrderDetails"
READ = "searchOrders"
DENIED = "Access to requested resource is denied."
REVOKED = "The access token you provided is revoked, malformed or invalid."
WINDOW = "You can{}t use this feature to request a review outside the 5-30 day range after the order delivery date."

ROWS = [
    (400, "InvalidInput", "Invalid Input", "", READ, "our_fault"),
    (400, "InvalidInput", "Missing or invalid request parameters: [marketplaceIds]", "", SOLICIT, "our_fault"),
    (400, "InvalidRequest", "Request is missing or has invalid parameters", "", "getReport", "our_fault"),
    (400, "InvalidInput", "Application does not have access to one or more requested data elements: [buyerInfo]", "", READ, "needs_role"),
    (400, "400", "Invalid input", "", "createReport", "our_fault"),
    (400, "BAD_REQUEST", "", "", READ, "our_fault"),
    (400, "MULTIPLE_TRACKING_IDS_NOT_ALLOWED", "", "", READ, "our_fault"),
    (403, "Unauthorized", DENIED, REVOKED, READ, "reconnect"),
    (403, "Unauthorized", DENIED, REVOKED, SOLICIT, "reconnect"),
    (403, "Unauthorized", DENIED, "The security token included in the request is expired token expired", READ, "reconnect"),
    (403, "Unauthorized", DENIED, "", READ, "needs_role"),
    (403, "Unauthorized", DENIED, "", SOLICIT, "needs_role"),
    (403, "AccessDeniedException", "", "", READ, "needs_role"),
    (403, "MissingAuthenticationToken", DENIED, "", READ, "our_fault"),
    (403, "Unauthorized", "The requested solicitation is not available for this amazonOrderId.", "", SOLICIT, "already_done"),
    (403, "Unauthorized", WINDOW.format("'"), "", SOLICIT, "not_now"),
    (403, "Unauthorized", WINDOW.format("\u2019"), "", SOLICIT, "not_now"),
    (403, "Unauthorized", WINDOW.format("\u00e2\u20ac\u2122"), "", SOLICIT, "not_now"),
    (403, "Unauthorized", "Invalid amazonOrderId and template combination.", "", SEND, "not_offered"),
    (404, "NotFound", "Resource not found.", "", "getOrder", "not_offered"),
    (404, "NotFound", "Resource not found.", "", "createReport", "our_fault"),
    (409, "Conflict", "Subscription already exists", "", "createSubscription", "already_done"),
    (413, "RequestTooLarge", "", "", SEND, "our_fault"),
    (415, "UnsupportedMediaType", "", "", SEND, "our_fault"),
    (429, "QuotaExceeded", "You exceeded your quota for the requested resource.", "", READ, "not_now"),
    (429, "QuotaExceeded", "You exceeded your quota for the requested resource.", "", SOLICIT, "not_now"),
    (500, "InternalFailure", "We encountered an internal error. Please try again.", "", READ, "retry"),
    (500, "InternalFailure", "We encountered an internal error. Please try again.", "", "createReport", "retry"),
    (500, "InternalFailure", "We encountered an internal error. Please try again.", "", SOLICIT, "unknown"),
    (503, "ServiceUnavailable", "", "", SEND, "unknown"),
    (408, "", "", "", SEND, "unknown"),
    (401, "Unauthorized", "", "", READ, "reconnect"),
    (301, "", "", "", READ, "our_fault"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code", "message", "details", "operation", "outcome"), ROWS)
def test_each_known_answer_has_one_meaning(status, code, message, details, operation, outcome):
    body = json.dumps({"errors": [{"code": code, "message": message, "details": details}]})
    error = classify(status, body, {"X-Amzn-RequestId": "r-1"}, operation)
    assert (error.outcome, error.status, error.code, error.message) == (outcome, status, code, message)
    assert error.request_id == "r-1"
    assert error.sentence.endswith(".")


HTML = b"<html><head><title>503</title></head><body>Service Unavailable</body></html>"


@pytest.mark.parametrize(
    "body",
    [HTML, b"", None, b"[]", b"{}", b'{"message": null}', b'{"errors": []}', b"\xff\xfe", b'"text"', b"17"],
)
@pytest.mark.parametrize(
    ("status", "read", "send"),
    [
        (503, "retry", "unknown"),
        (403, "retry", "retry"),
        (400, "our_fault", "our_fault"),
        (429, "not_now", "not_now"),
    ],
)
def test_the_status_decides_where_the_body_says_nothing(body, status, read, send):
    assert classify(status, body, {}, READ).outcome == read
    assert classify(status, body, {}, SOLICIT).outcome == send


SHAPES = [
    {"errors": [{"code": "A", "message": "b", "details": "c"}]},
    {"errors": {"errors": [{"code": "A", "message": "b", "details": "c"}]}},
    {"errors": {"code": "A", "message": "b", "details": "c"}},
    [{"code": "A", "message": "b", "details": "c"}],
    {"payload": None, "errors": [{"code": "A", "message": "b", "details": "c"}, {"code": "Z"}]},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_an_error_is_heard_in_every_shape_amazon_uses(shape):
    assert hear(json.dumps(shape)) == Heard("A", "b", "c")


def test_a_gateways_message_is_heard():
    assert hear(b'{"message": "Forbidden"}') == Heard("", "Forbidden", "")
    assert hear(b'{"error": "invalid_grant", "error_description": "why"}') == Heard(
        "invalid_grant", "why", ""
    )


def test_the_error_type_header_speaks_where_the_body_is_silent():
    assert (
        classify(403, b"", {"x-amzn-ErrorType": "AccessDeniedException:http://x/"}, READ).code
        == "AccessDeniedException"
    )


def test_too_early_or_too_late_is_asked_again_tomorrow():
    body = json.dumps({"errors": [{"code": "Unauthorized", "message": WINDOW.format("'")}]})
    assert classify(403, body, {}, SOLICIT).retry_after == timedelta(days=1)


def test_a_throttled_call_waits_for_one_token():
    error = classify(429, b"", {}, READ)
    assert isinstance(error, Throttled)
    assert error.retry_after == timedelta(seconds=1 / 0.0056)


def test_no_whole_answer_is_unknown_only_for_what_reaches_a_buyer():
    sends = {name for name in OPERATIONS if classify(0, None, None, name).outcome is Outcome.UNKNOWN}
    assert sends == {name for name, operation in OPERATIONS.items() if operation.sends}
    assert SOLICIT in sends
    assert "createReport" not in sends


def test_an_error_tells_people_and_support_what_they_need():
    error = classify(
        429,
        json.dumps({"errors": [{"code": "QuotaExceeded", "message": "Slow."}]}),
        {"x-amzn-requestid": "r-9"},
        READ,
    )
    assert (
        str(error) == "Amazon's rate limit is reached. (searchOrders; 429 QuotaExceeded Slow.; request r-9)"
    )


def test_only_the_token_server_disconnects_for_certain():
    assert AmazonError(Outcome.RECONNECT, code="invalid_grant").is_certain_disconnect
    assert not AmazonError(Outcome.RECONNECT, code="Unauthorized").is_certain_disconnect


@pytest.mark.parametrize(
    "error",
    [
        Throttled(retry_after=timedelta(seconds=3), operation="getOrder"),
        LimiterUnavailable(message="gone"),
        AmazonError(Outcome.UNKNOWN, status=503, code="X", request_id="r"),
    ],
)
def test_an_error_survives_the_way_between_processes(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert copy.__dict__ == error.__dict__
    assert str(copy) == str(error)
