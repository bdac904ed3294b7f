"""The order's id must stand in the message.

What it flags
A mail in which the buyer cannot read the order's id: it is missing, stands only in the subject, in a comment
or in hidden text, is another order's id, or is written so that a machine cannot read it.

Why
Amazon asks for the 17-digit order id in every message a seller starts. Messages without it are not delivered.

Write instead
Put `{{ order_id }}` into the first lines: "This is about order {{ order_id }}."

Sources
ZonSupport, Amazon messaging update, September 2020 (read 2026-11-23). Amazon UK seller forum, critical and
non-critical messages (read 2026-11-23). The shape 3-7-7: Amazon's Orders API model (read 2026-11-23).
"""

from collections.abc import Iterator

import regex

from compliance.engine.document import ORDER_ID, PLACEHOLDER, Document
from compliance.engine.requests import ORDER
from compliance.engine.types import Draft, Finding, Fix, Outcome, Rule, Severity

_LOOSE = regex.compile(r"(?<!\d)(\d{3})[\s-]{0,3}(\d{7})[\s-]{0,3}(\d{7})(?!\d)")


def _mail(body: str, *, order_id: str = "112-4830917-2265401", subject: str = "Your order") -> Draft:
    return Draft(
        "relay_email",
        "review_request",
        body,
        "en-US",
        "US",
        order_id=order_id,
        subject=subject,
        body_format="html",
    )


class OrderIdPresent(Rule):
    slug, code, title = "order-id-present", "T4", "The order's id is in the text"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email"})
    depends_on_values = True
    flagged = (
        _mail("<p>You can review the lamp on Amazon.</p>"),
        _mail("<p>Hello</p>", subject="Order 112-4830917-2265401"),
        _mail("<p>About order 111-0000000-0000000</p>"),
        _mail(
            "<p>Hello <!-- 112-4830917-2265401 --><span style='display:none'>112-4830917-2265401</span></p>"
        ),
        _mail("<p>Order 112\u20114830917\u20112265401</p>"),
        Draft("relay_email", "review_request", "Hello {{ store_name }}", "en-US", "US", stage="template"),
    )
    passed = (
        _mail("<p>About order <b>112-4830917</b>-2265401.</p>"),
        Draft("relay_email", "review_request", "Order {{ order_id }}", "en-US", "US", stage="template"),
        Draft("messaging_api", "order_information", "Which colour would you like?", "en-US", "US"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if document.draft.stage == "template":
            yield from self._template(document)
        else:
            yield from self._rendered(document, document.draft.order_id)

    def _template(self, document: Document) -> Iterator[Finding]:
        names = {match[1] for match in PLACEHOLDER.finditer(document.body.text)}
        if "order_id" not in names:
            yield self.finding(
                "The text does not show the order's id. Add {{ order_id }} where the buyer can read it.",
                fix=_put_in(document, "{{ order_id }}"),
            )

    def _rendered(self, document: Document, wanted: str) -> Iterator[Finding]:
        found = list(ORDER_ID.finditer(document.body.text))
        others = [match for match in found if wanted and match[0] != wanted]
        if len(others) == len(found):
            yield from self._loose(document, wanted, others)
        else:
            for match in others:
                message = (
                    f"{match[0]} is another order than {wanted}; name only the order this message is about."
                )
                yield self.seen(message, document.body, *match.span(), outcome=Outcome.REVIEW)

    def _loose(self, document: Document, wanted: str, others: list["regex.Match[str]"]) -> Iterator[Finding]:
        for match, start, end in document.body.find(_LOOSE):
            if not wanted or "-".join(match.groups()) == wanted:
                message = (
                    "The order's id is not written with plain hyphens; write it as 3-7-7 digits with hyphens."
                )
                fix = Fix("-".join(match.groups()), "Write it with plain hyphens")
                yield self.seen(message, document.body, start, end, outcome=Outcome.REVIEW, fix=fix)
                return
        for match in others:
            yield self.seen(
                f"{match[0]} is not the order this message is sent for ({wanted}).",
                document.body,
                *match.span(),
            )
        if not others:
            yield self.finding(
                "The buyer cannot read the order's id in the text. Put it into the first lines.",
                fix=_put_in(document, wanted) if ORDER_ID.fullmatch(wanted) else None,
            )


def _put_in(document: Document, order_id: str) -> Fix | None:
    """A line of its own before the first words, in the buyer's language."""
    line = ORDER.get(document.draft.primary_language, "").format(order_id)
    if not line or not document.body.text.strip():
        return None
    if document.draft.body_format == "text":
        return Fix(f"{line}\n\n", "Name the order", 0, 0)
    start = _first_block(document)
    return None if start is None else Fix(f"<p>{line}</p>\n", "Name the order", start, start)


def _first_block(document: Document) -> int | None:
    """Where the first block begins that is no frame around others; None where a line of its own has no place."""
    blocks = document.tree.elements if document.tree else ()
    found = next((e for e in blocks if e.end and e.tag in ("p", "h1", "h2", "h3", "ul", "ol")), None)
    if found is None:
        return (
            0
            if all(
                e.tag in ("html", "head", "body", "b", "i", "a", "br", "em", "strong", "span") for e in blocks
            )
            else None
        )
    is_framed = any(e.tag in ("table", "ul", "ol") for e in found.ancestors())
    return None if is_framed or found.is_hidden else found.start
