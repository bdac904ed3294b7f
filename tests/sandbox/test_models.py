"""Every answer fits Amazon's published models, and their example pairs replay unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET, DE, US, running_sandbox

from .conftest import Account, model, open_account

ORDERS, OLD_ORDERS = "orders_2026-01-01.json", "ordersV0.json"
EVERYTHING = (
    "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,"
    "FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS"
)


def fits(models: Path, file: str, definition: str, answer: Any) -> None:
    schema = {"$ref": f"#/definitions/{definition}", "definitions": model(models, file)["definitions"]}
    jsonschema.Draft4Validator(schema).validate(answer)


def test_every_seeded_order_fits(box, models):
    for region in ("na", "eu", "fe"):
        account = open_account(box, orders=150, region=region)
        page = account.search(includedData=EVERYTHING)
        fits(models, ORDERS, "SearchOrdersResponse", page)
        first = page["orders"][0]["orderId"]
        fits(models, ORDERS, "GetOrderResponse", account.get(f"/orders/2026-01-01/orders/{first}").json())


def test_old_orders_fit(box, models):
    account = open_account(box, orders=150)
    page = account.get("/orders/v0/orders", MarketplaceIds=US, CreatedAfter="2026-01-01T00:00:00Z").json()
    fits(models, OLD_ORDERS, "GetOrdersResponse", page)
    path = f"/orders/v0/orders/{page['payload']['Orders'][0]['AmazonOrderId']}"
    resources = [
        {"method": "GET", "path": f"/orders/v0/orders/{{orderId}}/{part}"}
        for part in ("address", "buyerInfo")
    ]
    token = account.post(
        "/tokens/2021-03-01/restrictedDataToken", json={"restrictedResources": resources}
    ).json()
    fits(models, "tokens_2021-03-01.json", "CreateRestrictedDataTokenResponse", token)
    fits(models, OLD_ORDERS, "GetOrderItemsResponse", account.get(path + "/orderItems").json())
    fits(
        models,
        OLD_ORDERS,
        "GetOrderItemsBuyerInfoResponse",
        account.get(path + "/orderItems/buyerInfo").json(),
    )
    account.token = token["restrictedDataToken"]
    fits(models, OLD_ORDERS, "GetOrderBuyerInfoResponse", account.get(path + "/buyerInfo").json())
    fits(models, OLD_ORDERS, "GetOrderAddressResponse", account.get(path + "/address").json())


def test_solicitations_and_messages_fit(account: Account, models):
    order = account.order(fulfilled_by="MERCHANT", delivered_at="2026-11-10T12:00:00Z")
    here = f"/v1/orders/{order['order_id']}"
    found = account.get("/solicitations" + here, marketplaceIds=US).json()
    assert found["_links"]["actions"]
    fits(models, "solicitations.json", "GetSolicitationActionsForOrderResponse", found)
    fits(
        models,
        "solicitations.json",
        "GetSolicitationActionsForOrderResponse",
        account.get("/solicitations" + here).json(),
    )
    found = account.get("/messaging" + here, marketplaceIds=US).json()
    assert found["_links"]["actions"]
    fits(models, "messaging.json", "GetMessagingActionsForOrderResponse", found)
    attributes = account.get(f"/messaging{here}/attributes", marketplaceIds=US).json()
    fits(models, "messaging.json", "GetAttributesResponse", attributes)


def test_sellers_and_catalogue_fit(box, models):
    account = open_account(box, orders=5, region="eu", marketplaces=[DE, "A13V1IB3VIYZZH"])
    base, name = "/sellers/v1", "sellers.json"
    answer = account.get(f"{base}/marketplaceParticipations").json()
    fits(models, name, "GetMarketplaceParticipationsResponse", answer)
    fits(models, name, "GetAccountResponse", account.get(f"{base}/account").json())
    found = account.get(
        "/catalog/2022-04-01/items", keywords="a", marketplaceIds=DE, includedData="summaries,images"
    ).json()
    assert found["items"]
    fits(models, "catalogItems_2022-04-01.json", "ItemSearchResults", found)


def test_reports_and_finances_fit(box, models):
    account = open_account(box, orders=50)
    body = {
        "reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
        "marketplaceIds": [US],
        "dataStartTime": "2026-10-25T00:00:00Z",
    }
    base, name = "/reports/2021-06-30", "reports_2021-06-30.json"
    created = account.post(f"{base}/reports", json=body).json()
    fits(models, name, "CreateReportResponse", created)
    box.advance(2)
    report = account.get(f"{base}/reports/{created['reportId']}").json()
    fits(models, name, "Report", report)
    fits(models, name, "ReportDocument", account.get(f"{base}/documents/{report['reportDocumentId']}").json())
    fits(
        models,
        name,
        "GetReportsResponse",
        account.get(f"{base}/reports", reportTypes=body["reportType"]).json(),
    )
    schedule = account.post(f"{base}/schedules", json={**body, "period": "P1D"}).json()
    fits(models, name, "CreateReportScheduleResponse", schedule)
    fits(
        models, name, "ReportSchedule", account.get(f"{base}/schedules/{schedule['reportScheduleId']}").json()
    )
    found = account.get("/finances/2024-06-19/transactions", postedAfter="2026-10-20T00:00:00Z").json()
    assert found["payload"]["transactions"]
    fits(models, "finances_2024-06-19.json", "ListTransactionsResponse", found)


def test_notifications_fit(account: Account, grantless, models):
    headers, url = {"x-amz-access-token": grantless}, account.box.http + "/notifications/v1/destinations"
    body = {
        "name": "n",
        "resourceSpecification": {"sqs": {"arn": "arn:aws:sqs:us-east-1:123456789012:models"}},
    }
    made = account.box.client.post(url, headers=headers, json=body).json()
    fits(models, "notifications.json", "CreateDestinationResponse", made)
    fits(
        models,
        "notifications.json",
        "GetDestinationsResponse",
        account.box.client.get(url, headers=headers).json(),
    )
    where = {"payloadVersion": "1.0", "destinationId": made["payload"]["destinationId"]}
    for kind in ("ORDER_CHANGE", "REPORT_PROCESSING_FINISHED"):
        answer = account.post(f"/notifications/v1/subscriptions/{kind}", json=where).json()
        fits(models, "notifications.json", "CreateSubscriptionResponse", answer)
    order = account.order(fulfilled_by="MERCHANT")
    account.box.change_order(order["order_id"], happen="cancel")
    account.post(
        "/reports/2021-06-30/reports", json={"reportType": "GET_SELLER_FEEDBACK_DATA", "marketplaceIds": [US]}
    )
    account.box.advance(5)
    files = {
        "ORDER_CHANGE": "OrderChangeNotification.json",
        "REPORT_PROCESSING_FINISHED": "ReportProcessingFinishedNotification.json",
    }
    sent = [entry for entry in account.box.notifications() if entry["seller"] == account.seller]
    assert {entry["type"] for entry in sent} == set(files)
    for entry in sent:
        schema = json.loads((models / "schemas" / "notifications" / files[entry["type"]]).read_text())
        jsonschema.Draft7Validator(schema).validate(entry["body"])


@pytest.mark.parametrize(
    ("path", "file", "definition"),
    [
        ("/orders/2026-01-01/orders", ORDERS, "ErrorList"),
        ("/orders/v0/orders", OLD_ORDERS, "GetOrdersResponse"),
        ("/reports/2021-06-30/reports", "reports_2021-06-30.json", "ErrorList"),
        ("/finances/2024-06-19/transactions", "finances_2024-06-19.json", "ErrorList"),
        ("/catalog/2022-04-01/items", "catalogItems_2022-04-01.json", "ErrorList"),
    ],
)
def test_refusals_fit(account, models, path, file, definition):
    response = account.get(path)
    assert response.status_code == 400
    fits(models, file, definition, response.json())


# -- the static sandbox


def pairs(models: Path):
    for file in sorted((models / "models").rglob("*.json")):
        for path, methods in json.loads(file.read_text())["paths"].items():
            for method, operation in methods.items():
                if isinstance(operation, dict) and "operationId" in operation:
                    for status, response in operation["responses"].items():
                        for pair in (response.get("x-amzn-api-sandbox") or {}).get("static", []):
                            yield path, method.upper(), operation, int(status), pair


def request_of(path: str, operation: dict[str, Any], pair: dict[str, Any]):
    given = {
        n: v["value"]
        for n, v in ((pair.get("request") or {}).get("parameters") or {}).items()
        if "value" in v
    }
    query, body = {}, None
    for name, value in given.items():
        if "{" + name + "}" in path:
            path = path.replace("{" + name + "}", str(value))
        elif name == "body":
            body = value
        else:
            query[name] = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    for parameter in operation.get("parameters", []):
        path = path.replace("{" + parameter["name"] + "}", "anything")
    return path, query, body


def test_amazons_example_pairs_replay(models):
    replayed, unlike = 0, []
    with running_sandbox("--static", str(models / "models")) as box:
        for path, method, operation, status, pair in pairs(models):
            where, query, body = request_of(path, operation, pair)
            answer = box.client.request(method, box.http + where, params=query, json=body)
            replayed += 1
            body = answer.json() if answer.content else None
            if answer.status_code != status or (status != 204 and body != pair.get("response")):
                unlike.append(f"{method} {where} {query} {status} -> {answer.status_code}")
    assert replayed >= 140
    # getAccount has two pairs with the same question, so one of them can never be given.
    assert [line.split(" {")[0] for line in unlike] == ["GET /sellers/v1/account"]


def test_static_sandbox_without_models_says_what_it_needs(tmp_path):
    with (
        pytest.raises(RuntimeError, match="give the folder of Amazon's models"),
        running_sandbox("--static", str(tmp_path)),
    ):
        pass


def test_credentials_of_the_demo_application_are_the_documented_ones(box):
    (app,) = [app for app in box.get("apps") if app["client_id"] == CLIENT_ID]
    assert CLIENT_SECRET not in json.dumps(app)
    assert "Direct-to-Consumer Delivery" in app["roles"]
