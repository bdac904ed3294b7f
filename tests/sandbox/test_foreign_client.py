"""A client by another author, on another HTTP stack, works against the sandbox as it does against Amazon.

It adds parameters nobody asked for, which shows that the sandbox is as lenient as Amazon.
"""

from __future__ import annotations

import gzip

import httpx
import pytest
from sp_api.api import (
    CatalogItems,
    Messaging,
    Notifications,
    Orders,
    Reports,
    Sellers,
    Solicitations,
)
from sp_api.auth.access_token_client import AccessTokenClient
from sp_api.auth.exceptions import AuthorizationError
from sp_api.base import Marketplaces, SellingApiForbiddenException, SellingApiRequestThrottledException

from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET, US

from .conftest import Account

CREDENTIALS = {"lwa_app_id": CLIENT_ID, "lwa_client_secret": CLIENT_SECRET}


class ToSandbox(httpx.BaseTransport):
    """Sends what is meant for Amazon to the sandbox, the Host header unchanged."""

    def __init__(self, base: str) -> None:
        self.base, self.inner = httpx.URL(base), httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        place = {"scheme": self.base.scheme, "host": self.base.host, "port": self.base.port}
        request.url = request.url.copy_with(**place)
        return self.inner.handle_request(request)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def client(account: Account):
    opened: list[httpx.Client] = []

    def transport(seen) -> None:
        seen._transport._client.close()
        seen._transport._client = httpx.Client(transport=ToSandbox(account.box.http))
        opened.append(seen._transport._client)

    class TokenClient(AccessTokenClient):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            transport(self)

    def make(api, **more):
        made = api(marketplace=Marketplaces.US, refresh_token=account.refresh_token, credentials=CREDENTIALS,
                   auth_token_client_class=TokenClient, **more)  # fmt: skip
        transport(made)
        return made

    yield make
    for connection in opened:
        connection.close()


def test_orders(client, account):
    order = account.order(fulfilled_by="MERCHANT", delivered_at="2026-11-18T12:00:00Z")
    api = client(Orders, version="2026-01-01")
    found = api.search_orders(
        lastUpdatedAfter="2026-11-01T00:00:00Z", includedData=["FULFILLMENT", "PACKAGES"], marketplaceIds=[US]
    )
    assert [o["orderId"] for o in found.payload["orders"]] == [order["order_id"]]
    assert found.payload["orders"][0]["packages"][0]["packageStatus"]["status"] == "DELIVERED"
    assert api.get_order(order["order_id"]).payload["order"]["orderId"] == order["order_id"]


def test_old_orders(client, account):
    order = account.order(delivered_at="2026-11-18T12:00:00Z")
    found = client(Orders).get_orders(LastUpdatedAfter="2026-11-01T00:00:00Z", MarketplaceIds=[US])
    assert [o["AmazonOrderId"] for o in found.payload["Orders"]] == [order["order_id"]]
    assert client(Orders).get_order_items(order["order_id"]).payload["OrderItems"]


def test_solicitations(client, account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z")
    api = client(Solicitations)
    asked = api.get_solicitation_actions_for_order(order["order_id"], marketplaceIds=[US])
    assert asked.payload["_links"]["actions"][0]["name"] == "productReviewAndSellerFeedback"
    ask = api.create_product_review_and_seller_feedback_solicitation
    ask(order["order_id"], marketplaceIds=[US])
    with pytest.raises(SellingApiForbiddenException, match="not available"):
        ask(order["order_id"], marketplaceIds=[US])


def test_messages(client, account):
    order = account.order(fulfilled_by="MERCHANT")
    api = client(Messaging)
    offered = api.get_messaging_actions_for_order(order["order_id"], marketplaceIds=[US]).payload["_links"][
        "actions"
    ]
    assert "confirmOrderDetails" in {action["name"] for action in offered}


def test_sellers_and_catalogue(client, account):
    places = client(Sellers).get_marketplace_participation().payload
    assert places[0]["marketplace"]["id"] == US
    found = client(CatalogItems, version="2022-04-01").search_catalog_items(
        keywords="Halden", includedData=["summaries"]
    )
    assert "items" in found.payload


def test_reports(client, account):
    account.order(delivered_at="2026-11-19T12:00:00Z")
    api = client(Reports)
    kind = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
    made = api.create_report(reportType=kind, dataStartTime="2026-11-15T00:00:00Z", marketplaceIds=[US])
    account.box.advance(5)
    report = api.get_report(made.payload["reportId"]).payload
    assert report["processingStatus"] == "DONE"
    document = api.get_report_document(report["reportDocumentId"]).payload
    assert b"amazon-order-id" in gzip.decompress(account.box.client.get(document["url"]).content)


def test_notifications(client, account):
    made = client(Notifications).create_destination(
        name="foreign", arn=f"arn:aws:sqs:us-east-1:123456789012:{account.seller}"
    )
    assert made.payload["destinationId"]


def test_refusals_arrive_as_what_they_are(client, account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z")
    account.box.fault("throttle", seller=account.seller, count=1)
    with pytest.raises(SellingApiRequestThrottledException):
        client(Solicitations).get_solicitation_actions_for_order(order["order_id"], marketplaceIds=[US])


def test_revoked_authorisation_arrives_as_what_it_is(client, account):
    account.box.revoke(account.seller)
    with pytest.raises(AuthorizationError) as caught:
        client(Sellers).get_marketplace_participation()
    assert caught.value.error_code == "invalid_grant"
