"""The sending service adds nothing.

What it flags
A mail that leaves the sending service with more or other links, pictures or words than the text that was checked: a
picture that counts openings, rewritten links, a footer to unsubscribe, a badge.

Why
All of it is forbidden content, and it is the sender who answers for it. Such features are on by default.

Write instead
Switch them off for this stream. Mail is handed to the relay over plain SMTP as it was checked; a seed message that came
back (`leaves_as`) is compared with what was sent.

Sources
ZonGuru help, may I ask for a review; Zonmaster, compliance checklist 2023 (read 2026-11-23). The comparison is ours."""

from collections.abc import Iterator

from compliance.engine import looks
from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Rule, Severity

_BODY = "<p>A <a href='https://www.amazon.com/review'>review</a> is welcome.</p>"


def _left(leaves_as: str) -> Draft:
    sending = Sending(channel="relay_email", leaves_as=leaves_as)
    return Draft("relay_email", "review_request", _BODY, "en-US", "US", body_format="html", sending=sending)


class ProviderAddsNothing(Rule):
    slug, code, title = "provider-adds-nothing", "F7", "The sending service adds nothing"
    severity = Severity.BLOCK
    reads = frozenset({"sending"})
    profiles = frozenset({"relay_email"})
    flagged = (
        _left(_BODY + "<img src='https://open.mailer.example/1.png' width=1>"),
        _left(_BODY.replace("www.amazon.com/review", "click.mailer.example/x")),
        _left(_BODY + "<p>Unsubscribe</p>"),
    )
    passed = (_left(_BODY), _left(_BODY.replace("'", '"') + "\r\n"), _left(""))

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is None or not sending.leaves_as:
            return
        sent, left = _seen(document.draft.body, document.draft), _seen(sending.leaves_as, document.draft)
        for what, before, after in zip(("links", "pictures", "words"), sent, left, strict=True):
            if before != after:
                added = ", ".join(sorted(after - before)[:3]) or "some were taken out"
                yield self.finding(f"The sending service changed the {what}: {added:.200}.", where="sending")


def _seen(body: str, draft: Draft) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    document = Document(
        Draft(
            "relay_email",
            draft.purpose,
            body,
            draft.language,
            draft.marketplace,
            body_format=draft.body_format,
        )
    )
    pictures = looks.pictures(document.tree) if document.tree else ()
    lines = (" ".join(line.split()) for line in document.body.text.splitlines())
    return (
        frozenset(link.url for link in document.links if link.kind == "href"),
        frozenset(url for _, url in pictures),
        frozenset(line for line in lines if line),
    )
