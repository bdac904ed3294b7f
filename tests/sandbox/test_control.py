"""The sandbox's own controls and the inbox page."""

from __future__ import annotations

import pytest

from tests.support.sandbox import SandboxRefused, running_sandbox

from .conftest import Account


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("sellers", {}, "selling_partner_id"),
        ("sellers", {"selling_partner_id": "A", "region": "moon"}, "region"),
        (
            "sellers",
            {"selling_partner_id": "A", "region": "na", "marketplaces": ["A1PA6795UKMFR9"]},
            "marketplaces",
        ),
        ("sellers", {"selling_partner_id": "A", "colour": "red"}, "colour"),
        ("grants", {"selling_partner_id": "NOBODY"}, "selling_partner_id"),
        ("orders", {}, "selling_partner_id"),
        ("clock", {"jump": 1}, "jump"),
        ("settings", {"windows": "open"}, "windows"),
        ("settings", {"orders_lag": "long"}, "orders_lag"),
        ("reset", {"what": "all"}, "what"),
        ("buyers/opt-out", {}, "order_id"),
        ("apps", {"colour": "red"}, "colour"),
        ("senders", {"selling_partner_id": "NOBODY", "address": "a@b"}, "selling_partner_id"),
    ],
)
def test_wrong_request_names_what_is_wrong(box, path, body, named):
    with pytest.raises(SandboxRefused, match=named):
        box.post(path, **body)


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"delivered_at": "soon"}, "delivered_at"),
        ({"status": "LOST"}, "status"),
        ({"colour": "red"}, "colour"),
        ({"buyer_of": "111-0000000-0000000"}, "buyer_of"),
    ],
)
def test_wrong_fact_of_an_order_is_named_and_nothing_is_made(account, facts, named):
    before = len(account.box.orders(selling_partner_id=account.seller))
    with pytest.raises(SandboxRefused, match=named):
        account.order(**facts)
    assert len(account.box.orders(selling_partner_id=account.seller)) == before


def test_unknown_order_is_not_found(box):
    response = box.client.get(f"{box.http}/__sandbox/orders/111-0000000-0000000")
    assert response.status_code == 404


def test_body_that_is_no_json_is_refused(box):
    assert box.client.post(f"{box.http}/__sandbox/clock", content=b"{").status_code == 400
    assert box.client.post(f"{box.http}/__sandbox/clock", content=b"[1]").status_code == 400


def test_api_token_opens_no_control(account: Account):
    """Controls are the machine owner's; what the product holds is of no use there, and harmless."""
    answer = account.get("/__sandbox/nowhere")
    assert answer.status_code == 404


def test_order_changes_show_as_news_of_now(account):
    order = account.order(fulfilled_by="MERCHANT", created_at="2026-11-01T12:00:00Z")
    changed = account.box.change_order(order["order_id"], happen="deliver", at="2026-11-10T12:00:00Z")
    assert (changed["delivered_at"], changed["updated_at"]) == ("2026-11-10T12:00:00Z", account.box.now())


def test_summary_counts_calls_and_throttles(account):
    for _ in range(16):
        account.get("/sellers/v1/marketplaceParticipations")
    summary = account.box.summary()
    assert summary["amazon_calls"]["getMarketplaceParticipations"] == 16
    assert summary["throttled"] == 1


def test_reset_of_the_world_forgets_sellers_and_keeps_applications():
    with running_sandbox() as box:
        box.add_seller("AGONE", orders=5)
        box.reset()
        assert box.get("sellers") == []
        assert box.get("apps")
        assert box.add_seller("AGONE", orders=5)["created"]


def test_inbox_shows_amazons_request_in_the_buyers_language(box):
    from .conftest import open_account

    account = open_account(box, region="eu", business_name="Lumora GmbH")
    order = account.order(delivered_at="2026-11-10T12:00:00Z", title="Leuchtlampe")
    path = f"/solicitations/v1/orders/{order['order_id']}/solicitations/productReviewAndSellerFeedback"
    account.post(path, marketplaceIds=order["marketplace"])
    page = box.client.get(f"{box.http}/inbox", params={"q": order["order_id"], "channel": "solicitation"})
    assert "Lumora GmbH: Wie war Ihr Einkauf?" in page.text
    (contact,) = box.ledger("solicitations", seller=account.seller)
    single = box.client.get(f"{box.http}/inbox/{contact['id']}")
    assert "Leuchtlampe" in single.text
    assert order["buyer_name"] in single.text


def test_foreign_html_runs_nothing_in_the_inbox(account):
    import smtplib
    from email.message import EmailMessage

    account.box.approve_sender(account.seller, "a@shop.example")
    order = account.order(fulfilled_by="MERCHANT", delivered_at="2026-11-18T12:00:00Z")
    mail = EmailMessage()
    mail["From"], mail["To"] = "a@shop.example", order["relay"]
    mail["Subject"] = f"{order['order_id']} <script>alert(1)</script>"
    mail.set_content("hello")
    mail.add_alternative('<p onclick="x">hi</p><script>alert(2)</script>"', subtype="html")
    with smtplib.SMTP(*account.box.smtp, timeout=10) as smtp:
        smtp.send_message(mail)
    (contact,) = account.box.ledger("mails", seller=account.seller)
    page = account.box.client.get(f"{account.box.http}/inbox/{contact['id']}")
    assert "<script>" not in page.text
    assert 'iframe sandbox=""' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_inbox_pages_and_unknown_message(account):
    for number in range(51):
        order = account.order(delivered_at="2026-11-10T12:00:00Z")
        path = f"/solicitations/v1/orders/{order['order_id']}/solicitations/productReviewAndSellerFeedback"
        if number % 4 == 0:
            account.box.advance(4)
        account.post(path, marketplaceIds=order["marketplace"])
    first = account.box.client.get(f"{account.box.http}/inbox", params={"q": account.seller}).text
    assert "51 messages" in first
    assert 'rel="next"' in first
    second = account.box.client.get(
        f"{account.box.http}/inbox", params={"q": account.seller, "page": "2"}
    ).text
    assert 'rel="prev"' in second
    assert account.box.client.get(f"{account.box.http}/inbox/999999").status_code == 404
