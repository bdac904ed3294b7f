"""Typed messages: offered by state, limited in length and files, each accepted once for an order."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.support.sandbox import DE, US

from .conftest import Account, open_account

SHIPPED = {"fulfilled_by": "MERCHANT", "shipped_at": "2026-11-18T12:00:00Z"}
DELIVERED = {"fulfilled_by": "MERCHANT", "delivered_at": "2026-11-18T12:00:00Z"}
OPEN = {"fulfilled_by": "MERCHANT", "created_at": "2026-11-19T12:00:00Z"}


def offered(account: Account, order):
    response = account.get(f"/messaging/v1/orders/{order['order_id']}", marketplaceIds=US)
    return {action["name"] for action in response.json()["_links"]["actions"]}


def send(account: Account, order, kind, **body):
    return account.post(
        f"/messaging/v1/orders/{order['order_id']}/messages/{kind}", json=body, marketplaceIds=US
    )


def upload(
    account: Account, order, kind="invoice", content=b"%PDF-1.4 one page", put=True, md5=None, marketplace=US
):
    digest = md5 or base64.b64encode(hashlib.md5(content).digest()).decode()
    path = f"/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{order['order_id']}/messages/{kind}"
    query = {"marketplaceIds": marketplace, "contentMD5": digest, "contentType": "application/pdf"}
    response = account.post(path, **query)
    assert response.status_code == 201, response.text
    place = response.json()["payload"]
    if put:
        answer = account.box.client.put(place["url"], content=content, headers=place["headers"])
        assert answer.status_code == (200 if md5 is None else 400), answer.text
    return {"uploadDestinationId": place["uploadDestinationId"], "fileName": "invoice.pdf"}


def test_offer_follows_the_state_of_the_order(account):
    assert "confirmOrderDetails" in offered(account, account.order(**OPEN))
    assert offered(account, account.order(**SHIPPED)) >= {
        "confirmDeliveryDetails",
        "unexpectedProblem",
        "invoice",
    }
    assert offered(account, account.order(**DELIVERED)) == {"warranty", "invoice", "legalDisclosure"}
    assert offered(account, account.order(**{**OPEN, "status": "CANCELLED"})) == set()
    assert offered(account, account.order(**{**DELIVERED, "delivered_at": "2026-10-10T12:00:00Z"})) == set()


def test_customisation_is_offered_for_custom_items_only(account):
    plain, custom = (
        account.order(**OPEN, items=[{"kind": ""}]),
        account.order(**OPEN, items=[{"kind": "custom"}]),
    )
    assert "confirmCustomizationDetails" not in offered(account, plain)
    assert "confirmCustomizationDetails" in offered(account, custom)


def test_orders_amazon_fulfils_are_often_offered_nothing(account):
    offers = [
        offered(account, account.order(delivered_at="2026-11-18T12:00:00Z", order_id=f"111-0000000-{n:07d}"))
        for n in range(5)
    ]
    assert set() in offers


def test_order_may_be_given_its_own_offer(account):
    order = account.order(delivered_at="2026-11-18T12:00:00Z", actions=["unexpectedProblem"])
    assert offered(account, order) == {"unexpectedProblem"}


def test_message_is_accepted_once_and_kept_with_its_words(account):
    order = account.order(**OPEN)
    response = send(account, order, "confirmOrderDetails", text="Which colour would you like?")
    assert (response.status_code, response.json()) == (201, {})
    assert response.headers["content-type"] == "application/hal+json"
    (kept,) = account.box.ledger("messages", seller=account.seller)
    assert (kept["kind"], kept["text"], kept["order_id"]) == (
        "confirmOrderDetails",
        "Which colour would you like?",
        order["order_id"],
    )
    again = send(account, order, "confirmOrderDetails", text="Which colour would you like?")
    assert again.status_code == 403
    assert again.json()["errors"][0]["message"] == "Invalid amazonOrderId and template combination."
    assert account.box.summary()["repeat_attempts"] == 1


def test_kind_that_is_not_offered_is_refused(account):
    response = send(account, account.order(**DELIVERED), "confirmOrderDetails", text="Hello")
    assert response.status_code == 403
    assert response.json()["errors"][0]["message"] == "Invalid amazonOrderId and template combination."


@pytest.mark.parametrize(
    ("kind", "longest"),
    [("confirmOrderDetails", 2000), ("confirmCustomizationDetails", 800), ("digitalAccessKey", 400)],
)
def test_text_has_its_limits(account, kind, longest):
    order = account.order(**OPEN, actions=[kind])
    for text in ("", "x" * (longest + 1), None, 7):
        assert send(account, order, kind, text=text).status_code == 400
    assert send(account, order, kind, text="x" * longest).status_code == 201


@pytest.mark.parametrize("text", ["Please <b>look</b>", "Write to me@shop.example"])
def test_html_and_addresses_are_refused(account, text):
    assert send(account, account.order(**OPEN), "confirmOrderDetails", text=text).status_code == 400


def test_invoice_carries_the_uploaded_file(account):
    order = account.order(**DELIVERED)
    file = upload(account, order)
    assert send(account, order, "invoice", attachments=[file]).status_code == 201
    (kept,) = account.box.ledger("messages", kind="invoice", seller=account.seller)
    assert kept["attachments"] == [file]


def test_invoice_needs_one_to_five_files_that_are_there(box, account):
    order, stranger = account.order(**DELIVERED), open_account(box)
    file = upload(account, order)
    theirs = upload(stranger, stranger.order(**DELIVERED))
    wrong = {
        "none": [],
        "six": [file] * 6,
        "unknown": [{"uploadDestinationId": "nope", "fileName": "a.pdf"}],
        "never put": [upload(account, order, put=False)],
        "another's": [theirs],
        "no name": [{"uploadDestinationId": "x"}],
        "other kind": [upload(account, order, kind="warranty")],
    }
    for case, attachments in wrong.items():
        account.box.advance(1)
        assert send(account, order, "invoice", attachments=attachments).status_code == 400, case


def test_file_that_does_not_match_its_md5_is_refused(account):
    other = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    order = account.order(**DELIVERED)
    file = upload(account, order, md5=other)
    assert send(account, order, "invoice", attachments=[file]).status_code == 400


def test_hex_md5_is_taken_too(account):
    order, content = account.order(**DELIVERED), b"%PDF-1.4"
    place = account.post(
        f"/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{order['order_id']}/messages/invoice",
        marketplaceIds=US,
        contentMD5=hashlib.md5(content).hexdigest(),
        contentType="application/pdf",
    ).json()["payload"]
    assert account.box.client.put(place["url"], content=content, headers=place["headers"]).status_code == 200


def test_upload_address_dies_after_fifteen_minutes(account):
    order, content = account.order(**DELIVERED), b"%PDF-1.4"
    place = account.post(
        f"/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{order['order_id']}/messages/invoice",
        marketplaceIds=US,
        contentMD5=hashlib.md5(content).hexdigest(),
        contentType="application/pdf",
    ).json()["payload"]
    account.box.advance(901)
    assert account.box.client.put(place["url"], content=content, headers=place["headers"]).status_code == 403


def test_attributes_give_the_buyers_locale(box):
    account = open_account(box, region="eu", marketplaces=[DE])
    order = account.order(**DELIVERED)
    response = account.get(f"/messaging/v1/orders/{order['order_id']}/attributes", marketplaceIds=DE)
    assert response.json() == {"buyer": {"locale": "de-DE"}}


def test_buyer_who_opted_out_is_offered_critical_kinds_only(account):
    order = account.order(**SHIPPED, opted_out=True)
    assert offered(account, order) == {"confirmDeliveryDetails", "unexpectedProblem", "legalDisclosure"}
