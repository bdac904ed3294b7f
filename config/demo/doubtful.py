"""Texts for the demo's desk: believable, and doubtful in the way real ones are. Data only."""

from dataclasses import dataclass

from compliance.models import Verdict

A = Verdict.Answer


@dataclass(frozen=True)
class Doubtful:
    """`ends` is how such texts were decided before, with the canned reason given; `seller` is a slug of the cast."""

    seller: str
    name: str
    language: str
    purpose: str
    subject: str
    body: str
    ends: Verdict.Answer
    code: int = 0


_EN, _DE = "Order {{ order_id }}", "Bestellung {{ order_id }}"
_WRITE = '<p>You can <a href="{{ review_url }}">write a review</a>.</p>'
_SCHREIBEN = '<p>Sie können <a href="{{ review_url }}">eine Bewertung schreiben</a>.</p>'


def _english(middle: str, ask: str = _WRITE) -> str:
    hello = "<p>Hello,</p>\n<p>this is about your order {{ order_id }}.</p>"
    return f"{hello}\n<p>{middle}</p>\n{ask}\n<p>{{{{ store_name }}}}</p>"


def _german(middle: str, ask: str = _SCHREIBEN) -> str:
    return (
        f"<p>Guten Tag,</p>\n<p>es geht um Ihre Bestellung {{{{ order_id }}}}.</p>\n<p>{middle}</p>\n{ask}\n"
        "<p>{{ store_name }}</p>"
    )


TEXTS = (
    Doubtful(
        "marlow", "Kettle, second week", "en", "review_request", _EN,
        _english("We are a small workshop and read every line."), A.CHANGES_REQUESTED, 208,
    ),
    Doubtful(
        "marlow", "Pan care", "en", "warranty", "Your warranty, order {{ order_id }}",
        _english("The warranty card is in the box. The certificate is at amzn.to/4Pq2Rt8.", ""), A.CHANGES_REQUESTED, 302,
    ),
    Doubtful(
        "marlow", "Warranty with conditions", "en", "warranty", "Your warranty, order {{ order_id }}",
        _english("Your warranty runs for two years. The conditions are at amzn.to/3Kx9Lm2.", ""), A.APPROVED,
    ),
    Doubtful(
        "marlow", "After the first dinner", "en", "review_request", _EN,
        _english("We hope the pan brings you joy."), A.REJECTED, 204,
    ),
    Doubtful(
        "lindner", "Messer nach zehn Tagen", "de", "review_request", _DE,
        _german("Wir hoffen, dass Ihnen das Messer Freude macht."), A.REJECTED, 204,
    ),
    Doubtful(
        "lindner", "Familienbetrieb", "de", "review_request", _DE,
        _german("Wir sind ein kleiner Familienbetrieb und lesen jede Zeile."), A.CHANGES_REQUESTED, 208,
    ),
    Doubtful(
        "lindner", "Bitte um Worte", "de", "review_request", _DE, _german("Ihre Worte helfen uns sehr."), A.APPROVED,
    ),
    Doubtful(
        "felt-oak", "Cut by hand", "en", "review_request", _EN,
        _english("The felt was cut by hand. You can also look at our other colours."), A.CHANGES_REQUESTED, 207,
    ),
    Doubtful(
        "felt-oak", "Honest words", "en", "review_request", _EN,
        _english("We would be glad about your honest words."), A.APPROVED,
    ),
    Doubtful(
        "felt-oak", "Find us", "en", "review_request", _EN, _english("You can also look us up online."), A.REJECTED, 301,
    ),
)  # fmt: skip
NOTES = (
    (
        "marlow",
        "Sells kitchenware under its own brand; “warranty” texts come with a real certificate, checked in October.",
    ),
    ("lindner", "Writes “Kurzlink” texts from time to time. All led to amazon.de so far; still look."),
)
