"""No broken text.

What it flags
Letters that were garbled on their way ("fÃ¼r"), and words that stand twice. A single doubled word is only
pointed out.

Why
Amazon forbids spelling and grammar errors. Only what is broken beyond doubt is stopped here.

Write instead
Read the text aloud once.

Sources
EcommerceBytes, 8 September 2020, the list of styles (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity

_GARBLED = regex.compile(
    r"(?:Ã[\u0080-\u00bf„¤¶¼Ÿ–œž]|â€[\u0080-\u00bf™œžš¦“”]?|Â[\u00a0-\u00bf]|ï»¿|\ufffd)\w{0,30}"
)
_TWICE = regex.compile(r"(?<![\w'’-])(\p{L}{2,20})[ \u00a0]\1(?![\w'’-])", regex.IGNORECASE)
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
            yield self.seen(message, view, *_word_around(view.text, *match.span()))
        if not any(any(map(str.__eq__, s.tokens, s.tokens[1:])) for s in view.sentences):
            return
        twice = [m for m in _TWICE.finditer(view.masked) if m[1].lower() not in _MAY and m[1][0].islower()]
        outcome = Outcome.BLOCK if len(twice) >= 2 else Outcome.ADVICE
        for match in twice:
            yield self.seen(f"“{match[0]}”: a word twice.", view, *match.span(), outcome=outcome)


def _word_around(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end
