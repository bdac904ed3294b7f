"""Starter texts are held to our own rules."""

import pytest

from campaigns.domain import drafting, markup, render
from campaigns.starters.texts import all_starters, starter
from compliance.engine import run
from compliance.engine.types import Outcome

CASES = [(s, language) for s in all_starters() for language in s.texts]


@pytest.mark.parametrize(("begun", "language"), CASES, ids=[f"{s.key}-{language}" for s, language in CASES])
def test_a_starter_passes_the_rules(begun, language):
    subject, body = begun.texts[language]
    assert render.find_faults(subject, body, begun.body_format) == []
    assert begun.body_format == "text" or markup.find_faults(body) == []
    text = drafting.Text(
        begun.channel, begun.purpose, begun.message_type, language, subject, body, begun.body_format
    )
    report = run.check(drafting.template_draft(text, country="US"))
    assert report.outcome <= Outcome.ADVICE, report.findings


def test_an_unknown_starter_names_those_there_are():
    with pytest.raises(KeyError, match="review_request"):
        starter("spam")
