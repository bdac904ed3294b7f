"""Only invoices, warranty papers and instructions may be attached.

What it flags
A file declared as anything else. On the Messaging API, a file on a type that takes none, or more than five.

Why
Amazon allows no other attachments; a catalogue or a "free e-book" is advertising.

Write instead
Attach the invoice, the warranty or the product's instructions, and declare it as that.

Sources
ZonGuru help, may I ask for a review (read 2026-11-23). Amazon's Messaging API model, types with files
(read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.types import ASKS, Attachment, Draft, Finding, Outcome, Rule, Severity

_KINDS = frozenset({"invoice", "warranty", "instructions"})
_TAKE_FILES = frozenset(
    {"confirmCustomizationDetails", "digitalAccessKey", "sendInvoice", "warranty", "legalDisclosure", ""}
)
_AT_MOST = 5


def _with(
    kind: str, *, medium: str = "relay_email", api_type: str = "", purpose: str = "invoice", count: int = 1
) -> Draft:
    files = (Attachment("a.pdf", "application/pdf", 1000, kind),) * count
    return Draft(medium, purpose, "x", "en", "US", api_type=api_type, attachments=files)  # type: ignore[arg-type]


class AttachmentKind(Rule):
    slug, code, title = "attachment-kind", "C4", "Only permitted attachments"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _with("other"),
        _with("invoice", medium="messaging_api", api_type="unexpectedProblem"),
        _with("warranty", medium="messaging_api", api_type="warranty", count=6),
    )
    passed = (
        _with("invoice"),
        _with("instructions"),
        _with(
            "other", medium="messaging_api", api_type="confirmCustomizationDetails", purpose="custom_design"
        ),
        _with("other", purpose="legal_disclosure"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        draft = document.draft
        if draft.medium == "messaging_api":
            yield from self._of_type(draft)
        for attachment in draft.attachments:
            if attachment.kind == "instructions" and draft.purpose in ASKS:
                what = "comes with a request for a review; a person decides whether it tells what to write."
                yield self._found(attachment, what, Outcome.REVIEW)
            if attachment.kind not in _KINDS and draft.purpose not in ("custom_design", "legal_disclosure"):
                yield self._found(
                    attachment, "is neither an invoice, nor a warranty, nor instructions; leave it out."
                )

    def _of_type(self, draft: Draft) -> Iterator[Finding]:
        if draft.attachments and draft.api_type not in _TAKE_FILES:
            yield self._found(
                draft.attachments[0], f"cannot go with {draft.api_type}: that type takes no files."
            )
        if len(draft.attachments) > _AT_MOST:
            yield self._found(draft.attachments[_AT_MOST], f"is one too many: at most {_AT_MOST} files.")

    def _found(self, attachment: Attachment, what: str, outcome: Outcome = Outcome.BLOCK) -> Finding:
        name = attachment.filename
        return self.finding(f"{name} {what}", outcome=outcome, text=name, where="attachment", end=len(name))
