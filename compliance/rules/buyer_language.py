"""The buyer's language.

What it flags
Sentences in another language than the buyer's, told by the small words every sentence needs. One such
sentence among others goes to a person.

Why
Amazon wants the whole message in the buyer's language of preference.

Write instead
The text in the buyer's language, or Amazon's own request, which Amazon translates.

Sources
Amazon, developer notice on language; eComEngine, the buyer's language (read 2026-11-23)."""

from collections.abc import Iterator

import regex

from compliance.engine.document import Document, Sentence
from compliance.engine.phrases import LANGUAGES, MASK
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity

# The commonest words that are not also words of a neighbour, folded.
_SMALL = {
    "en": "the and you your of for with this that have are can is it to on our we will not would from if be by or which",
    "de": "der die das und sie ihr ihre ihren ist nicht mit fur auf ein eine wir uns zu dem den von bei oder auch sich wenn",
    "fr": "le la les des et vous votre est pas pour avec sur une nous du que qui ce cette dans aux ou sont",
    "es": "el los las y usted su con por para una que del es esta este nos puede en como lo al se",
    "it": "il lo gli che e di per con una del della sua suo non sono questo questa ci puo nel alla le da",
    "nl": "de het een en u uw van voor met niet wij ons dat dit op kunt aan is te bij je naar",
    "pl": "i w na z do sie nie jest prosze panstwa za od oraz dla czy jesli ze po o to",
    "pt": "o os as voce seu sua com por para uma que do da nao em no na esta este nos pode ao",
    "sv": "och att det en ett du din ditt for med pa som inte vi oss av om kan ar har till den",
    "tr": "ve bir bu icin ile siparis urun size sizin lutfen olarak da de daha",
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_OTHERS = {own: frozenset().union(*_WORDS.values()) - words for own, words in _WORDS.items()}
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_LATIN = regex.compile(r"[a-z]{2,}")
_LEAST, _CLEAR, _SHARE = 6, 3, 0.3


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
    )

    def check(self, document: Document) -> Iterator[Finding]:
        own = document.draft.primary_language
        if own not in LANGUAGES:
            return
        sentences = document.body.sentences
        foreign = [sentence for sentence in sentences if _is_foreign(sentence, own)]
        if not foreign:
            return
        share = sum(_length(s) for s in foreign) / max(1, sum(_length(s) for s in sentences))
        outcome = Outcome.BLOCK if share >= _SHARE else Outcome.REVIEW
        message = f"Not in the buyer's language ({document.draft.language})."
        yield self.seen(message, document.body, foreign[0].start, foreign[0].end, outcome=outcome)


def _is_foreign(sentence: Sentence, own: str) -> bool:
    tokens = sentence.tokens
    if own == "ja":
        latin = sum(_LATIN.fullmatch(token) is not None for token in tokens)
        return latin >= _LEAST and latin > len(tokens) / 2
    words = frozenset(tokens)
    if len(tokens) < _LEAST:
        return False
    if len(words & _OTHERS[own]) < _CLEAR:
        return (
            not sentence.text.isascii() and sum(_KANA.match(token) is not None for token in words) >= _LEAST
        )
    kept = len(words & _WORDS[own])
    other = max(len(words & known) for language, known in _WORDS.items() if language != own)
    return other >= _CLEAR and other > 2 * kept + 1


def _length(sentence: Sentence) -> int:
    return sum(token != MASK for token in sentence.tokens)
