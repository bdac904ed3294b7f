"""Orders 2026-01-01: windows, pages, what is shown and what Amazon keeps to itself."""

from __future__ import annotations

import pytest

from tests.support.sandbox import US

from .conftest import Account, open_account

PATH = "/orders/2026-01-01/orders"
EVERYTHING = "FULFILLMENT,PACKAGES,CANCELLATION,PROCEEDS,PROMOTION,BUYER,RECIPIENT"


@pytest.fixture
def busy(box) -> Account:
    return open_account(box, orders=250)


def ids(page):
    return [order["orderId"] for order in page["orders"]]


def every_page(account, **params):
    page = account.search(**params)
    pages = [page]
    while "pagination" in page:
        page = account.search(**params, paginationToken=page["pagination"]["nextToken"])
        pages.append(page)
    return pages


def test_pages_bring_every_order_once_in_stable_order(busy):
    pages = every_page(busy, maxResultsPerPage=40)
    found = [order for page in pages for order in ids(page)]
    assert len(found) == len(set(found))
    updates = [order["lastUpdatedTime"] for page in pages for order in page["orders"]]
    assert updates == sorted(updates)
    assert set(found) == {
        order["order_id"]
        for order in busy.box.orders(selling_partner_id=busy.seller, limit=1000)
        if order["updated_at"] <= pages[0]["lastUpdatedBefore"]
    }


def test_answer_is_complete_up_to_two_minutes_ago(account):
    fresh = account.order(created_at="2026-11-20T11:59:00Z")
    page = account.search()
    assert page["lastUpdatedBefore"] == "2026-11-20T11:58:00Z"
    assert fresh["order_id"] not in ids(page)
    account.box.advance(120)
    assert fresh["order_id"] in ids(account.search())


def test_changed_order_leaves_the_old_window_and_comes_with_the_next(account):
    order = account.order(fulfilled_by="MERCHANT", created_at="2026-11-18T12:00:00Z")
    cursor = account.search()["lastUpdatedBefore"]
    account.box.change_order(order["order_id"], happen="ship")
    account.box.advance(180)
    page = account.search(lastUpdatedAfter=cursor, includedData="FULFILLMENT")
    assert ids(page) == [order["order_id"]]
    assert page["orders"][0]["fulfillment"]["fulfillmentStatus"] == "SHIPPED"


def test_new_orders_appear_after_the_lag(account):
    account.box.settings(orders_lag=600)
    order = account.order(created_at="2026-11-20T11:55:00Z")
    assert ids(account.search()) == []
    account.box.advance(600)
    assert ids(account.search()) == [order["order_id"]]


@pytest.mark.parametrize(
    "change",
    [
        {"maxResultsPerPage": "50"},
        {"marketplaceIds": US},
        {"includedData": "PACKAGES"},
        {"lastUpdatedAfter": "2026-01-02T00:00:00Z"},
    ],
)
def test_page_token_dies_when_another_parameter_changes(busy, change):
    query = {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": "40"}
    token = busy.get(PATH, **query).json()["pagination"]["nextToken"]
    response = busy.get(PATH, **{**query, **change}, paginationToken=token)
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "InvalidInput"


def test_page_token_lives_for_a_day(busy):
    token = busy.search(maxResultsPerPage=40)["pagination"]["nextToken"]
    query = {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": "40", "paginationToken": token}
    busy.box.advance(hours=23)
    busy.renew()
    assert busy.get(PATH, **query).status_code == 200
    busy.box.advance(hours=2)
    busy.renew()
    assert busy.get(PATH, **query).status_code == 400


def test_another_sellers_page_token_is_refused(box, busy):
    other = open_account(box, orders=1)
    query = {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": "40"}
    token = busy.get(PATH, **query).json()["pagination"]["nextToken"]
    assert other.get(PATH, **query, paginationToken=token).status_code == 400


def test_repeated_page_token_brings_the_first_page_again(busy):
    first = busy.search(maxResultsPerPage=40)
    busy.box.fault("repeated_page_token", seller=busy.seller, count=1)
    again = busy.search(maxResultsPerPage=40, paginationToken=first["pagination"]["nextToken"])
    assert ids(again) == ids(first)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"createdAfter": "2026-01-01T00:00:00Z", "lastUpdatedAfter": "2026-01-01T00:00:00Z"},
        {"createdAfter": "2026-01-01T00:00:00Z", "lastUpdatedBefore": "2026-02-01T00:00:00Z"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "lastUpdatedBefore": "2026-11-20T11:59:30Z"},
        {"lastUpdatedAfter": "yesterday"},
        {"createdAfter": "TEST_CASE_400"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": "101"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "fulfillmentStatuses": "LOST"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "includedData": "SECRETS"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "marketplaceIds": "NOPE"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00Z", "paginationToken": "garbage"},
    ],
)
def test_bad_question_is_invalid_input(account, query):
    response = account.get(PATH, **query)
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "InvalidInput"


def test_unknown_query_parameters_are_ignored(account):
    order = account.order(created_at="2026-11-18T12:00:00Z")
    assert ids(account.search(MarketplaceId=US, marketplace_ids=US, whatever="1")) == [order["order_id"]]


def test_filters_narrow_by_status_fulfilment_and_marketplace(account):
    sent = account.order(fulfilled_by="AMAZON", shipped_at="2026-11-18T12:00:00Z")["order_id"]
    open_ = account.order(fulfilled_by="MERCHANT", created_at="2026-11-18T12:00:00Z")["order_id"]
    assert ids(account.search(fulfillmentStatuses="SHIPPED,CANCELLED")) == [sent]
    assert ids(account.search(fulfilledBy="MERCHANT")) == [open_]
    assert set(ids(account.search(marketplaceIds=US))) == {sent, open_}


def test_created_window_answers_with_created_before(account):
    order = account.order(created_at="2026-11-10T12:00:00Z", delivered_at="2026-11-14T12:00:00Z")
    page = account.get(PATH, createdAfter="2026-11-10T00:00:00Z", createdBefore="2026-11-11T00:00:00Z").json()
    assert ids(page) == [order["order_id"]]
    assert page["createdBefore"] == "2026-11-11T00:00:00Z"
    assert "lastUpdatedBefore" not in page


def test_data_that_was_not_asked_for_is_left_out(account):
    account.order(fulfilled_by="MERCHANT", delivered_at="2026-11-18T12:00:00Z")
    (order,) = account.search()["orders"]
    assert not {"fulfillment", "packages", "proceeds", "buyer", "recipient"} & set(order)
    (whole,) = account.search(includedData=EVERYTHING)["orders"]
    assert {"fulfillment", "packages", "proceeds", "buyer", "recipient"} <= set(whole)


def test_order_amazon_fulfils_tells_no_delivery_no_package_and_no_buyer(account):
    account.order(fulfilled_by="AMAZON", delivered_at="2026-11-18T12:00:00Z")
    (order,) = account.search(includedData=EVERYTHING)["orders"]
    assert not {"packages", "buyer", "recipient"} & set(order)
    assert "deliverByWindow" not in order["fulfillment"]


def test_merchants_order_shows_promise_and_package_status_but_no_delivery_time(account):
    account.order(fulfilled_by="MERCHANT", delivered_at="2026-11-18T12:34:56Z")
    (order,) = account.search(includedData=EVERYTHING)["orders"]
    assert order["fulfillment"]["deliverByWindow"]
    assert order["packages"][0]["packageStatus"]["status"] == "DELIVERED"
    assert "2026-11-18T12:34:56Z" not in str(order["packages"])


def test_personal_data_carries_the_bait_and_is_marked_in_the_ledger(account):
    account.order(fulfilled_by="MERCHANT", delivered_at="2026-11-18T12:00:00Z")
    (order,) = account.search(includedData="BUYER,RECIPIENT")["orders"]
    assert "PIIBAIT" in order["buyer"]["buyerName"]
    assert "PIIBAIT" in order["recipient"]["deliveryAddress"]["name"]
    assert order["buyer"]["buyerEmail"].endswith("@marketplace.amazon.com")
    assert account.box.summary()["pii_requests"] == 1


def test_pending_order_shows_neither_buyer_nor_price(account):
    account.order(fulfilled_by="MERCHANT", status="PENDING", created_at="2026-11-18T12:00:00Z")
    (order,) = account.search(includedData=EVERYTHING)["orders"]
    assert not {"buyer", "recipient", "proceeds"} & set(order)
    assert "price" not in order["orderItems"][0]["product"]


@pytest.mark.parametrize(("setting", "status"), [("omit", 200), ("deny", 403)])
def test_without_the_restricted_role_buyers_are_left_out_or_refused(box, setting, status):
    client = f"plain-{setting}"
    box.add_app(client_id=client, application_id=f"amzn1.sp.solution.{client}", roles=["Buyer Solicitation"])
    account = open_account(box)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": box.grant(account.seller, client),
        "client_id": client,
        "client_secret": "amzn1.oa2-cs.v1.permitted-demo",
    }
    account.token = box.client.post(f"{box.http}/auth/o2/token", data=form).json()["access_token"]
    account.order(fulfilled_by="MERCHANT", delivered_at="2026-11-18T12:00:00Z")
    box.settings(pii_without_role=setting)
    response = account.get(PATH, lastUpdatedAfter="2026-01-01T00:00:00Z", includedData="BUYER")
    assert response.status_code == status
    assert "PIIBAIT" not in response.text


def test_get_order_brings_one_and_another_sellers_is_not_found(box, account):
    other = open_account(box)
    order = account.order(created_at="2026-11-18T12:00:00Z")
    found = account.get(f"{PATH}/{order['order_id']}", includedData="FULFILLMENT").json()["order"]
    assert found["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    for response in (other.get(f"{PATH}/{order['order_id']}"), account.get(f"{PATH}/111-0000000-0000000")):
        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "NotFound"


def test_orders_older_than_two_years_are_gone(account):
    account.order(created_at="2024-11-01T12:00:00Z")
    assert ids(account.search(lastUpdatedAfter="2024-01-01T00:00:00Z")) == []


def test_cancelled_and_replacement_orders_say_so(account):
    first = account.order(created_at="2026-11-10T12:00:00Z", status="CANCELLED", cancelled_by="BUYER")
    account.order(created_at="2026-11-11T12:00:00Z", replaces=first["order_id"])
    cancelled, replacement = account.search(includedData="CANCELLATION,FULFILLMENT")["orders"]
    execution = cancelled["orderItems"][0]["cancellation"]["cancellationExecution"]
    assert (cancelled["fulfillment"]["fulfillmentStatus"], execution["cancelledBy"]) == ("CANCELLED", "BUYER")
    assert replacement["associatedOrders"] == [
        {"orderId": first["order_id"], "associationType": "REPLACEMENT_ORIGINAL_ID"}
    ]


def test_old_api_answers_the_same_orders_until_it_ends(account):
    order = account.order(fulfilled_by="AMAZON", delivered_at="2026-11-18T12:00:00Z")
    old = account.get("/orders/v0/orders", MarketplaceIds=US, LastUpdatedAfter="2026-11-01T00:00:00Z")
    (found,) = old.json()["payload"]["Orders"]
    assert (found["AmazonOrderId"], found["OrderStatus"], found["FulfillmentChannel"]) == (
        order["order_id"],
        "Shipped",
        "AFN",
    )
    assert "EarliestDeliveryDate" not in found
    account.box.settings(v0_ends_at="2026-11-20T00:00:00Z")
    assert account.get(f"/orders/v0/orders/{order['order_id']}").status_code == 404


def test_old_api_gives_personal_data_for_a_restricted_token_only(account):
    order = account.order(fulfilled_by="MERCHANT", delivered_at="2026-11-18T12:00:00Z")
    path = f"/orders/v0/orders/{order['order_id']}/buyerInfo"
    assert "PIIBAIT" not in account.get(path).text
    wanted = {"restrictedResources": [{"method": "GET", "path": path, "dataElements": ["buyerInfo"]}]}
    answer = account.post("/tokens/2021-03-01/restrictedDataToken", json=wanted).json()
    assert answer["restrictedDataToken"].startswith("Atz.sprdt|")
    account.token = answer["restrictedDataToken"]
    assert "PIIBAIT" in account.get(path).text
