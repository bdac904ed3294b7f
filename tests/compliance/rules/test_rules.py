"""Each rule on its own examples; its page; its place in the list."""

import re
from pathlib import Path

import pytest

import compliance.rules
from compliance.engine import pages
from compliance.engine.passes import applies
from compliance.engine.run import check
from compliance.engine.types import Draft, Outcome
from compliance.rules import RULES

FOLDER = Path(compliance.rules.__file__).parent


def draft_of(rule, example):
    if isinstance(example, Draft):
        return example
    medium = next(m for m in ("relay_email", "messaging_api", "insert_card") if m in rule.profiles)
    return Draft(medium, "review_request", example, "en-US", "US", order_id="112-4830917-2265401")


def examples(kind):
    return [
        pytest.param(rule, draft_of(rule, example), id=f"{rule.slug}-{number}")
        for rule in RULES
        for number, example in enumerate(getattr(rule, kind))
    ]


def held(rule, draft):
    return (
        [f for f in check(draft, [rule]).findings if f.outcome > Outcome.ADVICE]
        if applies(rule, draft)
        else []
    )


@pytest.mark.parametrize(("rule", "draft"), examples("flagged"))
def test_flagged_example_is_held_by_its_rule(rule, draft):
    found = held(rule, draft)
    assert found
    assert {f.rule for f in found} == {rule.slug}


@pytest.mark.parametrize(("rule", "draft"), examples("passed"))
def test_passed_example_is_let_be_by_its_rule(rule, draft):
    assert held(rule, draft) == []


@pytest.mark.parametrize(("rule", "draft"), examples("flagged"))
def test_finding_points_at_its_words(rule, draft):
    for finding in held(rule, draft):
        source = {"subject": draft.subject, "body": draft.body}.get(finding.where)
        if source is not None and finding.visible_start is not None and draft.body_format == "text":
            assert source[finding.start : finding.end] == source[finding.visible_start : finding.visible_end]
            assert source[finding.start : finding.end]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_page_has_its_sections_and_dates_its_sources(rule):
    page = pages.read(rule.page)
    assert page.lead
    assert re.search(r"20\d\d-\d\d-\d\d", page.sections["Sources"])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_rule_has_examples_both_ways_and_its_file_is_named_after_it(rule):
    assert rule.flagged
    assert rule.passed
    assert type(rule).__module__ == f"compliance.rules.{rule.slug.replace('-', '_')}"


def test_slugs_and_codes_are_used_once():
    assert len({rule.slug for rule in RULES}) == len(RULES) == len({rule.code for rule in RULES})


def test_rules_stand_in_code_order():
    keys = [(rule.looks_back, rule.code[0], int(rule.code[1:])) for rule in RULES]
    assert keys == sorted(keys)


def test_every_rule_file_is_listed():
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert {rule.slug.replace("-", "_") for rule in RULES} == files
