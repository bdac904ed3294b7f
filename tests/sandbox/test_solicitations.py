"""Amazon's own review request: when it is offered, what is refused and in which words."""

from __future__ import annotations

import pytest

from tests.support.sandbox import DE, US

from .conftest import Account

OUTSIDE = (
    "You can't use this feature to request a review outside the 5-30 day range after the order delivery date."
)
NOT_AVAILABLE = "The requested solicitation is not available for this amazonOrderId."
KIND = "productReviewAndSellerFeedback"


def offered(account: Account, order, marketplace: str = US):
    response = account.get(f"/solicitations/v1/orders/{order['order_id']}", marketplaceIds=marketplace)
    assert response.status_code == 200, response.text
    return [action["name"] for action in response.json()["_links"]["actions"]]


def ask(account: Account, order, marketplace: str = US):
    return account.post(
        f"/solicitations/v1/orders/{order['order_id']}/solicitations/{KIND}", marketplaceIds=marketplace
    )


def refusal(account: Account, order, marketplace: str = US):
    response = ask(account, order, marketplace)
    assert response.status_code == 403
    (error,) = response.json()["errors"]
    assert error["code"] == "Unauthorized"
    return error["message"]


def test_offer_is_hal_with_links_and_embedded_actions(account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z")
    response = account.get(f"/solicitations/v1/orders/{order['order_id']}", marketplaceIds=US)
    assert response.headers["content-type"] == "application/hal+json"
    body, here = response.json(), f"/solicitations/v1/orders/{order['order_id']}"
    action = {"href": f"{here}/solicitations/{KIND}?marketplaceIds={US}", "name": KIND}
    assert body["_links"] == {"actions": [action], "self": {"href": f"{here}?marketplaceIds={US}"}}
    assert set(body["_embedded"]["actions"][0]["_links"]) == {"schema", "self"}


@pytest.mark.parametrize(
    ("delivered_at", "open_"),
    [
        ("2026-11-15T12:00:30Z", False),
        ("2026-11-15T11:59:00Z", True),
        ("2026-10-21T12:01:00Z", True),
        ("2026-10-21T11:59:00Z", False),
    ],
)
def test_window_is_five_to_thirty_days_after_the_true_delivery(account, delivered_at, open_):
    order = account.order(delivered_at=delivered_at)
    assert offered(account, order) == ([KIND] if open_ else [])
    if open_:
        assert ask(account, order).status_code == 201
    else:
        assert refusal(account, order) == OUTSIDE


def test_promised_dates_decide_when_set_so(account):
    order = account.order(
        fulfilled_by="MERCHANT",
        delivered_at="2026-11-18T12:00:00Z",
        deliver_from="2026-11-12T00:00:00Z",
        deliver_by="2026-11-16T00:00:00Z",
    )
    assert offered(account, order) == []
    account.box.settings(window="docs")
    assert offered(account, order) == [KIND]


def test_request_is_accepted_once(account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z")
    response = ask(account, order)
    assert (response.status_code, response.json()) == (201, {})
    assert offered(account, order) == []
    assert refusal(account, order) == NOT_AVAILABLE
    summary = account.box.summary()
    assert (summary["sent"]["solicitation"], summary["duplicates"], summary["repeat_attempts"]) == (1, 0, 1)


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "CANCELLED", "delivered_at": None},
        {"refunded_at": "2026-11-12T12:00:00Z"},
        {"opted_out": True},
        {"status": "UNSHIPPED", "delivered_at": None},
    ],
)
def test_cancelled_refunded_opted_out_or_unshipped_order_is_not_available(account, facts):
    order = account.order(**{"delivered_at": "2026-11-10T12:00:00Z", **facts})
    assert offered(account, order) == []
    assert refusal(account, order) == NOT_AVAILABLE


def test_partly_refunded_order_may_be_asked(account):
    order = account.order(
        delivered_at="2026-11-10T12:00:00Z", refunded_at="2026-11-12T12:00:00Z", refunded_share=0.3
    )
    assert offered(account, order) == [KIND]


def test_other_marketplace_is_not_offered(account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z")
    assert offered(account, order, DE) == []
    assert refusal(account, order, DE) == NOT_AVAILABLE


def test_missing_marketplace_is_named(account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z")
    for method in ("GET", "POST"):
        path = f"/solicitations/v1/orders/{order['order_id']}" + (
            f"/solicitations/{KIND}" if method == "POST" else ""
        )
        response = account.call(method, path)
        assert response.status_code == 400
        (error,) = response.json()["errors"]
        assert error["message"] == "Missing or invalid request parameters: [marketplaceIds]"


def test_action_list_may_be_empty_by_mistake_and_the_request_still_works(account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z")
    account.box.fault("empty_actions", seller=account.seller, count=1)
    assert offered(account, order) == []
    assert offered(account, order) == [KIND]
    account.box.fault("empty_actions", duration=3600)
    assert offered(account, order) == []
    assert ask(account, order).status_code == 201


def test_shipped_order_is_offered_when_its_delivery_is_five_days_old(account):
    order = account.order(shipped_at="2026-11-18T12:00:00Z")
    assert refusal(account, order) == OUTSIDE
    account.box.change_order(order["order_id"], happen="deliver", at="2026-11-19T12:00:00Z")
    account.box.advance(days=4.1)
    account.renew()
    assert offered(account, order) == [KIND]


def test_refused_early_request_is_counted_apart_from_what_was_sent(account):
    order = account.order(delivered_at="2026-11-19T12:00:00Z")
    ask(account, order)
    summary = account.box.summary()
    assert (
        summary["refused_outside_window"],
        summary["outside_window"],
        summary["sent"]["solicitation"],
    ) == (1, 0, 0)
