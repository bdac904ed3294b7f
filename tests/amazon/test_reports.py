import gzip
from datetime import UTC, datetime, timedelta

import pytest

from amazon import reports
from amazon.errors import AmazonError, Outcome
from amazon.reports import Document, Status

from .conftest import Reply

PATH = "/reports/2021-06-30"
TABLE = "order-id\tTitel\r\n111\tGröße\r\n222\tjolie\r\n"


def test_a_report_is_ordered_for_stores_and_a_time(seller, stub):
    stub.on(f"{PATH}/reports", Reply(202, {"reportId": "R1"}))
    start = datetime(2026, 11, 1, tzinfo=UTC)
    assert (
        reports.create(seller, reports.FBA_RETURNS, ["A"], start, start + timedelta(days=1), {"x": "y"})
        == "R1"
    )
    assert stub.calls(f"{PATH}/reports")[0].json() == {
        "reportType": reports.FBA_RETURNS,
        "marketplaceIds": ["A"],
        "dataStartTime": "2026-11-01T00:00:00Z",
        "dataEndTime": "2026-11-02T00:00:00Z",
        "reportOptions": {"x": "y"},
    }


def test_an_answer_without_an_id_is_no_report(seller, stub):
    stub.on(f"{PATH}/reports", Reply(202, {}))
    with pytest.raises(AmazonError, match="reportId"):
        reports.create(seller, reports.FBA_RETURNS, ["A"])


@pytest.mark.parametrize(
    ("told", "status", "is_final"),
    [
        ("IN_QUEUE", Status.IN_QUEUE, False),
        ("IN_PROGRESS", Status.IN_PROGRESS, False),
        ("DONE", Status.DONE, True),
        ("CANCELLED", Status.CANCELLED, True),
        ("FATAL", Status.FATAL, True),
        ("INVENTED_SINCE", Status.IN_PROGRESS, False),
    ],
)
def test_a_report_says_how_far_it_is(seller, stub, told, status, is_final):
    stub.on(
        f"{PATH}/reports/R1",
        Reply(200, {"processingStatus": told, "reportDocumentId": "D1", "reportType": "T"}),
    )
    report = reports.get(seller, "R1")
    assert (report.status, report.status.is_final, report.document_id) == (status, is_final, "D1")


def test_a_report_is_left_alone_longer_each_time():
    assert [reports.next_look(n).total_seconds() for n in (0, 1, 2, 3, 6, 50)] == [30, 30, 60, 120, 900, 900]


def test_a_document_tells_whether_it_is_packed_and_hides_its_address(seller, stub):
    stub.on(f"{PATH}/documents/D1", Reply(200, {"url": "https://s3/secret", "compressionAlgorithm": "GZIP"}))
    document = reports.document(seller, "D1")
    assert document.is_gzip
    assert "secret" not in repr(document)


def lines(seller, stub, content, is_gzip=False, headers=None, fallback="cp1252"):
    stub.on("/doc", Reply(200, gzip.compress(content) if is_gzip else content, headers or {}))
    return list(reports.download(seller, Document("D1", f"{stub.url}/doc", is_gzip), fallback))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("is_gzip", [False, True])
def test_a_document_is_read_in_whatever_encoding_it_came(seller, stub, encoding, is_gzip):
    found = lines(seller, stub, TABLE.encode(encoding), is_gzip)
    assert found == ["order-id\tTitel", "111\tGröße", "222\tjolie"]


def test_big_endian_and_japan_are_read_too(seller, stub):
    assert lines(seller, stub, b"\xfe\xff" + TABLE.encode("utf-16-be"))[1] == "111\tGröße"
    assert lines(seller, stub, "111\t良い\n".encode("cp932"), fallback="cp932") == ["111\t良い"]


def test_the_declared_encoding_goes_before_the_guess(seller, stub):
    found = lines(
        seller, stub, "111\t良い\n".encode("cp932"), headers={"Content-Type": "text/plain;charset=Shift_JIS"}
    )
    assert found == ["111\t良い"]


@pytest.mark.parametrize("declared", ["text/plain; charset=UTF-8", "text/plain; charset=nonsense"])
def test_a_declaration_that_is_wrong_or_unknown_does_not_help(seller, stub, declared):
    assert lines(seller, stub, "é\n".encode("cp1252"), headers={"Content-Type": declared}) == ["é"]


def test_a_character_split_between_two_pieces_stays_whole(seller, stub):
    row = "ü" * 40_001
    assert lines(seller, stub, f"{row}\n{row}".encode()) == [row, row]
    assert lines(seller, stub, f"{row}\n{row}".encode("utf-16"))[0] == row


def test_a_two_byte_newline_is_found_only_where_a_character_begins(seller, stub):
    text = "Āਊ\u0a00ഊ\nb\n"  # characters whose bytes, read askew, look like a newline
    for encoding in ("utf-16-le", "utf-16-be"):
        mark = b"\xff\xfe" if encoding.endswith("le") else b"\xfe\xff"
        assert lines(seller, stub, mark + text.encode(encoding)) == ["Āਊ\u0a00ഊ", "b"]


def test_a_large_document_streams(seller, stub):
    content = b"a\tb\n" * 500_000
    stub.on("/doc", Reply(200, gzip.compress(content)))
    found = reports.download(seller, Document("D", f"{stub.url}/doc", True))
    assert next(found) == "a\tb"
    assert sum(1 for _ in found) == 499_999


@pytest.mark.parametrize("is_gzip", [False, True])
def test_a_document_that_breaks_off_is_not_taken_for_whole(seller, stub, is_gzip):
    content = b"a\tb\n" * 100_000
    stub.on("/doc", Reply(200, gzip.compress(content) if is_gzip else content, trouble="truncate"))
    with pytest.raises(AmazonError, match="broke off") as caught:
        list(reports.download(seller, Document("D", f"{stub.url}/doc", is_gzip)))
    assert caught.value.outcome is Outcome.RETRY


def test_a_packed_document_that_ends_early_is_not_taken_for_whole(seller, stub):
    stub.on("/doc", Reply(200, gzip.compress(b"a\tb\n" * 100_000)[:-20]))
    with pytest.raises(AmazonError, match="broke off"):
        list(reports.download(seller, Document("D", f"{stub.url}/doc", True)))


def test_what_is_not_packed_though_it_should_be_is_an_error(seller, stub):
    stub.on("/doc", Reply(200, b"plain"))
    with pytest.raises(AmazonError, match="broke off"):
        list(reports.download(seller, Document("D", f"{stub.url}/doc", True)))


@pytest.mark.parametrize("status", [403, 404])
def test_an_expired_address_is_asked_for_anew(seller, stub, status):
    stub.on("/doc", Reply(status, b"<Error/>"))
    with pytest.raises(AmazonError, match="address expired") as caught:
        list(reports.download(seller, Document("D", f"{stub.url}/doc")))
    assert caught.value.outcome is Outcome.RETRY


def test_a_line_without_end_does_not_fill_the_memory(seller, stub):
    with pytest.raises(AmazonError, match="not a report"):
        lines(seller, stub, b"x" * (3 << 20))


def test_rows_are_read_by_name_whatever_their_shape():
    found = list(reports.rows(["Order-ID\tSKU \tNote", '1\ta\t"quoted', "2", "", "3\tc\td\tsurplus"]))
    assert found == [
        {"order-id": "1", "sku": "a", "note": '"quoted'},
        {"order-id": "2", "sku": "", "note": ""},
        {"order-id": "3", "sku": "c", "note": "d"},
    ]


def test_an_empty_document_has_no_rows():
    assert list(reports.rows([])) == []
