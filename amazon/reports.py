"""Reports API 2021-06-30: order a report, ask until it is done, read it as a stream.

"No data" and "asked too soon" both end in CANCELLED or FATAL, never in an empty file; column order is not
guaranteed, so read by name; the document's address lives five minutes (Amazon's model and guides, read
2026-11-23).
"""

from __future__ import annotations

import codecs
import csv
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .client import Application, Caller, SellingPartner
from .errors import AmazonError, Outcome, classify
from .orders import iso, parse_time
from .transport import MayHaveLeft, NeverLeft

FBA_SHIPMENTS = "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL"
FBA_RETURNS = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
FBA_REPLACEMENTS = "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA"
FBM_RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
SELLER_FEEDBACK = "GET_SELLER_FEEDBACK_DATA"

#: A line longer than this is not a report.
_MAX_LINE = 1 << 20


class Status(StrEnum):
    IN_QUEUE = "IN_QUEUE"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FATAL = "FATAL"

    @property
    def is_final(self) -> bool:
        return self in {Status.DONE, Status.CANCELLED, Status.FATAL}


@dataclass(frozen=True, slots=True)
class Report:
    """`document_id` is there once DONE; a FATAL report may have one too, which tells why."""

    id: str
    type: str
    status: Status
    document_id: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The address is a secret for the five minutes it lives."""

    id: str
    url: str = field(repr=False)
    is_gzip: bool = False


def create(
    seller: Caller,
    report_type: str,
    marketplace_ids: Iterable[str],
    start_at: datetime | None = None,
    end_at: datetime | None = None,
    options: Mapping[str, str] | None = None,
) -> str:
    """Order a report; its id. Raises AmazonError. Repeating it only costs a second report."""
    body: dict[str, Any] = {"reportType": report_type, "marketplaceIds": list(marketplace_ids)}
    if start_at:
        body["dataStartTime"] = iso(start_at)
    if end_at:
        body["dataEndTime"] = iso(end_at)
    if options:
        body["reportOptions"] = dict(options)
    return str(_needed(seller.call("createReport", body=body).data, "reportId", "createReport"))


def get(seller: Caller, report_id: str) -> Report:
    data = seller.call("getReport", report_id=report_id).data
    return Report(
        id=report_id,
        type=data.get("reportType", ""),
        status=_status(data.get("processingStatus")),
        document_id=data.get("reportDocumentId") or None,
        start_at=parse_time(data.get("dataStartTime")),
        end_at=parse_time(data.get("dataEndTime")),
    )


def _status(text: Any) -> Status:
    try:
        return Status(text)
    except ValueError:  # a status Amazon invented since: not final, ask again
        return Status.IN_PROGRESS


def next_look(attempt: int) -> timedelta:
    """How long to leave a report alone before the `attempt`-th look (from 1): 30 s, doubling, at most 15
    minutes.
    """
    return timedelta(seconds=min(900, 30 * 2 ** min(max(attempt, 1) - 1, 10)))


def document(seller: Caller, document_id: str) -> Document:
    data = seller.call("getReportDocument", report_document_id=document_id).data
    url = str(_needed(data, "url", "getReportDocument"))
    return Document(document_id, url, data.get("compressionAlgorithm") == "GZIP")


def download(
    caller: SellingPartner | Application, wanted: Document, fallback_encoding: str = "cp1252"
) -> Iterator[str]:
    """The document's lines, without line ends, as they arrive: the caller may pause between any two; memory
    stays flat.

    UTF-8 and UTF-16 are recognised; a line that is not UTF-8 is read in the encoding the storage declares,
    else in `fallback_encoding` (Japan: "cp932"). Raises AmazonError `retry` when the stream breaks off: ask
    for the document anew.
    """
    url = caller.client.settings.check_address(wanted.url, "document address")
    try:
        with caller.client.transport.stream(url) as stream:
            if stream.status != 200:
                raise _gone(stream.status)
            charset = _charset(stream.headers) or fallback_encoding
            yield from _lines(_inflated(stream) if wanted.is_gzip else stream, charset)
    except (NeverLeft, MayHaveLeft, zlib.error) as error:
        raise AmazonError(
            Outcome.RETRY, message=f"the report broke off: {error}", operation="download"
        ) from error


def rows(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Tab-separated lines as rows by column name (lower case). Missing cells are empty; surplus cells are
    dropped.
    """
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    header = [name.strip().lower() for name in next(reader, [])]
    for cells in reader:
        if any(cells):
            padded = [*cells, *[""] * (len(header) - len(cells))]
            yield dict(zip(header, (cell.strip() for cell in padded), strict=False))


def _gone(status: int) -> AmazonError:
    if status in (403, 404):
        sentence = "The report's address expired. A new one will be asked for."
        return AmazonError(Outcome.RETRY, sentence, status=status, operation="download")
    return classify(status, b"", None, "download")


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    for piece in pieces:
        if data := inflate.decompress(piece, 1 << 20):
            yield data
        while inflate.unconsumed_tail:
            yield inflate.decompress(inflate.unconsumed_tail, 1 << 20)
    if not inflate.eof:
        raise zlib.error("incomplete GZIP data")


def _lines(pieces: Iterable[bytes], charset: str) -> Iterator[str]:
    rest, encoding = b"", ""
    for piece in pieces:
        rest += piece
        encoding = encoding or _encoding(rest)
        newline = "\n".encode(encoding) if encoding.startswith("utf-16") else b"\n"
        *whole, rest = _split(rest, newline)
        if len(rest) > _MAX_LINE:
            raise MayHaveLeft("a line of more than a megabyte: this is not a report")
        for line in whole:
            yield _decoded(line, encoding, charset)
    if rest:
        yield _decoded(rest, encoding, charset)


def _split(data: bytes, newline: bytes) -> list[bytes]:
    """Split at newlines; a two-byte newline only where a character begins."""
    if len(newline) == 1:
        return data.split(newline)
    parts, start, found = [], 0, data.find(newline)
    while found >= 0:
        if found % 2 == start % 2:
            parts.append(data[start:found])
            start = found + 2
        found = data.find(newline, found + (2 if found % 2 == start % 2 else 1))
    return [*parts, data[start:]]


def _encoding(head: bytes) -> str:
    if head.startswith(b"\xff\xfe"):
        return "utf-16-le"
    return "utf-16-be" if head.startswith(b"\xfe\xff") else "utf-8"


def _decoded(line: bytes, encoding: str, charset: str) -> str:
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        text = line.decode(charset, "replace")
    return text.removeprefix("\ufeff").rstrip("\r\n")


def _charset(headers: Mapping[str, str]) -> str:
    for name, value in headers.items():
        if name.lower() == "content-type" and "charset=" in value.lower():
            declared = value.lower().rpartition("charset=")[2].strip(" \"';")
            return _known(declared)
    return ""


def _known(charset: str) -> str:
    try:
        codecs.lookup(charset)
    except LookupError:
        return ""
    # Declared as UTF-8 and yet not UTF-8: the declaration is worth nothing.
    return "" if charset.replace("-", "") == "utf8" else charset


def _needed(data: Mapping[str, Any], name: str, operation: str) -> Any:
    if not data.get(name):
        raise AmazonError(Outcome.RETRY, message=f"the answer lacks {name}", operation=operation)
    return data[name]
