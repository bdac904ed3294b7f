"""Attachments that arrive.

What it flags
Files above 10 MB together (7 MB goes to a person: mail encoding adds a third), and kinds that may carry
programs: archives, executables, documents with macros, HTML.

Why
Amazon takes up to 10 MB in a message and a short list of formats; the rest is not delivered.

Write instead
A PDF, or a picture as JPEG or PNG.

Sources
Amazon help, Buyer-Seller Messages (read 2026-11-23). That the encoded size may count is our reading.
"""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.types import Attachment, Draft, Finding, Outcome, Rule, Severity

_MEGABYTE = 1024 * 1024
_LIMIT, _DOUBT = 10 * _MEGABYTE, 7 * _MEGABYTE
_SAFE = {
    "application/pdf": ("pdf",), "image/jpeg": ("jpg", "jpeg"), "image/png": ("png",), "text/plain": ("txt",),
    "application/msword": ("doc",), "image/gif": ("gif",), "image/bmp": ("bmp",),
    "image/tiff": ("tif", "tiff"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
}  # fmt: skip


def _file(name: str, content_type: str, size: int = 1000) -> Draft:
    files = (Attachment(name, content_type, size, "invoice"),)
    return Draft("relay_email", "invoice", "x", "en", "US", attachments=files)


class AttachmentSizeType(Rule):
    slug, code, title = "attachment-size-type", "C5", "Attachments of a size and kind that arrive"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _file("a.zip", "application/zip"),
        _file("a.docm", "application/vnd.ms-word.document.macroEnabled.12"),
        _file("invoice.pdf.exe", "application/pdf"),
        _file("a.pdf", "application/pdf", 11 * _MEGABYTE),
        _file("a.pdf", "application/pdf", 8 * _MEGABYTE),
    )
    passed = (
        _file("Invoice 1.PDF", "application/pdf"),
        _file("a.jpeg", "image/jpeg; name=a.jpeg"),
        _file("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        attachments = document.draft.attachments
        size = sum(attachment.size_bytes for attachment in attachments)
        if size > _DOUBT:
            outcome = Outcome.BLOCK if size > _LIMIT else Outcome.REVIEW
            message = f"The attachments are {size / _MEGABYTE:.1f} MB; Amazon takes 10 MB, encoding included."
            yield self.finding(message, outcome=outcome, where="attachment")
        for attachment in attachments:
            yield from self._kind(attachment)

    def _kind(self, attachment: Attachment) -> Iterator[Finding]:
        endings = _SAFE.get(attachment.content_type.split(";")[0].strip().lower())
        ending = attachment.filename.rpartition(".")[2].lower()
        if endings is None or ending not in endings:
            name = attachment.filename
            message = f"{name} ({attachment.content_type}) may not be delivered; attach a PDF, JPEG or PNG."
            yield self.finding(message, text=name, where="attachment", end=len(name))
