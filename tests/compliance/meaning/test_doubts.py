"""What is not understood goes to a person, with the words that weighed; a model never blocks."""

import pytest

from compliance.corpus_case import visible_outcome
from compliance.engine import passes
from compliance.engine.run import check
from compliance.engine.types import Draft, Outcome
from compliance.meaning import corpus, doubts, model, signs
from compliance.rules import RULES, sentence_understood

ORDER = "112-4830917-2265401"


def mail(body, purpose="review_request", language="en-US"):
    return Draft("relay_email", purpose, f"Hello,\n\n{body}\n\nOrder {ORDER}", language, "US", order_id=ORDER)


def found_by_the_model(draft):
    rule = next(rule for rule in RULES if rule.slug == "sentence-understood")
    return list(check(draft, [rule]).findings)


BARGAINS = {
    "en-US": "Whoever writes a review will find a little surprise from us in the next box.",
    "de-DE": "Wer eine Bewertung schreibt, dem legen wir eine kleine Überraschung ins nächste Paket.",
    "fr-FR": "Qui laisse un avis trouvera une petite surprise dans son prochain colis.",
    "es-ES": "Quien deje una reseña encontrará una pequeña sorpresa en su próximo pedido.",
    "it-IT": "Chi lascia una recensione troverà una piccola sorpresa nel prossimo pacco.",
    "nl-NL": "Wie een review schrijft, vindt een kleine verrassing in het volgende pakket.",
    "pl-PL": "Kto napisze opinię, znajdzie małą niespodziankę w następnej paczce.",
    "pt-BR": "Quem deixar uma avaliação encontra uma pequena surpresa no próximo pacote.",
    "sv-SE": "Den som skriver ett omdöme hittar en liten överraskning i nästa paket.",
    "ja-JP": "レビューを書いてくださった方には、次の荷物にささやかなプレゼントをお入れします。",
    "tr-TR": "Yorum yazan herkes bir sonraki paketinde küçük bir sürpriz bulacak.",
}


@pytest.mark.parametrize("language", BARGAINS)
def test_a_bargain_reads_as_one_in_every_language(language):
    found = found_by_the_model(mail(BARGAINS[language], language=language))
    assert [finding.rule for finding in found] == ["no-incentive"]


def test_the_model_never_blocks_without_a_sign_that_would_be_looked_at_without_it():
    forbidden = [one for one in corpus.read() if one.rule == "no-incentive" and one.language in ("en", "tr")]
    blocked = [one for one in forbidden if Outcome.BLOCK in outcomes(one)]
    assert blocked
    for one in blocked:
        assert is_signed(one)
    surest = [one for one in forbidden if not is_signed(one)]
    assert Outcome.REVIEW in {outcome for one in surest for outcome in outcomes(one)}


def is_signed(one):
    return signs.shows(corpus.sentence(one.text, one.language), one.rule, is_asking=True)


def outcomes(one):
    """What the model makes of the sentence; of other rules' signs there are none in a bargain alone."""
    draft = Draft("relay_email", "review_request", one.text, one.language, "US", stage="template")
    return {found.outcome for found in found_by_the_model(draft) if found.rule == one.rule}


def test_a_doubt_names_the_words_that_weighed():
    [found] = found_by_the_model(mail(BARGAINS["en-US"]))
    assert "reads like a bargain" in found.message
    assert any(f"“{word}”" in found.message for word in ("surprise", "Whoever", "little"))
    assert found.text == BARGAINS["en-US"]


def test_a_name_or_a_heading_is_no_sentence_to_be_understood():
    assert found_by_the_model(mail("Harbourline Cookware\n\nAmount\n\nStride & Co")) == []


def test_numbers_names_and_placeholders_change_nothing():
    one = mail("Your order 111-2222222-3333333 holds 3 of {{ product_title }}, ref. 4411.")
    two = mail("Your order 999-8888888-7777777 holds 8 of {{ store_name }}, ref. 9.")
    assert [d.reading for d in doubts.weighed(_document(one))] == [
        d.reading for d in doubts.weighed(_document(two))
    ]


def test_a_model_that_cannot_be_read_holds_the_message(monkeypatch, tmp_path):
    monkeypatch.setattr(model, "FILE", tmp_path / "gone.bin")
    model.model.cache_clear()
    model._read.cache_clear()
    try:
        report = check(mail("You can write a product review here."))
    finally:
        model.model.cache_clear()
        model._read.cache_clear()
    assert visible_outcome(report) == "review"
    [crashed] = [finding for finding in report.findings if finding.rule == "rule-crashed"]
    assert "sentence-understood" in crashed.message
    assert not crashed.overridable


def test_every_likeness_is_of_a_rule():
    assert set(sentence_understood.READS_LIKE) <= {rule.slug for rule in RULES}


def test_a_language_nobody_reads_goes_to_a_person():
    assert any(f.rule == "language-not-read" for f in passes.unread_language(mail("Hei", language="fi-FI")))


def _document(draft):
    from compliance.engine.document import Document

    return Document(draft)
