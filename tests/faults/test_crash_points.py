"""Kill -9 at every named point, on every channel: nothing twice, nothing lost, at most one doubt."""

import re
from pathlib import Path

import pytest

from tests.faults.world import World

ROOT = Path(__file__).resolve().parents[2]
ANYWHERE = ("dispatch.after_claim", "dispatch.after_gate", "fence.before_commit", "fence.after_commit")
AFTERWARDS = ("dispatch.before_outcome", "dispatch.after_outcome")
OWN = {
    "solicitation": ("solicitation.before_fence", "solicitation.after_fence", "solicitation.after_answer"),
    "messaging": ("messaging.before_fence", "messaging.after_fence", "messaging.after_answer"),
    "relay_email": (
        "mail.before_envelope",
        "smtp.after_mail",
        "smtp.after_rcpt",
        "mail.before_fence",
        "mail.after_fence",
        "smtp.mid_body",
        "smtp.before_dot",
        "smtp.after_dot",
    ),
}
CASES = [(channel, point) for channel, own in OWN.items() for point in (*ANYWHERE, *own, *AFTERWARDS)]


def test_every_crash_point_of_the_code_is_tried_here() -> None:
    sources = (ROOT / "campaigns").rglob("*.py")
    named = {name for path in sources for name in re.findall(r'crashpoint\("([^"]+)"\)', path.read_text())}
    assert named == {point for _, point in CASES}


@pytest.mark.parametrize(("channel", "point"), CASES)
def test_a_worker_killed_there_sends_nothing_twice_and_loses_nothing(
    world: World, channel: str, point: str
) -> None:
    world.due(channel, 3)
    assert world.dispatch(PERMITTED_CRASH_AT=f"{point}:2" if point not in ANYWHERE[:2] else point) == -9
    world.finish()
    world.assert_kept_its_promise(kills=1)
    assert sum(world.taken().values()) >= 2, world.states()
