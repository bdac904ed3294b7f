"""Ask everyone, not only the happy.

What it flags
A request for a review or feedback that is tied to the buyer being pleased: "if you are happy", "since
everything arrived well", "Satisfied? Then rate us", "everyone who loves it". A condition of time, wish or
chance ("if you have a moment", "if you like to", "if you have already left a review") is fine. A hope ("we
hope you love it") beside a request goes to a person.

Why
Amazon forbids asking only buyers who had a good experience. It is review manipulation and can cost the right
to sell.

Write instead
"If you have a moment, you can review the product here."

Sources
Amazon, customer product reviews help (read 2026-11-23). ZonGuru help, may I ask for a review (read
2026-11-23). Efficient Era, how to ask for a review, worked example (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Sentence
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Remedy, Rule, Severity


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "review_request", body, language, language[-2:])


class NoConditionOnSatisfaction(Rule):
    slug, code, title = "no-condition-on-satisfaction", "R3", "Not only the happy are asked"
    severity = Severity.ACCOUNT
    remedy = Remedy.REQUEST
    flagged = (
        "If you are happy with the lamp, please leave a review.",
        "Please write a review if it met your expectations.",
        "Loving your new lamp? Tell other shoppers in a product review.",
        "We hope you love the lamp. You can leave a review here.",
        _in("de-DE", "Wenn Sie mit der Lampe zufrieden sind, freuen wir uns über eine Bewertung."),
        _in("fr-FR", "Si vous êtes satisfait de la lampe, laissez un avis."),
        _in("es-ES", "Si está contento con la lámpara, deje una reseña."),
        _in("it-IT", "Se la lampada le è piaciuta, lasci una recensione."),
        _in("nl-NL", "Bent u tevreden over de lamp? Schrijf dan een recensie."),
        _in("pl-PL", "Jeśli są Państwo zadowoleni z lampy, prosimy o opinię."),
        _in("pt-BR", "Se você gostou da luminária, deixe uma avaliação."),
        _in("sv-SE", "Om du är nöjd med lampan får du gärna lämna ett omdöme."),
        _in("ja-JP", "商品にご満足いただけましたら、レビューをお願いいたします。"),
        _in("tr-TR", "Üründen memnun kaldıysanız lütfen değerlendirme yazın."),
    )
    passed = (
        "If you have a few minutes, you can write a product review.",
        "If you would like to, you can leave a review here.",
        "If you have already left a review, please ignore this message.",
        "Whether you are happy with the lamp or not, you can review it here.",
        Draft(
            "relay_email",
            "custom_design",
            "If you are happy with the proof, reply with the word yes.",
            "en-US",
            "US",
        ),
        _in("de-DE", "Wenn Sie Zeit haben, können Sie die Lampe hier bewerten, ob zufrieden oder nicht."),
        _in("ja-JP", "お時間がございましたら、レビューをご投稿ください。"),
        _in("tr-TR", "Vaktiniz varsa ürünü burada değerlendirebilirsiniz."),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if asks.about_reviews(document):
            for view in document.views:
                for sentence in view.sentences:
                    yield from self._in(document, view.sentences, sentence)

    def _in(self, document: Document, sentences: list[Sentence], sentence: Sentence) -> Iterator[Finding]:
        loosely = document.draft.purpose in ASKS
        around = asks.near(sentences, sentence.number, after=2)
        asked = any(asks.speaks_of_review(other, loosely=loosely) for other in around)
        gate = next(asks.conditions(sentence), None) or _question(sentence) or _score(sentence)
        answer = None if gate else _answer(sentences, sentence)
        is_hope = sentence.says("shared.hope") and not asks.speaks_of_review(sentence, loosely=False)
        if gate and is_hope:
            yield self._gate(sentence, gate, Outcome.REVIEW)
        elif gate and asked:
            yield self._gate(sentence, gate, Outcome.BLOCK)
        elif answer and (asked or loosely):
            is_of_pleasure = sentences[sentence.number - 1].says("shared.satisfied", "words-opinion.happy")
            yield self._gate(sentence, answer, Outcome.BLOCK if is_of_pleasure else Outcome.REVIEW)
        elif gate and loosely:
            yield self._gate(sentence, gate, Outcome.REVIEW)
        elif sentence.says("shared.hope") and (said := next(asks.pleased(sentence), None)):
            message = "A hope that the buyer is pleased, beside a request for a review: a person decides."
            yield self.seen(
                message,
                sentence.view,
                sentence.start,
                max(said.end, sentence.start + 1),
                outcome=Outcome.REVIEW,
            )

    def _gate(self, sentence: Sentence, gate: tuple[int, int], outcome: Outcome) -> Finding:
        words = sentence.view.text[slice(*gate)]
        message = f"“{words}” asks only those who are pleased. Tie the request to nothing, or to having time."
        return self.seen(message, sentence.view, sentence.start, sentence.end, outcome=outcome)


def _question(sentence: Sentence) -> tuple[int, int] | None:
    """`Happy with your lamp?` before a request is an `if`."""
    said = next(asks.pleased(sentence), None) if sentence.is_question else None
    return (sentence.start, sentence.end) if said and not _asks_for_a_view(sentence) else None


def _score(sentence: Sentence) -> tuple[int, int] | None:
    """`8 or more? Then rate us`: a number decides who is asked."""
    said = sentence.says("no-condition-on-satisfaction.score")
    return (said.start, said.end) if said and not asks.is_balanced(sentence) else None


_FIRST, _FIRST_JAPANESE = 3, 8
"""Tokens before `if so`; Japanese is counted in characters."""


def _answer(sentences: list[Sentence], sentence: Sentence) -> tuple[int, int] | None:
    """`Do you like it? If so, rate us`: the answer to a question about the buyer decides."""
    said = sentence.says("no-condition-on-satisfaction.if_so")
    before = sentences[sentence.number - 1] if sentence.number else None
    if said is None or before is None or not before.is_question:
        return None
    first = _FIRST_JAPANESE if "ja" in sentence.view.languages else _FIRST
    if said.first > first or before.says(*_OF_TIME) or asks.is_balanced(before) or _asks_for_a_view(before):
        return None
    return said.start, said.end


_OF_TIME = ("words-opinion.time", "words-opinion.wish", "words-order.already")
"""A condition of time, of wish, or that it is done."""


def _asks_for_a_view(sentence: Sentence) -> bool:
    """`How did you like it?`, `What did you like?`: open, so no condition."""
    return bool(sentence.tokens) and sentence.tokens[0] in _OPEN


_OPEN = frozenset(
    [
        "how",
        "what",
        "which",
        "wie",
        "was",
        "welche",
        "comment",
        "que",
        "quel",
        "quelle",
        "como",
        "qué",
        "que",
        "come",
        "cosa",
        "hoe",
        "wat",
        "jak",
        "co",
        "hur",
        "vad",
        "nasıl",
        "nasil",
        "ne",
    ]
)
