"""The whole line against the sandbox: sign-in, pages, a request asked twice, a grant taken back, files."""

import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from amazon import consent, messaging, orders, reports, sellers, solicitations, uploads
from amazon.breaker import Breaker, Policy
from amazon.client import Client
from amazon.errors import AmazonError, Outcome
from amazon.limiter import Bucket, Limiter
from amazon.regions import MARKETPLACES, Region
from amazon.settings import AmazonSettings, Timeouts
from tests.support.sandbox import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET, US

SOLICIT = "createProductReviewAndSellerFeedbackSolicitation"


@pytest.fixture
def settings(sandbox):
    return AmazonSettings(
        client_id=CLIENT_ID,
        client_secrets=("rotated away", CLIENT_SECRET),
        application_id=APPLICATION_ID,
        token_url=f"{sandbox.http}/auth/o2/token",
        consent_url=sandbox.http,
        base_url=sandbox.http,
        timeouts=Timeouts(read=2),
    )


@pytest.fixture
def client(settings, valkey, sandbox):
    sandbox.clear_faults()
    yield Client(settings, Limiter(valkey), Breaker(valkey, Policy(sellers=10_000)))
    sandbox.clear_faults()


@pytest.fixture
def known(sandbox):
    """A seller in the sandbox's America, with a little history."""
    name = f"A{uuid.uuid4().hex[:12].upper()}"
    sandbox.add_seller(name, orders=25, days=20, marketplaces=[US])
    return name


@pytest.fixture
def seller(client, sandbox, known):
    return client.seller("NA", known, sandbox.grant(known))


@pytest.fixture
def delivered(sandbox, known):
    """An order whose buyer may be asked."""
    now = datetime.fromisoformat(sandbox.now())
    at = {"created_at": 16, "shipped_at": 14, "delivered_at": 10, "deliver_from": 11, "deliver_by": 9}
    times = {name: (now - timedelta(days=days)).isoformat() for name, days in at.items()}
    order = sandbox.make_order(known, marketplace=US, status="SHIPPED", fulfilled_by="MERCHANT", **times)
    return order["order_id"]


def consented(settings, seller_id):
    """What the browser brings back from the consent page, the seller having clicked."""
    url = consent.consent_url(settings, MARKETPLACES[US], "state-1", "http://127.0.0.1/back")
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(url).status_code == 200
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        form = {**query, "seller": seller_id, "decision": "authorise"}
        answer = browser.post(url.split("?")[0], data=form)
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["location"]


def test_a_seller_consents_and_is_served(client, settings, known):
    location = consented(settings, known)
    back = consent.parse_callback(
        {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    )
    assert (back.state, back.selling_partner_id) == ("state-1", known)
    grant = consent.exchange_code(client, back.code, "http://127.0.0.1/back")
    found = sellers.participations(client.seller("NA", known, grant.refresh_token))
    assert US in {shop.marketplace_id for shop in found if shop.is_usable}
    with pytest.raises(AmazonError, match="Connect Amazon again"):
        consent.exchange_code(client, back.code, "http://127.0.0.1/back")


def all_pages(seller, window, size=10):
    page = orders.search_orders(seller, window, page_size=size)
    pages = [page]
    while page.next_token:
        page = orders.search_orders(seller, window, page_token=page.next_token, page_size=size)
        pages.append(page)
    return pages


def window(sandbox, days=40):
    return orders.Window(datetime.fromisoformat(sandbox.now()) - timedelta(days=days))


def test_pages_follow_each_other_and_miss_nothing(seller, sandbox, known):
    pages = all_pages(seller, window(sandbox))
    seen = [order["orderId"] for page in pages for order in page.orders]
    assert len(pages) >= 3
    assert len(seen) == len(set(seen)) == len(sandbox.orders(selling_partner_id=known, limit=500))
    assert pages[-1].complete_until <= datetime.fromisoformat(sandbox.now())


def test_no_personal_data_is_asked_for_or_kept(seller, sandbox, known):
    for page in all_pages(seller, window(sandbox)):
        assert all(order.keys().isdisjoint({"buyer", "recipient"}) for order in page.orders)
    calls = sandbox.ledger("calls", seller=known, operation="searchOrders")
    assert calls
    assert not any(name in str(call["params"]) for call in calls for name in ("BUYER", "RECIPIENT"))


def test_a_refused_data_set_is_worked_around(seller, sandbox, known):
    sandbox.fault("bad_included_data", seller=known, value="FULFILLMENT")
    page = orders.search_orders_reduced(seller, window(sandbox))
    assert page.orders
    assert "status" in page.unknown_facts


def test_a_request_asked_twice_is_sent_once(seller, sandbox, delivered):
    assert solicitations.actions(seller, delivered, US)
    assert solicitations.request_review(seller, delivered, US).status == 201
    with pytest.raises(AmazonError) as caught:
        solicitations.request_review(seller, delivered, US)
    assert caught.value.outcome is Outcome.ALREADY_DONE
    assert not solicitations.actions(seller, delivered, US)
    assert len(sandbox.ledger("solicitations", order_id=delivered)) == 1


def test_a_lost_answer_is_unknown_and_the_actions_are_its_witness(seller, sandbox, known, delivered):
    sandbox.fault("lost_answer", seller=known, operation=SOLICIT, count=1, seconds=3)
    with pytest.raises(AmazonError) as caught:
        solicitations.request_review(seller, delivered, US)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert not solicitations.actions(seller, delivered, US)
    assert len(sandbox.ledger("solicitations", order_id=delivered)) == 1


def test_too_early_is_not_now(seller, sandbox, known):
    order = sandbox.make_order(
        known, marketplace=US, status="SHIPPED", shipped_at=sandbox.now(), delivered_at=sandbox.now()
    )
    assert not solicitations.actions(seller, order["order_id"], US)
    with pytest.raises(AmazonError) as caught:
        solicitations.request_review(seller, order["order_id"], US)
    assert (caught.value.outcome, caught.value.retry_after) == (Outcome.NOT_NOW, timedelta(days=1))


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("internal_failure", "unknown"),
        ("html_503", "unknown"),
        ("reset", "unknown"),
        ("denied", "needs_role"),
        ("throttle", "not_now"),
    ],
)
def test_each_fault_of_the_sandbox_has_its_meaning(seller, sandbox, known, delivered, kind, outcome):
    sandbox.fault(kind, seller=known, operation=SOLICIT, count=1)
    with pytest.raises(AmazonError) as caught:
        solicitations.request_review(seller, delivered, US)
    assert caught.value.outcome == outcome
    assert not sandbox.ledger("solicitations", order_id=delivered)


def test_an_accepted_request_with_half_an_answer_is_accepted(seller, sandbox, known, delivered):
    sandbox.fault("truncated", seller=known, operation=SOLICIT, count=1)
    assert solicitations.request_review(seller, delivered, US).status == 201
    assert len(sandbox.ledger("solicitations", order_id=delivered)) == 1


def test_a_token_that_dies_once_is_renewed_unnoticed(seller, sandbox, known, delivered):
    sandbox.fault("dead_token", seller=known, count=1)
    assert solicitations.actions(seller, delivered, US)


def test_an_access_token_past_its_hour_is_renewed_unnoticed(seller, sandbox, delivered):
    assert solicitations.actions(seller, delivered, US)
    sandbox.advance(hours=2)
    assert solicitations.actions(seller, delivered, US)


def test_a_grant_taken_back_means_reconnect(seller, sandbox, known, delivered):
    assert solicitations.actions(seller, delivered, US)
    sandbox.revoke(known)
    with pytest.raises(AmazonError) as caught:
        solicitations.actions(seller, delivered, US)
    assert caught.value.outcome is Outcome.RECONNECT
    assert caught.value.is_certain_disconnect


def test_the_limiter_keeps_amazon_from_ever_saying_429(client, seller, sandbox, known, delivered):
    made = refused = 0
    for _ in range(12):
        try:
            solicitations.actions(seller, delivered, US)
            made += 1
        except AmazonError as error:
            assert error.status == 0, error  # ours, not Amazon's  # noqa: PT017
            refused += 1
    assert 4 <= made < 12
    assert refused
    assert not sandbox.ledger("calls", seller=known, status=429)
    assert client.limiter.available(Bucket(Region.NA, known, "getSolicitationActionsForOrder")) == 0


def test_a_report_is_ordered_awaited_and_read(seller, sandbox):
    now = datetime.fromisoformat(sandbox.now())
    report_id = reports.create(seller, reports.FBA_RETURNS, [US], now - timedelta(days=30), now)
    sandbox.advance(60)
    report = reports.get(seller, report_id)
    assert report.status.is_final
    if report.document_id:
        rows = list(reports.rows(reports.download(seller, reports.document(seller, report.document_id))))
        assert all("order-id" in row for row in rows)


def test_a_message_goes_where_amazon_offers_it(seller, sandbox, known):
    order = sandbox.make_order(known, marketplace=US, status="UNSHIPPED", fulfilled_by="MERCHANT")["order_id"]
    offered = messaging.actions(seller, order, US)
    assert "confirmOrderDetails" in offered
    assert messaging.locale(seller, order, US)
    assert messaging.send(seller, "confirmOrderDetails", order, US, "Left or right handed?").status == 201
    assert len(sandbox.ledger("messages", order_id=order)) == 1


def test_a_type_not_offered_is_refused_by_the_sandbox_too(seller, sandbox, delivered):
    missing = sorted(messaging.TYPES.keys() - messaging.actions(seller, delivered, US))
    texts = [name for name in missing if messaging.TYPES[name].attachments is None]
    with pytest.raises(AmazonError) as caught:
        messaging.send(seller, texts[0], delivered, US, "Hello there, one question.")
    assert caught.value.outcome is Outcome.NOT_OFFERED


def test_a_file_travels_with_its_message(seller, sandbox, known, delivered):
    offered = messaging.actions(seller, delivered, US)
    assert "invoice" in offered
    attachment = uploads.upload(
        seller, "invoice", delivered, US, "invoice.pdf", b"%PDF-1.4 test", "application/pdf"
    )
    assert messaging.send(seller, "invoice", delivered, US, attachments=[attachment]).status == 201


def test_complete_until_never_lies_in_the_future(seller, sandbox):
    page = orders.search_orders(seller, window(sandbox, days=1))
    assert page.complete_until is None or page.complete_until.astimezone(UTC) <= datetime.fromisoformat(
        sandbox.now()
    )
