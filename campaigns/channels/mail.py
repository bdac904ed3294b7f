"""A parcel as the bytes of one mail: multipart with a plain part, files by their type, nothing that tracks.
Pure.

`EmailMessage` refuses line breaks in headers; values are flattened before, so that no text can add a header
or a recipient.
"""

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html.parser import HTMLParser

from campaigns.channels.base import Parcel, Refused
from campaigns.domain.placeholders import clean

MAX_BYTES = (
    10 << 20
)  # Amazon takes at most 10 MB of files a message (Seller Central, messaging help, read 2026-11-23)


def compose(parcel: Parcel, now: datetime) -> bytes:
    """Raises Refused where the parcel cannot be a mail."""
    mail = EmailMessage(policy=SMTP.clone(max_line_length=200))
    mail["From"], mail["To"] = parcel.sender, parcel.to
    mail["Subject"] = clean(parcel.subject)
    mail["Date"], mail["Message-ID"] = format_datetime(now), parcel.mail_id
    _fill(mail, parcel)
    for file in parcel.attachments:
        main, _, sub = file.content_type.partition("/")
        mail.add_attachment(
            file.content, maintype=main, subtype=sub or "octet-stream", filename=clean(file.file_name)
        )
    if sum(len(file.content) for file in parcel.attachments) > MAX_BYTES:
        raise Refused("type_cannot_carry", "The files are larger than the 10 MB that Amazon's relay takes.")
    return mail.as_bytes()


def _fill(mail: EmailMessage, parcel: Parcel) -> None:
    if parcel.body_format == "html":
        mail.set_content(plain_text(parcel.body), cte="quoted-printable")
        mail.add_alternative(
            f"<!DOCTYPE html><html><body>{parcel.body}</body></html>", subtype="html", cte="quoted-printable"
        )
    else:
        mail.set_content(parcel.body, cte="quoted-printable")


def plain_text(html: str) -> str:
    """What the small permitted HTML says, without it: paragraphs, list marks, and each link's address
    after its words.
    """
    reader = _Plain()
    reader.feed(html)
    reader.close()
    text = "".join(reader.out)
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._lists: list[int | None] = []
        self._link, self._link_from = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"p", "ul", "ol"}:
            self.out.append("\n\n" if tag == "p" or not self._lists else "\n")
        if tag in {"ul", "ol"}:
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "br":
            self.out.append("\n")
        elif tag == "li":
            self.out.append(self._mark())
        elif tag == "a":
            self._link, self._link_from = dict(attrs).get("href") or "", len(self.out)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
            self.out.append("\n\n")
        elif tag == "p":
            self.out.append("\n\n")
        elif tag == "a" and self._link:
            words = "".join(self.out[self._link_from :]).strip()
            self.out.append("" if words == self._link else f" ({self._link})")
            self._link = ""

    def handle_data(self, data: str) -> None:
        self.out.append(re.sub(r"\s+", " ", data))

    def _mark(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "\n- "
        self._lists[-1] += 1
        return f"\n{self._lists[-1]}. "
