"""What Amazon's relay looks at in a mail before a buyer gets it.

Amazon blocks such messages without telling the sender (message policy and Seller Central help, read
2026-11), so the answer to the seller is 250 all the same.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

LINK = re.compile(r"(?:https?://|www\.)([^\s/<>\"')]+)", re.IGNORECASE)
# Bounded and anchored: an unbounded run of letters before the @ costs the square of a long text.
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[a-z]{2,}", re.IGNORECASE)
EMOJI = re.compile("[\u2600-\u27bf\u2b50\U0001f1e6-\U0001faff]")
ORDER_ID = re.compile(r"\b\d{3}-\d{7}-\d{7}\b")
AMAZON = re.compile(
    r"(^|\.)amazon\.(com|ca|com\.mx|com\.br|es|co\.uk|fr|com\.be|nl|de|it|se|pl|ie|eg|com\.tr|sa|ae|in|co\.za|sg|com\.au|co\.jp)$"
)
ALLOWED_FILES = (
    ".pdf",
    ".doc",
    ".docx",
    ".txt",
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".tif",
    ".tiff",
    ".bmp",
    ".csv",
    ".xls",
    ".xlsx",
    ".ods",
    ".odt",
    ".rtf",
    ".zip",
)
IMPORTANT = re.compile(r"\[(important|wichtig|importante?|重要|ważne|belangrijk|viktigt)\]", re.IGNORECASE)


class _Visible(HTMLParser):
    """Words and link targets of an HTML body."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.targets: list[str] = []
        self.pictures: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("style", "script"):
            self._hidden += 1
        if tag == "a":
            self.targets.append(values.get("href") or "")
        if tag == "img":
            self.pictures.append(values.get("src") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def bodies(message: EmailMessage) -> tuple[str, str]:
    """The plain and the HTML body; '' for one that is not there."""
    found = []
    for kind in ("plain", "html"):
        part = message.get_body(preferencelist=(kind,))
        found.append(str(part.get_content()) if part is not None else "")
    return found[0], found[1]


def attachments(message: EmailMessage) -> list[dict[str, Any]]:
    return [
        {
            "fileName": part.get_filename() or "",
            "contentType": part.get_content_type(),
            "size": len(part.get_payload(decode=True) or b""),
        }
        for part in message.iter_attachments()
    ]


def is_important(subject: str) -> bool:
    return IMPORTANT.search(subject) is not None


def why_blocked(subject: str, text: str, html: str, files: list[dict[str, Any]]) -> str:
    """One word for what keeps the mail from the buyer; '' when nothing does."""
    seen = _Visible()
    seen.feed(html)
    words = " ".join([subject, text, *seen.words])
    if EMOJI.search(words):
        return "emoji"
    if any(not AMAZON.search(host.lower()) for host in LINK.findall(" ".join([words, *seen.targets]))):
        return "external-link"
    if any(target.startswith(("mailto:", "tel:")) for target in seen.targets):
        return "contact-link"
    if any(source.startswith(("http:", "https:", "//")) for source in seen.pictures):
        return "remote-image"
    if EMAIL.search(" ".join([text, *seen.words])):
        return "email-address"
    if any(not str(file["fileName"]).lower().endswith(ALLOWED_FILES) for file in files):
        return "attachment-type"
    return ""
