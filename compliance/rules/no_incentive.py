"""Nothing of value for a review.

What it flags
Money, gift cards, vouchers, free or cheaper goods, refunds, draws, longer warranties, points or "a little
something" near a request for a review or feedback, or for its change. A refund or a replacement for a fault,
with no review in sight, is fine; both in one message go to a person.

Why
Amazon forbids giving anything of value for a review. It is review manipulation and can cost the right to
sell.

Write instead
Ask for the review and offer nothing: "You can share your opinion of the product here."

Sources
Amazon, review questions and answers help (read 2026-11-23). Amazon, customer product reviews help (read
2026-11-23)."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Said, Sentence
from compliance.engine.types import ASKS, Draft, Finding, Outcome, Remedy, Rule, Severity


def _in(language: str, body: str) -> Draft:
    return Draft("relay_email", "review_request", body, language, language[-2:])


class NoIncentive(Rule):
    slug, code, title = "no-incentive", "R1", "Nothing of value for a review"
    severity = Severity.ACCOUNT
    remedy = Remedy.REQUEST
    overridable = False
    flagged = (
        "Leave a review and we will send a $10 gift card.",
        "Every reviewer enters our prize draw.",
        "Write a review and get a g\u200bift c\u200bard.",
        "Enjoy this free refill! P.S. Reviews help us.",
        "We refunded your order today. You can leave a review here.",
        _in("de-DE", "Für Ihre Bewertung erhalten Sie einen Gutschein über 10 Euro."),
        _in("fr-FR", "Laissez un avis et recevez un bon d'achat."),
        _in("es-ES", "Escriba una reseña y llévese una tarjeta regalo."),
        _in("it-IT", "Scriva una recensione e riceva un buono regalo."),
        _in("nl-NL", "Schrijf een recensie en ontvang een cadeaubon."),
        _in("pl-PL", "Za każdą opinię dajemy rabat na kolejne zakupy."),
        _in("pt-BR", "Deixe uma avaliação e ganhe um brinde."),
        _in("sv-SE", "Skriv ett omdöme och få ett presentkort."),
        _in("ja-JP", "レビューを投稿いただいた方にギフト券を差し上げます。"),
        _in("tr-TR", "Yorum yazın, hediye çeki kazanın."),
    )
    passed = (
        "You can leave a review here. Feel free to reply with questions.",
        "Thank you for your order. You can write a product review.",
        "We do not offer any gift card for reviews.",
        Draft(
            "relay_email",
            "order_problem",
            "We will replace the lamp free of charge or refund it in full.",
            "en-US",
            "US",
        ),
        Draft(
            "relay_email",
            "review_request",
            "Review your Gift Card Holder here.",
            "en-US",
            "US",
            product_titles=("Gift Card Holder",),
        ),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        if asks.about_reviews(document):
            for view in document.views:
                for sentence in view.sentences:
                    yield from self._in(document, view.sentences, sentence)

    def _in(self, document: Document, sentences: list[Sentence], sentence: Sentence) -> Iterator[Finding]:
        said = _offered(sentence)
        if said is None:
            return
        loosely = document.draft.purpose in ASKS
        if asks.is_balanced(sentence) and not loosely:
            return  # `you get the part with or without a review`
        here = asks.speaks_of_review(sentence, loosely=loosely)
        beside = any(asks.speaks_of_review(s, loosely=loosely) for s in asks.near(sentences, sentence.number))
        is_deal = sentence.says("no-incentive.deal", "no-incentive.per_review") is not None
        is_gift = said.group != "no-incentive.remedy"
        certain = here or is_deal or (is_gift and (beside or loosely))
        if not certain and not _is_asked_for(document):
            return
        yield self._found(said, Outcome.BLOCK if certain else Outcome.REVIEW)

    def _found(self, said: Said, outcome: Outcome) -> Finding:
        words = said.view.text[said.start : said.end]
        message = f"“{words}” beside a request for a review reads as something given for it."
        if outcome == Outcome.REVIEW:
            message = f"“{words}” and a review in one message: a person decides."
        return self.seen(message, said.view, *asks.marked(said), outcome=outcome)


def _is_asked_for(document: Document) -> bool:
    """A review is asked for; not only told that feedback can be taken back."""
    if document.draft.purpose in ASKS:
        return True
    return any(
        not said.sentence.says("no-review-change-or-removal.change")
        for said in document.says("shared.review")
    )


def _offered(sentence: Sentence) -> Said | None:
    """The gravest thing of value the sentence names and does not deny."""
    groups: tuple[str, ...] = ("no-incentive.gift", "no-incentive.deal", "no-incentive.remedy")
    if sentence.says("no-incentive.who"):  # `whoever writes a few lines gets ...`
        groups = ("no-incentive.get", *groups)
    elif sentence.says("no-marketing.exempt") and not sentence.says(*_TIED):
        return None  # `the discount is already on your invoice`
    exempt = sentence.all("no-incentive.exempt")
    offered = (said for said in sentence.all(*groups) if not asks.is_denied(said, widely=True))
    return next(
        (said for said in offered if not _is_within(said, exempt) and not asks.is_quoted(said, within=3)),
        None,
    )


_TIED = ("no-incentive.deal", "no-incentive.per_review")


def _is_within(said: Said, exempt: list[Said]) -> bool:
    """`gift wrap`, `idea regalo`: the word is there and nothing is given."""
    return any(other.first <= said.first and said.last <= other.last for other in exempt)
