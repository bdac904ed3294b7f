"""Ways of breaking a rule that its own examples do not use, in each language, and clean neighbours of them."""

import tomllib
from pathlib import Path

import pytest

from compliance.engine.run import check
from compliance.engine.types import Draft, Outcome
from compliance.rules import RULES

TEXTS = tomllib.loads(
    Path(__file__).with_suffix("").with_name("paraphrases.toml").read_text(encoding="utf-8")
)
#: The phrases alone: what the model doubts is its own tests' affair, and an order's id is not written here.
PHRASES = [rule for rule in RULES if rule.slug not in ("sentence-understood", "order-id-present")]


def held(language, purpose, text):
    report = check(Draft("relay_email", purpose, text, language, "US"), PHRASES)
    return {found.rule for found in report.findings if found.outcome >= Outcome.REVIEW}


def broken():
    for rule, texts in TEXTS["broken"].items():
        for language in texts.keys() - {"purpose"}:
            yield pytest.param(rule, language, texts["purpose"], texts[language], id=f"{rule}-{language}")


@pytest.mark.parametrize(("rule", "language", "purpose", "text"), sorted(broken(), key=lambda one: one.id))
def test_paraphrase_is_held_under_the_rules_name(rule, language, purpose, text):
    assert rule in held(language, purpose, text)


@pytest.mark.parametrize(
    "clean", TEXTS["clean"], ids=lambda clean: f"{clean['language']}: {clean['text'][:40]}"
)
def test_clean_neighbour_is_let_through(clean):
    assert held(clean["language"], clean["purpose"], clean["text"]) == set()
