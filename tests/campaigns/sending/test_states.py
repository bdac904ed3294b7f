"""The table of moves, and the registry of reasons."""

import re
from pathlib import Path

import pytest

from campaigns.domain import conditions, reasons
from campaigns.domain.states import CONTACTED, MOVES, SILENT, State, may_move

ROOT = Path(__file__).resolve().parents[3] / "campaigns"


def test_the_program_never_takes_an_uncertain_message_for_granted() -> None:
    assert State.CLAIMED not in MOVES[State.UNCERTAIN]
    assert State.CLAIMED not in MOVES[State.ON_WIRE]
    assert State.ON_WIRE not in MOVES[State.UNCERTAIN]


def test_only_a_claimed_message_goes_on_the_wire() -> None:
    assert [before for before in State if may_move(before, State.ON_WIRE)] == [State.CLAIMED]


def test_every_state_has_its_moves_and_every_move_is_a_state() -> None:
    assert set(MOVES) == set(State)
    assert {State.CLAIMED, State.ON_WIRE, State.SENT, State.UNCERTAIN} == CONTACTED
    assert State.UNCERTAIN not in SILENT


def test_every_reason_in_the_code_is_registered() -> None:
    """Whatever is written as a reason has a sentence for people."""
    patterns = (
        r'\b(?:hold|skip|Refused|Held)\("(\w+)"',
        r'\bTryLater\([^"\n]*"(\w+)"',
        r'\bStop\(State\.\w+, "(\w+)"',
        r'\bMove\([^"\n]*State\.\w+,\s*"(\w+)"',
    )
    sources = [
        path.read_text() for folder in ("channels", "services") for path in (ROOT / folder).rglob("*.py")
    ]
    used = {code for source in sources for pattern in patterns for code in re.findall(pattern, source)}
    assert len(used) > 25
    assert {code for code in used if code not in reasons.REASONS} == set()


def test_the_planners_conditions_are_reasons_too() -> None:
    for code in conditions.CODES:
        assert reasons.find(code).sentence


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(KeyError):
        reasons.find("because")


def test_every_reason_says_what_to_do() -> None:
    for reason in reasons.REASONS.values():
        assert reason.sentence.endswith((".", "”."))
        assert reason.remedy.endswith(".")
        assert len(reason.code) <= 40
