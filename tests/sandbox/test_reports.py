"""Reports: the queue, the five minutes, and the ways Amazon says there is nothing."""

from __future__ import annotations

import csv
import gzip
import io

import pytest

from tests.support.sandbox import US

from .conftest import Account, open_account

PATH = "/reports/2021-06-30"
SHIPMENTS = "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL"
FBA_RETURNS = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
FBM_RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
ALL_ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
MONTH = {"dataStartTime": "2026-10-21T00:00:00Z", "dataEndTime": "2026-11-20T00:00:00Z"}


def ask(account: Account, kind: str, **more) -> str:
    body = {"reportType": kind, "marketplaceIds": [US], **MONTH, **more}
    response = account.post(f"{PATH}/reports", json=body)
    assert response.status_code == 202, response.text
    return response.json()["reportId"]


def finished(account: Account, report: str) -> dict:
    account.box.advance(1)
    return account.get(f"{PATH}/reports/{report}").json()


def read(account: Account, report: dict) -> list[dict[str, str]]:
    document = account.get(f"{PATH}/documents/{report['reportDocumentId']}").json()
    assert document["compressionAlgorithm"] == "GZIP"
    text = gzip.decompress(account.box.client.get(document["url"]).content).decode()
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_report_goes_from_queue_over_progress_to_done(account):
    account.box.settings(report_delay=60.0)
    account.order(delivered_at="2026-11-10T12:00:00Z")
    report = ask(account, SHIPMENTS)
    seen = []
    for _ in range(3):
        seen.append(account.get(f"{PATH}/reports/{report}").json()["processingStatus"])
        account.box.advance(61)
    assert seen == ["IN_QUEUE", "IN_PROGRESS", "DONE"]


def test_shipments_report_estimates_the_arrival_of_amazons_parcels(account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z", estimated_at="2026-11-11T00:00:00Z")
    account.order(fulfilled_by="MERCHANT", delivered_at="2026-11-10T12:00:00Z")
    (row,) = read(account, finished(account, ask(account, SHIPMENTS)))
    assert row["amazon-order-id"] == order["order_id"]
    assert row["estimated-arrival-date"] == "2026-11-11T00:00:00+00:00"
    assert row["ship-postal-code"] == "PIIBAIT"


@pytest.mark.parametrize(
    ("kind", "by", "column"), [(FBA_RETURNS, "AMAZON", "order-id"), (FBM_RETURNS, "MERCHANT", "Order ID")]
)
def test_returns_report_lists_returns_of_its_fulfilment(account, kind, by, column):
    facts = {"delivered_at": "2026-11-05T12:00:00Z", "returned_at": "2026-11-09T12:00:00Z"}
    wanted = [
        account.order(fulfilled_by=who, **facts)["order_id"] for who in ("AMAZON", "MERCHANT") if who == by
    ]
    account.order(fulfilled_by="MERCHANT" if by == "AMAZON" else "AMAZON", **facts)
    rows = read(account, finished(account, ask(account, kind)))
    assert [row[column] for row in rows] == wanted


def test_feedback_and_all_orders_reports_have_lines(box):
    account = open_account(box, orders=200)
    feedback = read(account, finished(account, ask(account, FEEDBACK)))
    assert {"Date", "Rating", "Comments", "Your Response", "Order ID", "Rater Email"} == set(feedback[0])
    lines = read(account, finished(account, ask(account, ALL_ORDERS)))
    assert len({line["amazon-order-id"] for line in lines}) > 150


def test_no_data_ends_cancelled(account):
    report = finished(account, ask(account, FBA_RETURNS))
    assert report["processingStatus"] == "CANCELLED"
    assert "reportDocumentId" not in report


def test_same_report_too_soon_ends_cancelled_and_later_is_done(account):
    account.order(delivered_at="2026-11-10T12:00:00Z")
    states = [finished(account, ask(account, SHIPMENTS))["processingStatus"] for _ in range(2)]
    account.box.advance(1801)
    states.append(finished(account, ask(account, SHIPMENTS))["processingStatus"])
    assert states == ["DONE", "CANCELLED", "DONE"]


def test_another_period_is_another_report(account):
    account.order(delivered_at="2026-11-10T12:00:00Z")
    first = finished(account, ask(account, SHIPMENTS))
    second = finished(account, ask(account, SHIPMENTS, dataStartTime="2026-11-01T00:00:00Z"))
    assert (first["processingStatus"], second["processingStatus"]) == ("DONE", "DONE")


def test_more_than_a_month_of_shipments_is_fatal(account):
    report = ask(account, SHIPMENTS, dataStartTime="2026-09-01T00:00:00Z")
    assert finished(account, report)["processingStatus"] == "FATAL"


def test_address_of_a_document_dies_after_five_minutes(account):
    account.order(delivered_at="2026-11-10T12:00:00Z")
    report = finished(account, ask(account, SHIPMENTS))
    url = account.get(f"{PATH}/documents/{report['reportDocumentId']}").json()["url"]
    account.box.advance(301)
    assert account.box.client.get(url).status_code == 403


def test_columns_may_come_in_any_order_and_another_encoding(account):
    account.box.settings(shuffle_columns=True, report_encoding="windows-1252")
    account.order(delivered_at="2026-11-10T12:00:00Z", title="Café Lampe größer")
    report = finished(account, ask(account, SHIPMENTS))
    url = account.get(f"{PATH}/documents/{report['reportDocumentId']}").json()["url"]
    text = gzip.decompress(account.box.client.get(url).content).decode("windows-1252")
    (row,) = csv.DictReader(io.StringIO(text), delimiter="\t")
    assert row["product-name"] == "Café Lampe größer"


def test_listing_pages_by_a_token_that_comes_alone(account):
    for day in range(1, 6):
        ask(account, FEEDBACK, dataStartTime=f"2026-11-0{day}T00:00:00Z")
    page = account.get(f"{PATH}/reports", reportTypes=FEEDBACK, pageSize=3).json()
    assert len(page["reports"]) == 3
    mixed = account.get(f"{PATH}/reports", nextToken=page["nextToken"], pageSize=3)
    assert (mixed.status_code, mixed.json()["errors"][0]["code"]) == (400, "400")
    rest = account.get(f"{PATH}/reports", nextToken=page["nextToken"]).json()
    assert len(rest["reports"]) == 2
    assert "nextToken" not in rest


def test_another_sellers_report_is_not_found(box, account):
    account.order(delivered_at="2026-11-10T12:00:00Z")
    report = ask(account, SHIPMENTS)
    assert open_account(box).get(f"{PATH}/reports/{report}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"reportType": "NOPE", "marketplaceIds": [US]},
        {"reportType": FEEDBACK},
        {"reportType": FEEDBACK, "marketplaceIds": ["NOPE"]},
        {"reportType": FEEDBACK, "marketplaceIds": [US], "dataStartTime": "never"},
    ],
)
def test_bad_request_says_400_in_its_code(account, body):
    response = account.post(f"{PATH}/reports", json=body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "400"


def test_shipments_report_may_be_throttled_harder(account):
    account.box.settings(harsh_shipments_report=True)
    ask(account, SHIPMENTS)
    body = {"reportType": SHIPMENTS, "marketplaceIds": [US], **MONTH}
    assert account.post(f"{PATH}/reports", json=body).status_code == 429


def test_schedule_makes_reports_as_time_goes_on(account):
    account.order(delivered_at="2026-11-19T12:00:00Z")
    body = {
        "reportType": ALL_ORDERS,
        "marketplaceIds": [US],
        "period": "P1D",
        "nextReportCreationTime": "2026-11-20T13:00:00Z",
    }
    schedule = account.post(f"{PATH}/schedules", json=body).json()["reportScheduleId"]
    account.box.advance(hours=2)
    account.renew()
    listed = account.get(f"{PATH}/reports", reportTypes=ALL_ORDERS).json()["reports"]
    assert [report["reportScheduleId"] for report in listed] == [schedule]
    assert account.call("DELETE", f"{PATH}/schedules/{schedule}").status_code == 200
    assert account.get(f"{PATH}/schedules/{schedule}").status_code == 404


def test_refunds_show_in_finances_two_days_later(account):
    order = account.order(delivered_at="2026-11-10T12:00:00Z", refunded_at="2026-11-19T12:00:00Z")
    query = {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": order["order_id"]}
    path = "/finances/2024-06-19/transactions"

    def descriptions():
        return [
            entry["description"] for entry in account.get(path, **query).json()["payload"]["transactions"]
        ]

    assert descriptions() == ["Order Payment"]
    account.box.advance(days=2)
    account.renew()
    assert descriptions() == ["Order Payment", "Refund Order"]


def test_catalogue_knows_what_is_sold(box):
    account = open_account(box, orders=5)
    item = box.orders(selling_partner_id=account.seller)[0]["items"][0]
    found = account.get(
        "/catalog/2022-04-01/items", identifiers=item["asin"], identifiersType="ASIN", marketplaceIds=US
    )
    assert found.json()["items"][0]["summaries"][0]["itemName"] == item["title"]
    assert account.get("/catalog/2022-04-01/items/B000000000", marketplaceIds=US).status_code == 404
