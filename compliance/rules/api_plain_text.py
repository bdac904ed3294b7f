"""What a typed message takes.

What it flags
HTML in the text of a Messaging API type, an e-mail address, a text that is empty or longer than the type
takes.

Why
Amazon's Messaging API takes plain text of 400, 800 or 2,000 characters, without e-mail addresses.

Write instead
A shorter plain text.

Sources
Amazon's Messaging API model (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity

_LIMITS = {"digitalAccessKey": 400, "confirmCustomizationDetails": 800}
_OF_PURPOSE = {"digital_access_key": 400, "custom_design": 800}
_LONGEST = 2_000
_MARKUP = regex.compile(
    r"</?(?:a|b|i|u|p|br|div|span|strong|em|ul|ol|li|img|table|tr|td|font|h[1-6])"
    r"(?:\s[^<>]{0,200})?/?>",
    regex.IGNORECASE,
)
_ADDRESS = regex.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")


def _api(body: str, purpose: str = "order_information", api_type: str = "") -> Draft:
    return Draft("messaging_api", purpose, body, "en-US", "US", api_type=api_type)  # type: ignore[arg-type]


class ApiPlainText(Rule):
    slug, code, title = "api-plain-text", "D12", "Plain text for typed messages"
    severity = Severity.BLOCK
    remedy = Remedy.SENTENCE
    profiles = frozenset({"messaging_api"})
    depends_on_values = True
    flagged = (
        _api("Shall it be <b>left</b> or right?"),
        _api("Which colour? Write to a@acme.example."),
        _api("Your key. " * 41, "digital_access_key", "digitalAccessKey"),
        _api("Which colour? " * 58, "custom_design", "confirmCustomizationDetails"),
        _api("Which colour? " * 143),
    )
    passed = (_api("Shall it be left or right? 3 < 4 and 5 > 2."), _api("Which colour? " * 142))

    def check(self, document: Document) -> Iterator[Finding]:
        draft = document.draft
        limit = _LIMITS.get(draft.api_type) or _OF_PURPOSE.get(draft.purpose, _LONGEST)
        if len(document.body.text) > limit:
            yield self.finding(f"{len(document.body.text)} characters; this type takes {limit}.")
        for pattern, message in (
            (_MARKUP, "HTML is shown as it stands here"),
            (_ADDRESS, "An e-mail address"),
        ):
            for match in pattern.finditer(document.body.text):
                yield self.seen(f"{message}; take it out.", document.body, *match.span())
