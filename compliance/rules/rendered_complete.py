"""Nothing left unfilled, nothing left over from writing.

What it flags
A placeholder without its value, braces or brackets of another tool's placeholders, a value that is none, and
words such as "lorem ipsum", "TODO" or "undefined".

Why
A buyer who reads "Dear {{ first_name }}" gets a broken message, and a broken order id breaks Amazon's rule
to show it.

Write instead
Use the placeholders offered in the editor: `{{ order_id }}`, `{{ product_title }}`, `{{ store_name }}`.

Sources
Our own rule (2026-11-23). It protects Amazon's rules on the order id and on spelling.
"""

from collections.abc import Iterator

import regex

from compliance.engine.document import PLACEHOLDER, Document, View
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity

_BRACES = regex.compile(r"\{\{[^{}\n]{0,80}\}\}|\{%[^{}\n]{0,80}%\}|\{\{|\}\}")
_FOREIGN = regex.compile(
    r"%%[\w.-]{1,40}%%|\$\{[\w .-]{1,40}\}|(?<![\w{])\{[A-Za-z][\w .-]{0,40}\}(?!\})"
    r"|(?<![\w%])%[A-Za-z][\w-]{2,40}%(?!\w)"
    r"|\[\[[\w .:-]{1,60}\]\]|<<[\w .-]{1,40}>>|\*\|[A-Z_:]{2,40}\|\*"
    r"|\[(?:[A-Z][A-Z _-]{3,40}"
    r"|(?i:(?:your|insert|enter|buyer|customer|first|last|order|product|store|seller|shop)"
    r"[ _-][\w ._-]{2,40}"
    r"|(?:name|nom|nombre|nome|naam|imi[eę]|namn|isim|ad[ıi]?|client\w*|kund\w*|klant\w*|klient\w*|m[uü][sş]teri\w*)"
    r"(?: [\w .]{1,30})?"
    r"|asin|sku|link|url|date|bestell\w*|produkt\w*|produit|producto|prodotto|(?:お客様|氏名|お名前|商品)名?))\]"
)
_LEFT_OVER = regex.compile(
    r"(?<!\w)(?:(?i:lorem ipsum|dolor sit amet|insert text here|text goes here|test test|asdf+|blah blah)"
    r"|TODO|TBD|FIXME|X{4,}"
    r"|undefined|NaN|#N/A|\[object Object\])(?!\w)"
)
# A greeting with nothing between it and its comma: the name was empty.
_NO_NAME = regex.compile(
    r"(?im)^\s*(?:dear|hello|hi|hey|hallo|lieber?|sehr geehrter?|bonjour|ch[eè]re?|hola|estimad[oa]|ciao|"
    r"gentile|beste|drog[ia]|"
    r"witaj|ol[aá]|prezad[oa]|hej|merhaba|say[iı]n)\s+,"
)
# An empty value is the renderer's to refuse: where a text gives it a default there is no gap.
_FILLED_BADLY = frozenset({"none", "null", "undefined", "nan"})


# What each pattern cannot do without: three patterns over every text of every message would be most of its
# time.
_NEEDED = (
    (_FOREIGN, ("{", "[", "%", "<<", "*|")),
    (_LEFT_OVER, ("lorem", "dolor", "text here", "text goes", "test test", "asdf", "blah", "todo", "tbd",
                  "fixme",
                  "xxxx",
                  "undefined", "nan", "#n/a", "[object")),
    (_NO_NAME, (" ,", "\t,", "\u00a0,")),
)  # fmt: skip


def _worth_trying(text: str) -> list["regex.Pattern[str]"]:
    lowered = text.lower()
    return [pattern for pattern, signs in _NEEDED if any(sign in lowered for sign in signs)]


class RenderedComplete(Rule):
    slug, code, title = "rendered-complete", "C17", "Nothing is left unfilled"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email", "messaging_api"})
    depends_on_values = True
    flagged = (
        "Dear {{ first_name }}, about your order",
        "Dear [Customer Name],",
        "Dear {first_name},",
        "Your order %ORDER_ID% arrived.",
        "Lorem ipsum dolor sit amet.",
        "Hello undefined,",
        "Dear ,",
        "%%SIGNATURE%%",
        Draft("relay_email", "review_request", "Order {{ order_id }", "en-US", "US", stage="template"),
        Draft("relay_email", "review_request", "From: None", "en-US", "US", values={"store_name": "None"}),
        Draft(
            "relay_email",
            "review_request",
            '<a href="{{ review_url }}">x</a>',
            "en-US",
            "US",
            body_format="html",
        ),
    )
    passed = (
        "Order 112-4830917-2265401: 20% off the list price was refunded [see the invoice].",
        Draft(
            "relay_email",
            "review_request",
            "Order {{ order_id }}, {{store_name}}",
            "en-US",
            "US",
            stage="template",
        ),
        Draft(
            "relay_email",
            "review_request",
            '<a href="{{ review_url }}">x</a>',
            "en",
            "US",
            stage="template",
            body_format="html",
        ),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for name, value in document.draft.values.items():
            if value.strip().lower() in _FILLED_BADLY:
                yield self.finding(
                    f"{{{{ {name} }}}} was filled in with {value!r}; a buyer would read that.", text=value
                )
        for view in document.views:
            if "{" in view.text or "}" in view.text:
                yield from self._braces(document, view)
            for pattern in _worth_trying(view.text):
                yield from self._plain(pattern, view)
        yield from self._links(document)

    def _braces(self, document: Document, view: View) -> Iterator[Finding]:
        template = document.draft.stage == "template"
        for match in _BRACES.finditer(view.text):
            if template and (PLACEHOLDER.fullmatch(match[0]) or match[0].startswith("{%")):
                continue
            yield self.seen(f"{match[0]} was not filled in.", view, *match.span())

    def _plain(self, pattern: "regex.Pattern[str]", view: View) -> Iterator[Finding]:
        for match in pattern.finditer(view.text):
            yield self.seen(
                f"{match[0]!r} is left over from writing or from another tool.", view, *match.span()
            )

    def _links(self, document: Document) -> Iterator[Finding]:
        for link in document.links:
            if link.kind == "href" and document.draft.stage == "rendered" and PLACEHOLDER.search(link.url):
                yield self.finding(
                    f"The link {link.url} was not filled in.", text=link.url, start=link.start, end=link.end
                )
            elif link.kind == "href" and link.url.strip() in ("", "#"):
                yield self.finding(
                    "A link leads nowhere.", start=link.start, end=link.end, outcome=Outcome.REVIEW
                )
