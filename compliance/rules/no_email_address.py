"""No e-mail addresses.

What it flags
An e-mail address in the text, in a link or spelled out ("shop at acme dot com").

Why
Buyer and seller talk through Amazon's Buyer-Seller Messaging only. Amazon removes addresses or stops the
message.

Write instead
"You can reply to this message."

Sources
ZonGuru help, may I ask for a review (read 2026-11-23). Jungle Scout, Amazon's communication guidelines (read
2026-11-23). Amazon's Messaging API model, which forbids them in every text (read 2026-11-23).
"""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document, View
from compliance.engine.types import Draft, Finding, Remedy, Rule, Severity

_ADDRESS = regex.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}(?:@| @ )[\w-]{1,63}(?:\.[\w-]{2,63}| \. [a-z]{2,10}){1,4}(?![\w-])"
)
_AT = (
    r"(?:at|arroba|malpa|chiocciola|arobase|apenstaartje|klammeraffe|snabel-?a|kuyruklu|et isareti"
    r"|アットマーク|アット)"
)
_DOT = r"(?:dot|punkt|point|punto|ponto|kropka|punt|nokta|ドット|\.)"
_WRITTEN = regex.compile(
    rf"(?<![\w.-])[\w.-]{{1,64}}+\s?(?:[\[({{<]\s?{_AT}\s?[\])}}>]|[\[({{<]\s?@\s?[\])}}>])\s?[\w-]{{1,63}}"
)
_SAID = regex.compile(
    rf"(?<![\w.-])[\w.-]{{1,64}}+\s{_AT}\s[\w-]{{2,63}}+(?:\s|\s?[\[(])"
    r"(?:dot|punkt|point|punto|ponto|kropka|punt|nokta)(?:[\])]\s?|\s)[a-z]{2,10}(?!\w)"
)
# Only after a word that asks to write: "at" and "point" are words of their own.
_ASKS_TO_WRITE = regex.compile(
    r"\b(?:mail|write|contact|reach|message|address|email|schreib\w{0,4}|kontakt\w{0,6}|ecri\w{0,6}|escri\w{0,6}|"
    r"scriv\w{0,4}|contat\w{0,5}|napisz|skriv|yaz\w{0,4})\b[^.!?\n]{0,30}\Z"
)
# What an address cannot do without: two patterns over every text of every message would be most of its time.
_SIGNS = (
    "@",
    "(",
    "[",
    "{",
    "<",
    " dot ",
    " punkt ",
    " point ",
    " punto ",
    " ponto ",
    " kropka ",
    " punt ",
    " nokta ",
)


class NoEmailAddress(Rule):
    slug, code, title = "no-email-address", "C10", "No e-mail address"
    severity = Severity.BLOCK
    remedy = Remedy.LINK
    profiles = frozenset({"relay_email", "messaging_api"})
    depends_on_values = True
    flagged = (
        "Write to help@acme.example with your order number.",
        "Contact: service (at) acme (dot) com",
        "You can reach anna at acme dot com any time.",
        "support\uff20acme.example",
        Draft(
            "relay_email",
            "invoice",
            '<a href="mailto:a@acme.example">Write to us</a>',
            "en-US",
            "US",
            body_format="html",
        ),
    )
    passed = (
        "Reply to this message.",
        "We open at 9 and close at 5.",
        "Look at the lamp: 2 @ 40 W.",
        "Find the manual at the bottom of the box.",
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for view in document.views:
            if any(sign in view.whole[0] for sign in _SIGNS):
                yield from self._in(view)
        for link in document.links:
            if link.scheme == "mailto":
                yield self.finding(
                    "A mailto: link is an e-mail address; say \u201creply to this message\u201d instead.",
                    text=link.url, start=link.start, end=link.end,
                )  # fmt: skip

    def _in(self, view: View) -> Iterator[Finding]:
        for pattern in (_ADDRESS, _WRITTEN, _SAID):
            for match, start, end in view.find(pattern):
                if pattern is _SAID and not _is_asked_to_write(match):
                    continue
                message = f"{match[0].strip()!r} is an e-mail address; say “reply to this message” instead."
                yield self.seen(message, view, start, end)


def _is_asked_to_write(match: "regex.Match[str]") -> bool:
    return _ASKS_TO_WRITE.search(match.string, max(0, match.start() - 45), match.start()) is not None
