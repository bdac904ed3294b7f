"""The buyer's language.

What it flags
Sentences in another language than the buyer's, told by their letters and by each language's commonest words (32
languages, and Chinese, Japanese and Korean). One such sentence among others goes to a person. Short lines, names,
titles and addresses do not count.

Why
Amazon wants the whole message in the buyer's language of preference.

Write instead
The text in the buyer's language, or Amazon's own request, which Amazon translates.

Sources
Amazon, developer notice on language; eComEngine, the buyer's language (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine import tongues
from compliance.engine.document import Document, Sentence
from compliance.engine.phrases import LANGUAGES, MASK
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity

_LATIN = regex.compile(r"[a-z]{2,}")
_HAN = regex.compile(r"[\p{Han}，]+")
_LEAST, _SHARE = 6, 0.3
_AT_HOME = 10.0
"""A sentence whose words cost no more than this each, on average, is in the buyer's language: 86% of right sentences, and one
in a hundred of others (measured 2026-11-25 on our own sentences in ten languages)."""
_CLEAR = 12.0
"""How much likelier (as a natural logarithm) another language must be than the buyer's. At 12 none of 3,000 sentences was
taken for another, and 96% of those in another language were found (measured 2026-11-25)."""


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "review_request", body, language, language[-2:])


class BuyerLanguage(Rule):
    slug, code, title = "buyer-language", "T5", "The buyer's language"
    severity = Severity.BLOCK
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        _in("de-DE", "You can write a product review on the page of your order if you have the time."),
        _in("en-US", "Auf der Seite Ihrer Bestellung können Sie eine Bewertung schreiben, wenn Sie mögen."),
        _in("es-US", "You can write a product review on the page of your order if you have the time."),
        _in("ja-JP", "You can write a product review on the page of your order if you have the time."),
        _in("en-US", "レビューをお書きいただけますと幸いです。"),
        _in("en-US", "Sipariş sayfanızda ürün hakkında dilediğiniz zaman bir yorum yazabilirsiniz."),
        _in(
            "fr-FR",
            "Vous pouvez écrire un avis sur la page de votre commande. You can write it on the page of your order.",
        ),
    )
    passed = (
        _in("en-GB", "You can write a product review on the page of your order if you have the time."),
        _in("de-DE", "Über eine Bewertung zum The North Face Big Shot for Men and Women freuen wir uns."),
        _in("pt-BR", "Você pode escrever uma avaliação na página do seu pedido."),
        _in("nl-NL", "U kunt een recensie schrijven op de pagina van uw bestelling."),
        _in("tr-TR", "Siparişinizin sayfasında ürün hakkında bir yorum yazabilirsiniz."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        own = document.draft.primary_language
        sentences = document.body.sentences
        foreign = [sentence for sentence in sentences if _is_foreign(sentence, own)]
        if not foreign:
            return
        share = sum(_length(s) for s in foreign) / max(1, sum(_length(s) for s in sentences))
        outcome = Outcome.BLOCK if share >= _SHARE else Outcome.REVIEW
        message = f"Not in the buyer's language ({document.draft.language})."
        yield self.seen(message, document.body, foreign[0].start, foreign[0].end, outcome=outcome)


def _is_foreign(sentence: Sentence, own: str) -> bool:
    if not sentence.text.isascii() and (script := tongues.by_script(_unmasked(sentence))):
        if (own, script) == ("ja", "zh"):
            # A line of Han letters alone may be Japanese: a name, a department, an address, set apart by spaces.
            return max(map(len, _HAN.findall(sentence.text)), default=0) >= 2 * _LEAST
        return script != own and len(sentence.tokens) >= _LEAST
    if own in tongues.SCRIPTED:
        latin = sum(_LATIN.fullmatch(token) is not None for token in sentence.tokens)
        return latin >= _LEAST and latin > len(sentence.tokens) / 2
    words = tongues.words_of(sentence.tokens)
    if len(words) < _LEAST:
        return False
    cost = tongues.cost(words, own)
    return cost > _AT_HOME * len(words) and bool(tongues.common(own)) and _is_likelier(words, own, cost)


def _is_likelier(words: list[str], own: str, cost: float) -> bool:
    """Another language is; those that the rules read are asked first, for their lists are at hand."""
    return any(
        cost - tongues.cost(words, name) > _CLEAR
        for name in dict.fromkeys((*LANGUAGES, *tongues.LANGUAGES))
        if name != own and name not in tongues.SCRIPTED
    )


def _unmasked(sentence: Sentence) -> str:
    start, end = sentence.start, sentence.end
    return sentence.view.masked[start:end]


def _length(sentence: Sentence) -> int:
    return sum(token != MASK for token in sentence.tokens)
