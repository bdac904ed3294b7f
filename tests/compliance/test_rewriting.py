"""Rewrites that are offered are safe: the text they leave passes the rule that proposed them, wherever they are applied."""

import dataclasses
import io

import pytest
from django.core.management import call_command

from compliance import looking
from compliance.engine import requests
from compliance.engine.passes import applies
from compliance.engine.run import check
from compliance.engine.types import Draft, Outcome
from compliance.rewriting import rewrite
from compliance.rulebook import draft_of
from compliance.rules import RULES

ORDER_ID = "112-4830917-2265401"


def framed(draft):
    """The example below a line that names the order, so that something is left where its one sentence goes."""
    line = requests.ORDER.get(draft.primary_language, "{}").format(draft.order_id or ORDER_ID)
    frame = f"<p>{line}</p>\n" if draft.body_format == "html" else f"{line}\n\n"
    return dataclasses.replace(draft, body=frame + draft.body, order_id=draft.order_id or ORDER_ID)


def examples(rule):
    for n, example in enumerate((*rule.flagged, *rule.passed)):
        draft = draft_of(rule, example)
        if applies(rule, draft):
            yield f"{rule.slug}-{n}", draft
            if draft.body and rule.slug != "order-id-present":
                yield f"{rule.slug}-{n}-framed", framed(draft)


def mendable():
    """Every example of every rule in which a rewrite is offered, alone and as part of a message."""
    for rule in RULES:
        for name, draft in examples(rule):
            found = check(draft, [rule]).findings
            if fixes := [f for f in found if f.rule == rule.slug and looking.can_fix(f)]:
                yield pytest.param(rule, draft, fixes, id=name)


MENDABLE = list(mendable())
_OF_FACTS = "It is about facts beside the text."
_OF_FILES = "It is about files: the author chooses others."
_OF_MEANING = "What is meant instead only its author knows."
UNMENDABLE = {
    **dict.fromkeys(
        ("sender-approved", "relay-recipient-only", "authenticated-mail", "opt-out-respected", "restricted-account",
         "provider-adds-nothing", "consent-germany", "recipient-is-this-buyer", "channel-only-bsm", "no-selective-audience",
         "window-30-days", "solicitation-window", "daily-volume", "buyer-fatigue", "order-state"),
        _OF_FACTS,
    ),
    **dict.fromkeys(("attachment-kind", "attachment-size-type"), _OF_FILES),
    **dict.fromkeys(("purpose-permitted", "not-thanks-or-help-only", "buyer-language", "sentence-understood"), _OF_MEANING),
    **dict.fromkeys(("return-messages-narrow", "seller-feedback-removal"), "It only ever doubts: a person decides."),
    "font-sizes-3": "Which sizes to keep its author knows; no-font-overrides takes each away.",
    "rendered-complete": "What belongs there only its author knows.",
}  # fmt: skip
"""Rules for which no rewrite is safe, and why."""


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


@pytest.mark.parametrize(("rule", "draft", "fixes"), MENDABLE)
def test_a_rewrite_breaks_no_other_rule(rule, draft, fixes):
    before = {f.rule for f in check(draft).findings if f.outcome is Outcome.BLOCK}
    after = {f.rule for f in check(rewrite(draft).draft).findings if f.outcome is Outcome.BLOCK}
    assert after <= before


@pytest.mark.parametrize("slug", sorted({rule.slug for rule in RULES} - UNMENDABLE.keys()))
def test_every_rule_offers_a_rewrite_where_one_is_safe(slug):
    assert slug in {param.values[0].slug for param in MENDABLE}


@pytest.mark.parametrize("slug", UNMENDABLE)
def test_and_says_why_it_offers_none(slug):
    assert slug not in {param.values[0].slug for param in MENDABLE}
    assert UNMENDABLE[slug]


@pytest.mark.parametrize("language", requests.REVIEW)
@pytest.mark.parametrize(
    ("purpose", "texts"), [("review_request", requests.REVIEW), ("feedback_request", requests.FEEDBACK)]
)
@pytest.mark.parametrize("body_format", ["text", "html"])
def test_neutral_requests_pass_every_rule(purpose, texts, language, body_format):
    lines = requests.ORDER[language].format(ORDER_ID), texts[language]
    body = "".join(f"<p>{line}</p>" for line in lines) if body_format == "html" else "\n\n".join(lines)
    draft = Draft(
        "relay_email",
        purpose,
        body,
        language,
        "US",
        subject=lines[0],
        order_id=ORDER_ID,
        body_format=body_format,
    )
    assert check(draft).findings == ()


def test_rewrites_that_overlap_are_applied_one_after_the_other():
    draft = Draft(
        "relay_email", "review_request", "One \U0001f60a\n\n\n\n\n\U0001f389\n\n\n\nTwo", "en-US", "US"
    )
    mended = rewrite(draft).draft.body
    assert "\U0001f60a" not in mended
    assert "\n\n\n" not in mended
