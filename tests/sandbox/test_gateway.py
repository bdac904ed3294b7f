"""What every call meets: tokens, roles, regions, buckets, headers and the three kinds of refusal."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.support.sandbox import DE, US

from .conftest import Account, open_account

PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"
DENIED = {"code": "Unauthorized", "message": "Access to requested resource is denied.", "details": ""}


def only_error(response: httpx.Response) -> dict[str, str]:
    (error,) = response.json()["errors"]
    return error


@pytest.mark.parametrize(
    "path", ["/nowhere", "/orders/2026-01-01", "/orders/2026-01-01/orders/1/extra", "/sellers/v1"]
)
def test_unknown_path_is_a_missing_token(account: Account, path):
    response = account.get(path)
    assert response.status_code == 403
    assert only_error(response)["code"] == "MissingAuthenticationToken"


def test_call_without_token_is_a_missing_token(account: Account):
    response = account.box.client.get(account.box.http + PARTICIPATIONS)
    assert only_error(response)["code"] == "MissingAuthenticationToken"


def test_missing_role_is_refused_with_empty_details(box):
    box.add_app(
        client_id="roleless", application_id="amzn1.sp.solution.roleless", name="R", roles=["Pricing"]
    )
    form_secret = "amzn1.oa2-cs.v1.permitted-demo"
    account = open_account(box)
    token = box.grant(account.seller, "roleless")
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": "roleless",
        "client_secret": form_secret,
    }
    account.token = box.client.post(f"{box.http}/auth/o2/token", data=form).json()["access_token"]
    response = account.get(PARTICIPATIONS)
    assert (response.status_code, only_error(response)) == (403, DENIED)


def test_region_is_read_from_path_or_host_and_a_wrong_one_is_refused(box):
    account = open_account(box, region="eu")
    assert account.get("/eu" + PARTICIPATIONS).status_code == 200
    wrong = account.get("/na" + PARTICIPATIONS)
    assert (wrong.status_code, only_error(wrong)) == (403, DENIED)
    host = {"host": "sellingpartnerapi-na.amazon.com"}
    assert account.call("GET", PARTICIPATIONS, headers=host).status_code == 403


def test_bucket_empties_says_quota_exceeded_and_fills_with_the_clock(account: Account):
    box = account.box
    order = account.order(delivered_at="2026-11-10T12:00:00Z")
    path = f"/solicitations/v1/orders/{order['order_id']}"
    box.speed(0)
    codes = [account.get(path, marketplaceIds=US).status_code for _ in range(7)]
    assert codes == [200] * 5 + [429] * 2
    refused = account.get(path, marketplaceIds=US)
    assert only_error(refused)["code"] == "QuotaExceeded"
    assert only_error(refused)["message"] == "You exceeded your quota for the requested resource."
    box.advance(1)
    assert [account.get(path, marketplaceIds=US).status_code for _ in range(2)] == [200, 429]
    box.speed(1)


def test_buckets_belong_to_one_seller_each(box):
    first, second = open_account(box), open_account(box)
    box.speed(0)
    for _ in range(16):
        first.get(PARTICIPATIONS)
    assert first.get(PARTICIPATIONS).status_code == 429
    assert second.get(PARTICIPATIONS).status_code == 200
    box.speed(1)


def test_rate_header_comes_with_20x_400_and_404_only(account: Account):
    header = "x-amzn-ratelimit-limit"
    order = account.order(delivered_at="2026-11-19T12:00:00Z")
    path = f"/solicitations/v1/orders/{order['order_id']}"
    post = f"{path}/solicitations/productReviewAndSellerFeedback"
    answers = {
        200: account.get(path, marketplaceIds=US),
        400: account.get(path),
        403: account.post(post, marketplaceIds=US),
        404: account.get("/solicitations/v1/orders/000-0000000-0000000", marketplaceIds=US),
    }
    account.box.fault("throttle", seller=account.seller, count=1)
    answers[429] = account.get(path, marketplaceIds=US)
    account.box.fault("internal_failure", seller=account.seller, count=1)
    answers[500] = account.get(path, marketplaceIds=US)
    for status, response in answers.items():
        assert response.status_code == status
        assert response.headers["x-amzn-requestid"]
        assert response.headers.get(header) == ("1.0" if status in (200, 400, 404) else None)


def test_a_seller_may_get_a_higher_rate(account: Account):
    account.box.rate(50, 100, selling_partner_id=account.seller, operation="getMarketplaceParticipations")
    answers = [account.get(PARTICIPATIONS) for _ in range(40)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].headers["x-amzn-ratelimit-limit"] == "50.0"


def test_faults_strike_the_given_seller_and_operation_for_their_count(box):
    first, second = open_account(box), open_account(box)
    box.fault("internal_failure", seller=first.seller, operation="getMarketplaceParticipations", count=2)
    assert [first.get(PARTICIPATIONS).status_code for _ in range(3)] == [500, 500, 200]
    assert second.get(PARTICIPATIONS).status_code == 200


def test_internal_failure_and_html_bodies_look_like_amazons(account: Account):
    account.box.fault("internal_failure", count=1)
    assert only_error(account.get(PARTICIPATIONS)) == {
        "code": "InternalFailure",
        "message": "We encountered an internal error. Please try again.",
        "details": "",
    }
    account.box.fault("html_503", count=1)
    page = account.get(PARTICIPATIONS)
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html")
    assert page.text.startswith("<html>")


def test_reset_cuts_the_connection(account: Account):
    account.box.fault("reset", seller=account.seller, count=1)
    with pytest.raises(httpx.TransportError):
        account.get(PARTICIPATIONS)
    assert account.get(PARTICIPATIONS).status_code == 200


def test_truncated_answer_is_no_json(account: Account):
    account.box.fault("truncated", seller=account.seller, count=1)
    response = account.get(PARTICIPATIONS)
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_post_whose_answer_is_lost_was_accepted(account: Account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z")
    path = f"/solicitations/v1/orders/{order['order_id']}"
    account.box.fault("lost_answer", seller=account.seller, count=1, seconds=0.1)
    with pytest.raises(httpx.TransportError):
        account.post(f"{path}/solicitations/productReviewAndSellerFeedback", marketplaceIds=US)
    assert account.get(path, marketplaceIds=US).json()["_links"]["actions"] == []
    assert len(account.box.ledger("solicitations", seller=account.seller)) == 1


def test_fault_of_a_duration_ends_with_it(account: Account):
    account.box.fault("denied", duration=60)
    assert account.get(PARTICIPATIONS).status_code == 403
    account.box.advance(61)
    assert account.get(PARTICIPATIONS).status_code == 200


def test_one_included_value_may_fail_in_one_region(box):
    east, west = open_account(box, region="fe"), open_account(box, region="na")
    box.fault("bad_included_data", operation="searchOrders", region="fe", value="FULFILLMENT")
    query = {"lastUpdatedAfter": "2026-11-01T00:00:00Z", "includedData": "FULFILLMENT,PACKAGES"}
    broken = east.get("/orders/2026-01-01/orders", **query)
    assert (broken.status_code, only_error(broken)["code"]) == (400, "InvalidInput")
    assert east.get("/orders/2026-01-01/orders", **{**query, "includedData": "PACKAGES"}).status_code == 200
    assert west.get("/orders/2026-01-01/orders", **query).status_code == 200


@pytest.mark.parametrize(
    ("facts", "named"),
    [({"kind": "flood"}, "kind"), ({"kind": "reply"}, "stage"), ({"kind": "reset", "x": 1}, "x")],
)
def test_wrong_fault_is_refused_with_the_field_named(box, facts, named):
    response = box.client.post(f"{box.http}/__sandbox/faults", json=facts)
    assert response.status_code == 400
    assert named in response.json()["error"]


def test_every_call_is_in_the_ledger_with_seller_operation_parameters_and_status(account: Account):
    account.get(
        "/orders/2026-01-01/orders", lastUpdatedAfter="2026-11-01T00:00:00Z", marketplaceIds=f"{US},{DE}"
    )
    (call,) = account.box.ledger("calls", seller=account.seller, operation="searchOrders")
    assert (call["status"], call["region"]) == (200, "na")
    assert call["params"]["marketplaceIds"] == f"{US},{DE}"
