"""What a whole message makes of a sentence: its purpose, what stands beside it, and what it leaves unsaid."""

from compliance.engine.document import Document
from compliance.engine.run import check
from compliance.engine.types import Draft
from compliance.meaning import doubts, purposes
from compliance.meaning.doubts import Doubt
from compliance.meaning.model import Reading
from compliance.rules.sentence_understood import SentenceUnderstood

ORDER = "112-4830917-2265401"


def mail(body: str, purpose: str, language: str = "en-US") -> Draft:
    return Draft("relay_email", purpose, f"{body}\n\nOrder {ORDER}", language, "US", order_id=ORDER)


def named(draft: Draft) -> set[str]:
    return {found.rule for found in check(draft).findings if found.outcome in ("review", "block")}


def test_a_review_asked_for_beside_a_refund_looks_like_its_price():
    body = "One of the glasses broke here, so we refunded its price today.\n\nYou may review the set on Amazon if you wish."
    assert {"no-incentive"} <= named(mail(body, "order_problem"))


def test_a_proof_to_be_approved_when_one_is_pleased_with_it_is_no_condition_of_a_review():
    body = "Dès que vous êtes satisfaits du texte, dites-le-nous et l'impression commence."
    assert named(mail(f"Bonjour,\n\n{body}", "custom_design", "fr-FR")) == set()


def test_a_short_question_about_the_order_is_understood():
    body = "Geachte klant, uw bank wordt bezorgd door twee mensen. Kies een dag: dinsdag of vrijdag?\n\nWat schikt u het best?"
    assert "purpose-permitted" not in named(mail(body, "delivery_scheduling", "nl-NL"))


def test_thanks_with_an_order_number_are_thanks_alone():
    body = "このたびは当店をお選びいただき、心より御礼申し上げます。お困りのことがございましたら、お気軽にご連絡ください。"
    found = list(purposes.idle(Document(mail(body, "other_needed", "ja-JP"))))
    assert [one.rules for one in found] == [("not-thanks-or-help-only", "purpose-permitted")]


def test_a_second_rule_is_named_where_it_is_likely_too():
    [sentence] = [
        one
        for one in Document(mail("Whoever writes gets one.", "review_request")).sentences()
        if one.number == 0
    ]
    reading = Reading(
        0.9, 0.9, (("offer", 1.0),), (("no-incentive", 0.7), ("no-pressure", 0.2), ("other", 0.1))
    )
    doubt = Doubt(sentence, "no-incentive", 0.9, 0.8, reading)
    assert doubts._second(doubt, frozenset()) == "no-pressure"
    assert doubts._second(doubt, frozenset({"no-pressure"})) == ""


def test_every_finding_says_what_its_own_rule_reads_like():
    body = "Whoever writes a review will find a little surprise from us in the next box."
    for found in SentenceUnderstood().check(Document(mail(body, "review_request"))):
        assert ("bargain" in found.message) == (found.rule == "no-incentive")
