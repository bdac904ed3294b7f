"""No broken text.

What it flags
Letters that were garbled on their way ("fÃ¼r"), signs that were escaped twice ("&amp;nbsp;"), and words that stand twice. A
single doubled word is only pointed out, and so is a word in no dictionary that is one slip away from a common one. Names
(whatever has a capital), placeholders, product titles and joined words are left alone; Japanese has no spelling to look up.

Why
Amazon forbids spelling and grammar errors. Only what is broken beyond doubt is stopped here.

Write instead
Read the text aloud once.

Sources
EcommerceBytes, 8 September 2020, the list of styles (read 2026-11-23)."""

import functools
import html
import itertools
from collections.abc import Iterator

import regex

from compliance.engine import dictionary as dictionaries
from compliance.engine.document import Document, View
from compliance.engine.types import Draft, Finding, Fix, Outcome, Rule, Severity

_GARBLED = regex.compile(
    r"(?:Ã[\u0080-\u00bf„¤¶¼Ÿ–œž]|â€[\u0080-\u00bf™œžš¦“”]?|Â[\u00a0-\u00bf]|ï»¿|\ufffd)\w{0,30}"
)
_TWICE = regex.compile(r"(?<![\w'’-])(\p{L}{2,20})[ \u00a0]\1(?![\w'’-])", regex.IGNORECASE)
_ESCAPED = regex.compile(
    r"&(?:\#\d{2,6}|\#[xX][0-9a-fA-F]{2,5}|nbsp|amp|quot|lt|gt|apos|[A-Za-z]{1,2}uml|[a-z]acute);"
)
_EDGES = ".,;:!?…()[]{}\"'“”„«»‹›‚‘’*–—-"
_AT_MOST = 50
# Words that may stand twice in good prose.
_MAY = frozenset(
    [
        *("that", "had", "nous", "vous", "sie", "die", "der", "das", "den", "dem", "was", "wir"),
        *("bla", "so", "very", "si", "no", "ya", "bye", "ha", "la", "van", "dat", "en", "och", "de", "se"),
    ]
)


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "order_information", body, language, language[-2:])


class SpellingGrammar(Rule):
    slug, code, title = "spelling-grammar", "D11", "No broken text"
    severity = Severity.ADVISE
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in("de-DE", "Vielen Dank fÃ¼r Ihre Bestellung"),
        _in("en-US", "Hello &nbsp; dear buyer"),
        _in("nl-NL", "Wat is is het, omdat omdat het kapot was?"),
    )
    passed = (
        _in("en-US", "I know that that is so. The tea is from Pago Pago."),
        _in("fr-FR", "Pouvez-vous nous nous dire la couleur ?"),
        _in("pt-BR", "Não há dúvida."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        view = document.body
        for match in () if view.text.isascii() else _GARBLED.finditer(view.masked):
            message = "Garbled letters; save the text as UTF-8."
            start, end = _word_around(view.text, *match.span())
            yield self.seen(message, view, start, end, fix=_ungarbled(view.text[start:end]))
        for match in _ESCAPED.finditer(view.masked) if "&" in view.text else ():
            message = f"“{match[0]}” was escaped twice; write the sign itself."
            yield self.seen(
                message, view, *match.span(), fix=_unescaped(match[0], document.draft.body_format)
            )
        yield from self._twice(view)
        if not document.draft.values:  # the words of an approved version were looked at when it was written
            yield from self._slips(view, document.draft.primary_language)

    def _twice(self, view: View) -> Iterator[Finding]:
        if not any(any(map(str.__eq__, s.tokens, s.tokens[1:])) for s in view.sentences):
            return
        twice = [m for m in _TWICE.finditer(view.masked) if m[1].lower() not in _MAY and m[1][0].islower()]
        outcome = Outcome.BLOCK if len(twice) >= 2 else Outcome.ADVICE
        for match in twice:
            fix = Fix(match[1], "Once")
            yield self.seen(f"“{match[0]}”: a word twice.", view, *match.span(), outcome=outcome, fix=fix)

    def _slips(self, view: View, language: str) -> Iterator[Finding]:
        if language not in dictionaries.LANGUAGES:
            return
        words = {word.strip(_EDGES) for word in view.masked.split()}
        slips = {word: meant for word in words if _may_slip(word) and (meant := _slip(word, language))}
        for word, meant in itertools.islice(slips.items(), _AT_MOST):
            for match in regex.finditer(rf"(?<!\w){word}(?!\w)", view.masked):
                message = f"“{word}”: is “{meant}” meant?"
                yield self.seen(message, view, *match.span(), outcome=Outcome.ADVICE)


def _ungarbled(word: str) -> Fix | None:
    """Letters that were read as Windows reads them, read as UTF-8: where that gives letters, they were meant."""
    try:
        meant = word.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
    return Fix(meant, "Mend the letters") if meant != word and "\ufffd" not in meant else None


def _unescaped(reference: str, body_format: str) -> Fix | None:
    sign = html.unescape(reference)
    if sign == reference or (not sign.isprintable() and sign != "\u00a0"):
        return None
    sign = sign.replace("\u00a0", " ")
    return Fix(html.escape(sign, quote=False) if body_format == "html" else sign, "Write the sign")


def _may_slip(word: str) -> bool:
    """Small letters only: what has a capital may be a name, what has a sign an address or a number."""
    return 5 <= len(word) <= 30 and word.islower() and word.isalpha()


@functools.lru_cache(maxsize=8192)
def _slip(word: str, language: str) -> str:
    """The common word that was meant; "" for a word of the language or of English, and where nothing is near."""
    own = dictionaries.dictionary(language)
    if own.has(word) or dictionaries.dictionary("en").has(word) or own.is_joined(word):
        return ""
    return own.meant(word)


def _word_around(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end
