"""The Amazon page and the files: what comes in, and how it is told."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Connection, SellerDue
from orders.models import ImportProblem, OrderImport
from orders.services import imports
from tests.accounts.makers import make_connection
from tests.pages.conftest import said


def test_a_connection_shows_how_it_is_and_what_is_sent_from_where(owner, amazon):
    text = owner.get("connection").text
    for words in ("Acme Store", "Healthy", "amazon.de", "hello@acme.example", "Europe"):
        assert words in text


def test_settings_are_saved_and_said(owner, amazon):
    answer = owner.post(
        "connection_edit", {"sender_address": "new@acme.example", "daily_cap": 300}, connection=amazon.pk
    )
    assert "Saved." in said(answer)
    amazon.refresh_from_db()
    assert (amazon.sender_address, amazon.daily_cap) == ("new@acme.example", 300)


def test_wrong_settings_are_kept_as_typed_and_named(owner, amazon):
    answer = owner.post(
        "connection_edit", {"sender_address": "no <b>", "daily_cap": "-4"}, connection=amazon.pk
    )
    assert answer.status_code == 422
    assert 'value="no &lt;b&gt;"' in answer.text
    assert f'id="id_{amazon.pk}_daily_cap_error"' in answer.text
    assert "<details open>" in answer.text
    amazon.refresh_from_db()
    assert amazon.sender_address == "hello@acme.example"


def test_several_accounts_have_fields_of_their_own(owner, seller):
    one, two = make_connection(seller), make_connection(seller, region="NA")
    text = owner.get("connection").text
    for connection in (one, two):
        assert text.count(f'id="id_{connection.pk}_daily_cap"') == 1


def test_disconnecting_is_asked_naming_the_account_and_said(owner, amazon):
    assert 'data-confirm="Acme: the key to Acme Store' in owner.get("connection").text
    assert "is disconnected" in said(owner.post("connection_end", connection=amazon.pk))
    text = owner.get("connection").text
    assert "Authorise again" in text
    assert "Disconnect</button>" not in text


def test_an_authorisation_that_ends_soon_says_so_beforehand(owner, amazon):
    Connection.objects.filter(pk=amazon.pk).update(authorised_at=timezone.now() - timedelta(days=340))
    text = owner.get("connection").text
    assert "authorisation ends on" in text
    assert "Authorise again" in text


def test_a_lapsed_connection_is_the_first_thing_on_every_page(owner, amazon):
    Connection.objects.filter(pk=amazon.pk).update(
        health="needs_reauthorisation", health_note="Amazon withdrew it."
    )
    assert "Amazon withdrew it." in owner.get("home").text
    assert "needs you" in owner.get("orders").text.split("<main")[0]


def test_an_unknown_store_is_named(owner):
    assert "not an Amazon store we know" in said(owner.post("connection_start", {"marketplace": "<moon>"}))


def test_reading_now_is_asked_for_and_said(owner, amazon, seller):
    assert "Amazon is asked within seconds" in said(owner.post("order_sync"))
    assert SellerDue.objects.filter(seller=seller, kind="orders.sync").exists()


def test_a_viewer_connects_imports_and_changes_nothing(viewer, amazon):
    assert "<button" not in viewer.get("connection").text.split("<main")[1]
    assert "<button" not in viewer.get("order_imports").text.split("<main")[1]
    for name, kwargs in (
        ("connection_edit", {"connection": amazon.pk}), ("connection_end", {"connection": amazon.pk}),
        ("connection_start", {}), ("order_imports", {}), ("order_sync", {}),
    ):  # fmt: skip
        assert viewer.post(name, **kwargs).status_code == 403, name


@pytest.fixture
def kept_below(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(owner, content: bytes, name: str = "orders.txt"):
    return owner.post("order_imports", {"file": SimpleUploadedFile(name, content)})


def test_a_file_is_taken_watched_and_its_bad_lines_listed(owner, kept_below):
    columns = (
        "amazon-order-id", "purchase-date", "last-updated-date", "order-status", "fulfillment-channel", "sales-channel",
        "sku", "asin", "quantity",
    )  # fmt: skip
    good = (
        "302-0000001-0000001", "2026-11-01T10:00:00+00:00", "2026-11-02T10:00:00+00:00", "Shipped", "Merchant", "Amazon.de",
        "S", "B0C7GPRS41", "1",
    )  # fmt: skip
    lines = ["\t".join(columns), "\t".join(good), "<b>rubbish</b>\tx", ""]
    answer = upload(owner, "\n".join(lines).encode(), "my <i>.txt")
    assert "is being read" in said(answer), answer.text
    found = OrderImport.objects.get()
    waiting = owner.get("order_import", order_import=found.pk).text
    assert "hx-get" in waiting
    assert "<progress" in waiting
    imports.run_import(found)
    done = owner.get("order_import", order_import=found.pk).text
    assert "hx-get" not in done
    assert "Lines that were not taken" in done
    assert "<b>rubbish" not in done
    assert "<i>.txt" not in done


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 500])
def test_a_file_that_is_none_is_refused_at_once_with_a_reason(owner, kept_below, content):
    answer = upload(owner, content)
    assert answer.status_code == 422
    assert 'id="id_file_error"' in answer.text
    assert not OrderImport.objects.exists()


def test_a_missing_file_is_named(owner):
    answer = owner.post("order_imports")
    assert answer.status_code == 422
    assert "This field is required." in answer.text


def test_a_report_of_many_bad_lines_shows_some_and_says_how_many(owner, django_assert_max_num_queries):
    found = OrderImport.objects.create(
        file_name="x.txt", stored_as="x", size_bytes=10, state="done", lines_bad=900, note="<b>note</b>"
    )
    ImportProblem.objects.bulk_create(
        ImportProblem(order_import=found, line=n, column="sku", reason="<u>wrong</u>") for n in range(300)
    )
    with django_assert_max_num_queries(20):
        text = owner.get("order_import", order_import=found.pk).text
    assert "of 900 are shown" in text
    assert "<u>wrong" not in text
    assert "<b>note" not in text
