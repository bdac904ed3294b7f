"""From findings to a verdict."""

import pytest

from compliance.engine.passes import of_engine
from compliance.engine.types import Finding, Outcome, Rule, Severity
from compliance.policy import Accepted, Strictness, judge


def finding(outcome=Outcome.REVIEW, *, rule="r", text="words", **fields):
    return Finding(rule, "C1", Outcome(outcome), "m", text=text, **fields)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ((), "pass"),
        (("advice",), "advice"),
        (("advice", "review"), "review"),
        (("review", "block", "advice"), "block"),
    ],
)
def test_gravest_outcome_wins(outcomes, verdict):
    assert judge([finding(o) for o in outcomes]).outcome == verdict


def test_reasons_are_gravest_first_and_advice_is_apart():
    verdict = judge([finding("advice"), finding("review"), finding("block")])
    assert [f.outcome for f in verdict.reasons] == ["block", "review"]
    assert [f.outcome for f in verdict.advice] == ["advice"]


def test_accepted_words_do_not_hold_again_and_other_words_do():
    seen = finding(text="Five Stars")
    assert judge([finding(text="five  stars")], [Accepted.of(seen)]).outcome == Outcome.PASS
    assert judge([finding(text="six stars")], [Accepted.of(seen)]).outcome == Outcome.REVIEW
    assert judge([finding(rule="other", text="five stars")], [Accepted.of(seen)]).outcome == Outcome.REVIEW


def test_acceptance_counts_in_its_place_only_unless_it_names_none():
    seen = finding(where="subject")
    assert judge([finding(where="body")], [Accepted.of(seen)]).outcome == Outcome.REVIEW
    assert judge([finding(where="body")], [Accepted("r", seen.words_hash)]).outcome == Outcome.PASS


@pytest.mark.parametrize("severity", [Severity.BLOCK, Severity.ACCOUNT])
def test_blocked_words_are_let_out_by_an_override_only(severity):
    blocked = finding("block", severity=severity)
    assert judge([blocked], [Accepted.of(blocked)]).outcome == Outcome.BLOCK
    assert judge([blocked], [Accepted.of(blocked, override=True)]).outcome == Outcome.PASS


def test_what_nobody_may_override_stays():
    blocked = finding("block", overridable=False)
    assert judge([blocked], [Accepted.of(blocked, override=True)]).outcome == Outcome.BLOCK


class Strict(Rule):
    slug, code, title = "strict", "Z1", "x"
    overridable = False


@pytest.mark.parametrize("outcome", [Outcome.ADVICE, Outcome.REVIEW])
def test_what_such_a_rule_only_doubts_a_reviewer_may_accept(outcome):
    doubt = Strict().finding("look", outcome=outcome, text="words")
    assert judge([doubt], [Accepted.of(doubt)]).outcome == Outcome.PASS


def test_what_such_a_rule_blocks_nobody_lets_out():
    blocked = Strict().finding("no", text="words")
    assert judge([blocked], [Accepted.of(blocked, override=True)]).outcome == Outcome.BLOCK


@pytest.mark.parametrize("outcome", [Outcome.REVIEW, Outcome.BLOCK])
def test_what_was_not_looked_at_nobody_accepts(outcome):
    unread = of_engine("rule-crashed", "x", outcome)
    assert judge([unread], [Accepted.of(unread, override=True)]).outcome == outcome


def test_operator_may_be_stricter():
    assert judge([], strictness=Strictness(hold_everything=True)).outcome == Outcome.REVIEW
    assert (
        judge([finding("advice")], strictness=Strictness(review=frozenset({"r"}))).outcome == Outcome.REVIEW
    )
    assert judge([finding("review")], strictness=Strictness(block=frozenset({"r"}))).outcome == Outcome.BLOCK


def test_operator_cannot_be_looser():
    strict = Strictness(review=frozenset({"r"}))
    assert judge([finding("block")], strictness=strict).outcome == Outcome.BLOCK


def test_stricter_finding_needs_the_acceptance_of_what_it_became():
    seen = finding("review")
    assert judge([seen], [Accepted.of(seen)], Strictness(block=frozenset({"r"}))).outcome == Outcome.BLOCK


def test_shadow_finding_stops_nothing():
    assert judge([finding("block", shadow=True)]).outcome == Outcome.PASS
