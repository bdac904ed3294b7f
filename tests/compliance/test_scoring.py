"""Scoring the checker on labelled messages: what counts as caught, as let through, as named in error."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from compliance import scoring

CASE = {
    "id": "en-1", "medium": "insert_card", "purpose": "review_request", "fulfilment": "FBM", "marketplace": "US",
    "language": "en-US", "stage": "rendered", "body": "You can write a product review on Amazon.", "body_format": "text",
    "expect": {"outcome": "pass", "rules": [], "must_not": ["no-incentive"]}, "tags": [],
}  # fmt: skip
BRIBE = CASE | {
    "id": "en-2", "body": "Write a product review and receive a $10 gift card.",
    "expect": {"outcome": "block", "rules": [{"rule": "no-incentive", "evidence": "$10 gift card"}], "must_not": []},
}  # fmt: skip


def test_a_clean_message_that_passes_is_let_through() -> None:
    judged = scoring.judge(CASE)

    assert judged.is_clean
    assert judged.is_as_wanted
    assert scoring.figures([judged])["let through"] == 1


def test_a_bribe_that_is_blocked_under_its_rule_is_caught_with_its_words() -> None:
    judged = scoring.judge(BRIBE)

    assert judged.is_caught
    assert judged.is_as_wanted
    assert judged.evidence == (True,)


def test_a_bribe_under_another_rule_s_name_is_stopped_but_not_caught() -> None:
    expect = {
        "outcome": "block",
        "rules": [{"rule": "no-emoji", "evidence": ""}],
        "must_not": ["no-incentive"],
    }
    figures = scoring.figures([scoring.judge(BRIBE | {"expect": expect})])

    assert (figures["stopped"], figures["caught"], figures["precision"]) == (1, 0, 0)
    assert figures["traps avoided"] == 0


def test_a_rule_that_is_tolerated_is_neither_right_nor_wrong() -> None:
    figures = scoring.figures(
        [scoring.judge(BRIBE | {"expect": CASE["expect"], "tags": ["also:no-incentive"]})]
    )

    assert figures["precision"] == 0
    assert scoring.judge(BRIBE | {"tags": ["also:no-incentive"]}).tolerated == {"no-incentive"}


def test_of_cases_kept_aside_no_message_is_named(tmp_path: Path) -> None:
    wrong = BRIBE | {"expect": CASE["expect"]}
    said = {}
    for name in ("open", "aside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hand.jsonl").write_text(json.dumps(wrong))
        said[name] = StringIO()
        call_command("score_checker", str(tmp_path / name), misses=True, stdout=said[name])

    assert "en-2" in said["open"].getvalue()
    assert "en-2" not in said["aside"].getvalue()
    assert "let through 0.000" in said["aside"].getvalue()


def test_a_higher_limit_lets_through_no_less() -> None:
    said = StringIO()
    call_command("score_checker", str(scoring_cases()), curve=True, stdout=said)

    rows = [line.split() for line in said.getvalue().splitlines() if line.startswith(("+", "-", " "))]
    through = [float(row[-1]) for row in rows if len(row) == 4]
    assert through == sorted(through)


def scoring_cases() -> Path:
    return Path(__file__).parent / "cases" / "open" / "hazel.jsonl"


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no cases"):
        call_command("score_checker", str(tmp_path))
