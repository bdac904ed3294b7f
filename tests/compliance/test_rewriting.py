"""Rewrites that are offered are safe: the text they leave passes the rule that proposed them, wherever they are applied."""

import dataclasses
import io

import pytest
from django.core.management import call_command

from compliance import looking
from compliance.engine.passes import applies
from compliance.engine.run import check
from compliance.engine.types import Draft
from compliance.rewriting import rewrite
from compliance.rulebook import draft_of
from compliance.rules import RULES


def mendable():
    """Every example of every rule in which a rewrite is offered."""
    for rule in RULES:
        for n, example in enumerate((*rule.flagged, *rule.passed)):
            draft = draft_of(rule, example)
            found = check(draft, [rule]).findings if applies(rule, draft) else ()
            if fixes := [f for f in found if f.rule == rule.slug and looking.can_fix(f)]:
                yield pytest.param(rule, draft, fixes, id=f"{rule.slug}-{n}")


MENDABLE = list(mendable())


def test_some_rules_offer_rewrites():
    assert {param.values[0].slug for param in MENDABLE} >= {"no-emoji", "link-secure-working", "linebreaks-2"}


@pytest.mark.parametrize(("rule", "draft", "fixes"), MENDABLE)
def test_what_a_rewrite_leaves_passes_the_rule_that_proposed_it(rule, draft, fixes):
    mended = rewrite(draft).draft
    left = [f for f in check(mended, [rule]).findings if looking.can_fix(f)]
    assert left == []
    words = {(f.where, f.text) for f in fixes}
    assert not [f for f in check(mended, [rule]).findings if (f.where, f.text) in words]


@pytest.mark.parametrize(("rule", "draft", "fixes"), MENDABLE)
def test_one_rewrite_takes_its_finding_away_and_brings_none(rule, draft, fixes):
    first = looking.Noted(1, fixes[0], "")
    mended = looking.apply_fix(draft, first.fix_id)
    assert mended is not None
    before, after = (len(check(d, [rule]).findings) for d in (draft, mended))
    assert after < before


@pytest.mark.parametrize(("rule", "draft", "fixes"), MENDABLE)
def test_the_command_line_applies_the_same(rule, draft, fixes, tmp_path):
    if dataclasses.replace(
        draft, subject="", order_id="", product_titles=(), attachments=()
    ) != dataclasses.replace(draft, order_id=""):
        pytest.skip("the command line takes a body and few facts")
    file = tmp_path / ("text.html" if draft.body_format == "html" else "text.txt")
    file.write_bytes(draft.body.encode())
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "check_text", str(file), "--fix", medium=draft.medium, purpose=draft.purpose, language=draft.language,
            marketplace=draft.marketplace, fulfilment=draft.fulfilment, stage=draft.stage, stdout=out, stderr=io.StringIO(),
        )  # fmt: skip
    assert out.getvalue() == rewrite(dataclasses.replace(draft, order_id="")).draft.body


def test_rewrites_that_overlap_are_applied_one_after_the_other():
    draft = Draft(
        "relay_email", "review_request", "One \U0001f60a\n\n\n\n\n\U0001f389\n\n\n\nTwo", "en-US", "US"
    )
    mended = rewrite(draft).draft.body
    assert "\U0001f60a" not in mended
    assert "\n\n\n" not in mended
