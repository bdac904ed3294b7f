"""A file from Seller Central: good lines in, bad lines told by number, and again with the same result."""

import io
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Seller, SellerDue
from orders.models import ImportProblem, Order, OrderImport, OrderItem
from orders.services import imports
from orders.services.imports import UploadRefused, accept_upload, import_next, read_file, run_import
from tests.orders.allorders_file import BAIT, COLUMNS, line, number, written

REAL = Path("/work/shared/real-orders/all-orders.tsv")


def read(content: str | bytes, encoding: str = "utf-8") -> OrderImport:
    data = content.encode(encoding) if isinstance(content, str) else content
    found = OrderImport(file_name="orders.txt", stored_as="", size_bytes=len(data))
    return read_file(found, io.BytesIO(data))


def problems() -> list[tuple[int, str, str]]:
    return list(ImportProblem.objects.values_list("line", "column", "reason"))


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_orders_and_items_come_in(seller: Seller) -> None:
    found = read(written([line(1), line(2, sku="CUP", quantity=1, item_price="9.90"), line(2)]))
    assert (found.state, found.lines_read, found.lines_bad) == ("done", 3, 0)
    assert (found.orders_new, found.items_in) == (2, 3)
    order = Order.objects.get(amazon_order_id=number(1))
    assert (order.source, order.connection_id, order.marketplace_id) == ("file", None, "A1PA6795UKMFR9")
    assert (order.status, order.fulfilment, order.ship_country) == ("SHIPPED", "FBM", "DE")
    assert (order.total_minor, order.currency, order.item_count) == (4980, "EUR", 2)
    assert order.last_updated_at == datetime(2026, 11, 3, 9, tzinfo=UTC)
    item = order.items.get()
    assert (item.sku, item.asin, item.title, item.price_minor) == (
        "PAD-80",
        "B0C7GPRS41",
        "Felt Desk Pad",
        2490,
    )


def test_same_file_again_changes_nothing(seller: Seller) -> None:
    content = written([line(n) for n in range(5)])
    read(content)
    rows = list(Order.objects.order_by("pk").values())
    again = read(content)
    assert (again.orders_new, again.orders_changed, again.orders_same) == (0, 0, 5)
    assert list(Order.objects.order_by("pk").values()) == rows


def test_nothing_personal_is_stored(seller: Seller) -> None:
    read(written([line(1), line(2, quantity="x")]))
    with connection.cursor() as cursor:
        for table in ("orders_order", "orders_orderitem", "orders_importproblem", "orders_orderimport"):
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s", [f"%{BAIT}%"])
            assert cursor.fetchone() == (0,), table


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-8", "Müslischüssel"),
        ("utf-8-sig", "Müslischüssel"),
        ("utf-16", "Müslischüssel"),
        ("cp1252", "Müslischüssel für €5"),
        ("cp932", "キッチン用品 セット 大きい"),
    ],
)
def test_encodings_are_recognised(seller: Seller, encoding: str, title: str) -> None:
    found = read(written([line(1, product_name=title)]), encoding)
    assert (found.state, found.lines_bad) == ("done", 0), problems()
    assert OrderItem.objects.get().title == title
    assert found.encoding == {"utf-8-sig": "utf-8"}.get(encoding, encoding)


def test_a_character_across_two_chunks_is_still_utf8(seller: Seller) -> None:
    rows = [line(n, product_name="ü" * (n % 7 + 1) * 40) for n in range(3_000)]
    found = read(written(rows))
    assert (found.encoding, found.lines_bad, found.orders_new) == ("utf-8", 0, 3_000)


def test_columns_may_stand_in_any_order(seller: Seller) -> None:
    shuffled = tuple(random.Random(3).sample(COLUMNS, len(COLUMNS)))
    assert read(written([line(1)], shuffled)).orders_new == 1


def test_header_may_be_quoted_and_capitalised(seller: Seller) -> None:
    columns = tuple(f'"{name.title()}"' for name in COLUMNS)
    _, body = written([line(1)]).split("\r\n", 1)
    assert read("\t".join(columns) + "\r\n" + body).orders_new == 1


def test_commas_are_tolerated(seller: Seller) -> None:
    row = line(1, product_name='"Pad, ""large"""')
    assert read(written([row], delimiter=",")).orders_new == 1
    assert OrderItem.objects.get().title == 'Pad, "large"'


def test_missing_columns_are_named_with_those_found(seller: Seller) -> None:
    columns = tuple(name for name in COLUMNS if name not in {"sku", "quantity"})
    found = read(written([line(1)], columns))
    assert found.state == "refused"
    assert found.note.startswith("The columns sku, quantity are missing.")
    assert "amazon-order-id" in found.note
    assert Order.objects.count() == 0


@pytest.mark.parametrize("content", ["", "\r\n\r\n", "just words\nand more\n"])
def test_file_without_a_header_is_refused_with_a_sentence(seller: Seller, content: str) -> None:
    found = read(content)
    assert found.state == "refused"
    assert "All orders" in found.note


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"purchase_date": "yesterday"}, "purchase-date", "“yesterday” is not a date and time"),
        ({"last_updated_date": ""}, "last-updated-date", "is not a date and time"),
        ({"purchase_date": "0001-01-01T00:00:00+14:00"}, "purchase-date", "not a time at which"),
        ({"quantity": "two"}, "quantity", "“two” is not a whole number"),
        ({"quantity": "²"}, "quantity", "is not a whole number"),
        ({"quantity": "-1"}, "quantity", "is not a whole number"),
        ({"item_price": "12,50"}, "item-price", "“12,50” is not an amount"),
        ({"item_price": "1e99"}, "item-price", "is not an amount"),
        ({"item_price": "NaN"}, "item-price", "is not an amount"),
        ({"currency": "Euro"}, "currency", "is not a currency"),
        ({"sales_channel": "Ebay.de"}, "sales-channel", "“Ebay.de” is not an Amazon store"),
        ({"order_status": "Beamed"}, "order-status", "“Beamed” is not an order status"),
        ({"fulfillment_channel": "Moon"}, "fulfillment-channel", "is neither Amazon nor Merchant"),
        ({"amazon_order_id": "12345"}, "amazon-order-id", "“12345” is not an Amazon order number"),
        ({"sku": "x" * 200}, "sku", "longer than 120 characters"),
        ({"product_name": "a\x07b"}, "", "control characters"),
        ({"product_name": '"never closed'}, "", "A quote is opened and not closed"),
        ({"product_name": "a\tb"}, "", "too many fields: 33 instead of 32"),
    ],
)
def test_broken_line_is_told_and_the_good_ones_come_in(
    seller: Seller, changes: dict[str, str], column: str, words: str
) -> None:
    found = read(written([line(1), line(2, **changes), line(3)]))
    assert (found.orders_new, found.lines_bad, found.lines_read) == (2, 1, 3)
    ((at, where, reason),) = problems()
    assert (at, where) == (3, column)
    assert words in reason


def test_short_line_is_told(seller: Seller) -> None:
    found = read(written([line(1)]) + "302-1234567-1234567\tx\n" + "\n")
    assert (found.orders_new, found.lines_bad) == (1, 1)
    assert problems() == [(3, "", "The line has too few fields: 2 instead of 32.")]


def test_line_of_another_encoding_is_told(seller: Seller) -> None:
    good = "".join(written([line(n, product_name="schön") for n in range(20)])).encode()
    found = read(good + b"\t".join(cell.encode() for cell in ["x"] * 31) + b"\tsch\xf6n\r\n")
    assert (found.orders_new, found.lines_bad) == (20, 1)
    assert "not written in utf-8" in problems()[0][2]


def test_endless_line_is_a_bad_line_and_costs_no_memory(seller: Seller) -> None:
    content = (
        written([line(1)]).encode()
        + b"x" * 3_000_000
        + b"\r\n"
        + written([line(2)]).split("\r\n", 1)[1].encode()
    )
    found = read(content)
    assert (found.orders_new, found.lines_bad) == (2, 1)
    assert problems()[0][0] == 3
    assert "longer than 1024 KB" in problems()[0][2]


def test_first_thousand_problems_are_kept_and_all_are_counted(seller: Seller) -> None:
    found = read(written([line(n, quantity="x") for n in range(1_200)]))
    assert (found.lines_bad, len(problems())) == (1_200, imports.PROBLEMS_KEPT)


def test_lines_of_one_order_are_its_items_wherever_they_stand(seller: Seller) -> None:
    rows = [line(1, sku="A"), *(line(n) for n in range(2, 5_000)), line(1, sku="B")]
    found = read(written(rows))
    order = Order.objects.get(amazon_order_id=number(1))
    assert sorted(order.items.values_list("sku", flat=True)) == ["A", "B"]
    assert order.item_count == 4
    assert found.orders_new == 4_999


def test_line_that_stands_there_twice_counts_once_and_a_second_unit_counts(seller: Seller) -> None:
    read(written([line(1), line(1), line(1, item_status="Unshipped")]))
    order = Order.objects.get()
    assert order.item_count == 4
    assert sorted(order.items.values_list("amazon_item_id", flat=True)) == ["PAD-80", "PAD-80#2"]


def test_older_lines_of_an_order_give_way_to_newer_ones(seller: Seller) -> None:
    newer = line(1, order_status="Cancelled", last_updated_date="2026-11-05T00:00:00+00:00")
    read(written([newer, line(1)]))
    order = Order.objects.get()
    assert (order.status, order.items.count()) == ("CANCELLED", 1)
    assert order.cancelled_at == datetime(2026, 11, 5, tzinfo=UTC)


def test_order_of_endless_lines_is_cut_and_told(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_LINES_AN_ORDER", 3)
    found = read(written([line(1, sku=f"S{n}") for n in range(5)]))
    assert (found.orders_new, found.items_in, found.lines_bad) == (1, 3, 2)
    assert [at for at, _, _ in problems()] == [5, 6]


def test_delivered_status_is_shipped_without_a_made_up_date(seller: Seller) -> None:
    read(
        written(
            [
                line(1, order_status="Shipped - Delivered to Buyer"),
                line(2, order_status="Shipped - Rejected by Buyer"),
            ]
        )
    )
    delivered, refused = Order.objects.order_by("amazon_order_id")
    assert (delivered.status, delivered.delivered_at, delivered.undeliverable_at) == ("SHIPPED", None, None)
    assert refused.undeliverable_at is not None


def test_order_from_outside_amazon_counts_and_belongs_to_no_store(seller: Seller) -> None:
    read(written([line(1, amazon_order_id="S02-5278980-4327051", sales_channel="Non-Amazon")]))
    assert Order.objects.get().marketplace_id == ""


def test_quotes_in_product_names_are_just_quotes(seller: Seller) -> None:
    read(written([line(1, product_name='Pipe 12" steel'), line(2, product_name='"Quoted, whole"')]))
    assert set(OrderItem.objects.values_list("title", flat=True)) == {'Pipe 12" steel', "Quoted, whole"}


def test_interrupted_import_is_read_again_with_the_same_result(
    seller: Seller, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = written([line(n) for n in range(30)] + [line(99, quantity="x")]).encode()
    found = accept_upload(SimpleUploadedFile("o.txt", content), "o.txt")
    monkeypatch.setattr(imports, "ORDERS_AT_ONCE", 10)
    calls, real = [], imports.upsert_page

    def killed(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        return real(*args, **kwargs)

    monkeypatch.setattr(imports, "upsert_page", killed)
    with pytest.raises(SystemExit):
        run_import(found)
    monkeypatch.setattr(imports, "upsert_page", real)
    assert import_next(seller) is None
    found.refresh_from_db()
    assert (found.state, found.lines_read, found.lines_bad, len(problems())) == ("done", 31, 1, 1)
    assert (Order.objects.count(), OrderItem.objects.count()) == (30, 30)


def test_upload_is_kept_until_read_and_then_deleted(seller: Seller, media: Path) -> None:
    found = accept_upload(SimpleUploadedFile("a/b/orders.txt", written([line(1)]).encode()), "a/b/orders.txt")
    assert (found.file_name, found.state) == ("orders.txt", "waiting")
    assert SellerDue.objects.filter(seller=seller, kind="orders.import").exists()
    assert len(list(media.rglob("*.txt"))) == 1
    assert import_next(seller) is None
    assert list(media.rglob("*.txt")) == []
    assert Order.objects.count() == 1


def test_uploads_wait_in_line(seller: Seller, media: Path) -> None:
    for n in range(2):
        accept_upload(SimpleUploadedFile("o.txt", written([line(n)]).encode()), "o.txt")
    assert import_next(seller) is not None
    assert import_next(seller) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "workbook"),
        (b"a\x00b", "zero bytes"),
        (b"\x1f\x8b\x08", "compressed"),
    ],
)
def test_what_is_no_text_is_refused_at_once_and_not_kept(
    seller: Seller, media: Path, content: bytes, words: str
) -> None:
    with pytest.raises(UploadRefused, match=words):
        accept_upload(SimpleUploadedFile("o.txt", content), "o.txt")
    assert OrderImport.objects.count() == 0
    assert list(media.rglob("*.txt")) == []


def test_upload_that_is_too_large_is_refused(seller: Seller, media: Path, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 1 << 20
    with pytest.raises(UploadRefused, match="larger than 1 MB"):
        accept_upload(SimpleUploadedFile("o.txt", b"x" * (2 << 20)), "o.txt")
    assert list(media.rglob("*.txt")) == []


def test_vanished_upload_is_refused_with_what_to_do(seller: Seller, media: Path) -> None:
    found = accept_upload(SimpleUploadedFile("o.txt", written([line(1)]).encode()), "o.txt")
    next(media.rglob("*.txt")).unlink()
    run_import(found)
    assert (found.state, found.note) == ("refused", "The uploaded file is no longer there. Upload it again.")


def test_poisonous_file_is_given_up_after_three_attempts(
    seller: Seller, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = accept_upload(SimpleUploadedFile("o.txt", written([line(1)]).encode()), "o.txt")
    monkeypatch.setattr(imports, "read_file", lambda *_: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            run_import(found)
    assert run_import(found).state == "refused"
    assert import_next(seller) is None


def test_command_reads_a_file_and_tells_its_bad_lines(seller: Seller, tmp_path: Path) -> None:
    path, out = tmp_path / "orders.txt", io.StringIO()
    path.write_text(written([line(1), line(2, quantity="x")]))
    call_command("import_orders", str(path), "--seller", "acme", stdout=out)
    assert "line 3: quantity: “x” is not a whole number of units." in out.getvalue()
    assert "2 lines read (utf-8), 1 not taken. Orders: 1 new, 0 changed, 0 same" in out.getvalue().replace(
        "known already", "same"
    )
    assert path.exists()


def test_command_tried_dry_stores_nothing(seller: Seller, tmp_path: Path) -> None:
    path, out = tmp_path / "orders.txt", io.StringIO()
    path.write_text(written([line(1), line(2, quantity="x")]))
    call_command("import_orders", str(path), "--seller", "acme", "--dry-run", stdout=out)
    assert "1 of 2 lines would be taken" in out.getvalue()
    assert (Order.objects.count(), OrderImport.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "arguments",
    [["nowhere.txt", "--seller", "acme"], [__file__, "--seller", "nobody"], [__file__, "--seller", "acme"]],
)
def test_command_refuses_with_a_sentence(seller: Seller, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"not a file|no seller|missing"):
        call_command("import_orders", *arguments)


@pytest.mark.skipif(not REAL.exists(), reason=f"the real file is not here ({REAL})")
def test_real_file_comes_in_whole(seller: Seller) -> None:
    with REAL.open("rb") as file:
        found = read_file(OrderImport(file_name="real", stored_as="", size_bytes=REAL.stat().st_size), file)
    assert (found.state, found.lines_read, found.lines_bad, found.orders_new) == ("done", 1_001, 0, 945), (
        problems()[:5]
    )
    assert Order.objects.count() == 945
    assert OrderItem.objects.count() == 1_001
    assert Order.objects.filter(marketplace_id="A21TJRUUN4KGV", currency="INR").exists()
    assert Order.objects.exclude(delivered_at=None).count() == 0
