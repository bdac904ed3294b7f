"""No emoji, anywhere.

What it flags
Emoji in the subject, the text, the text of pictures, file names and in what is filled in for a placeholder
(a product's title can bring one along), emoji shown as pictures, flags and keycaps. Typographic signs such
as ★ or ✓ are only pointed out.

Why
Amazon's style rules for buyer messages forbid emoji, and messages with one are not delivered.

Write instead
Say it in words. A bullet (•) or a hyphen makes a list.

Sources
EcommerceBytes, copy of Amazon's Communication Guidelines, 8 September 2020 (read 2026-11-23). ZonGuru
help, may I ask for a review (read 2026-11-23). Unicode Technical Standard 51, emoji properties (read
2026-11-23)."""

import re
from collections.abc import Iterator

import regex

from compliance.engine.document import Document, View
from compliance.engine.types import Draft, Finding, Fix, Outcome, Rule, Severity

# Signs that are text unless an emoji selector (U+FE0F) follows: marks, arrows, geometric shapes, stars, check
# marks.
_TEXT_SIGNS = r"[©®™‼⁉ℹ↔-⇿⌚⌨ⓂΩ▪▫▶◀◻◼☐☑★☆✓✔✗✘✖☎✉✆➔➜⤴⤵⬅⬆⬇〰〽㊗㊙0-9#*]"
_EMOJI = regex.compile(
    rf"[\p{{Regional_Indicator}}]{{1,2}}|[0-9#*]\ufe0f?\u20e3"
    rf"|(?:(?!{_TEXT_SIGNS})[\p{{Emoji_Presentation}}\p{{Extended_Pictographic}}]|{_TEXT_SIGNS}\ufe0f|[\u231a\u231b])"
    rf"[\ufe0f\u200d\U0001f3fb-\U0001f3ff\p{{Extended_Pictographic}}]*",
)
_SIGN = regex.compile(r"[★☆✓✔✗✘✖☎✉➔➜]+|[\ue001-\uf8ff]")
_PICTURE = regex.compile(r"emoji|twemoji|emoticon|smiley", regex.IGNORECASE)
_MAYBE = re.compile("[\u2049-\uffff\U0001f000-\U0001faff\u203c\u00a9\u00ae\u20e3]")


class NoEmoji(Rule):
    slug, code, title = "no-emoji", "D2", "No emoji"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email", "messaging_api"})
    depends_on_values = True
    flagged = (
        "Thank you \U0001f60a",
        "Order 112-4830917-2265401 \u2764\ufe0f",
        "Made in \U0001f1e9\U0001f1ea",
        Draft("relay_email", "review_request", "<p>Hi &#128075;</p>", "en-US", "US", body_format="html"),
        Draft("relay_email", "review_request", "Hi", "en-US", "US", subject="A question \u2728"),
        Draft(
            "relay_email",
            "invoice",
            '<img class="emoji" alt="" src="https://x.example/1.png">',
            "en",
            "US",
            body_format="html",
        ),
    )
    passed = (
        "Acme\u00ae lamp, \u00a9 2026, 5 * 3 #1",
        "One \u2192 two, 100 \u20ac, 20 \u00b0C, \u2013 and \u2022",
        "\u3054\u6ce8\u6587\u3042\u308a\u304c\u3068\u3046\u3054\u3056\u3044\u307e\u3059\u3002\u301c\u300e\u300f\u203b",
    )

    def check(self, document: Document) -> Iterator[Finding]:
        for view in document.views:
            if not view.text.isascii() and _MAYBE.search(view.text):
                yield from self._in(view)
        yield from self._pictures(document)

    def _in(self, view: View) -> Iterator[Finding]:
        for match in _EMOJI.finditer(view.text):
            fix = _removed(view, *match.span())
            yield self.seen(f"{match[0]} is an emoji; Amazon allows none.", view, *match.span(), fix=fix)
        for match in _SIGN.finditer(view.text):
            message = f"{match[0]} is a sign some clients show as a picture; words are safer."
            yield self.seen(message, view, *match.span(), outcome=Outcome.ADVICE)

    def _pictures(self, document: Document) -> Iterator[Finding]:
        for image in document.tree.named("img") if document.tree else ():
            if _PICTURE.search(f"{image.attribute('class')} {image.attribute('src')}"):
                text = document.draft.body[image.start : image.end]
                yield self.finding(
                    "An emoji shown as a picture is an emoji.", text=text, start=image.start, end=image.end,
                    fix=Fix("", "Remove the emoji"),
                )  # fmt: skip


def _removed(view: View, start: int, end: int) -> Fix:
    """With the space before it where none is wanted any more: “Hello 👋,” becomes “Hello,”."""
    if view.text[start - 1 : start] == " " and view.text[end : end + 1] in ("", *" .,;:!?\n"):
        start -= 1
    return Fix("", "Remove the emoji", *view.source_span(start, end))
