"""How fast a newly approved text may go out, and when a text that draws trouble stops by itself. Pure.

A text that a rule or a person got wrong is found out by Amazon and by buyers. So the first messages under a new version go out
in steps, and trouble with a version pauses it: three hours, then a day, then until a person has looked at it again
(WhatsApp's template pacing and pausing work alike, read 2026-11-23).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: How long a version rests, by how often it was paused before; after these a person decides.
PAUSES = (timedelta(hours=3), timedelta(hours=24))
#: How far back trouble counts.
TROUBLE_COUNTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ramp:
    """The first `sends` messages of a version: `step` at once, `step` more each time `every` has passed. 0: no ramp."""

    sends: int
    step: int
    every: timedelta


@dataclass(frozen=True, slots=True)
class Trouble:
    """What came back of a version's messages: `blocks` by Amazon or its relay, `complaints` of buyers, out of `sends`."""

    sends: int
    blocks: int
    complaints: int


def opens_in(ramp: Ramp, sends: int, first_sent_at: datetime | None, now: datetime) -> timedelta:
    """How long until the next message of a version may go; zero: now."""
    if sends >= ramp.sends or first_sent_at is None:
        return timedelta(0)
    steps_needed = sends // max(ramp.step, 1)
    return max(first_sent_at + steps_needed * ramp.every - now, timedelta(0))


def allowed(ramp: Ramp, first_sent_at: datetime | None, now: datetime) -> int:
    """How many messages of a version may have gone out by now; the ramp's end is no limit of its own."""
    if first_sent_at is None:
        return max(ramp.step, 1)
    steps = 1 + int((now - first_sent_at) / ramp.every) if ramp.every else ramp.sends
    open_now = max(ramp.step, 1) * steps
    return open_now if open_now < ramp.sends else 2**31 - 1


#: (at least so many, and at least this share of what was sent)
_BLOCKS, _COMPLAINTS = (3, 0.05), (5, 0.05)


def trouble_words(trouble: Trouble) -> str:
    """Why a version must rest, as a sentence; "" where it need not."""
    if _is_over(trouble.blocks, trouble.sends, _BLOCKS):
        return f"Amazon or its relay refused {trouble.blocks} of {trouble.sends} messages."
    if _is_over(trouble.complaints, trouble.sends, _COMPLAINTS):
        return f"{trouble.complaints} of {trouble.sends} buyers asked not to get such messages."
    return ""


def pause_for(paused_before: int) -> timedelta | None:
    """How long it rests now; None: off, and back to review."""
    return PAUSES[paused_before] if paused_before < len(PAUSES) else None


def _is_over(count: int, sends: int, limit: tuple[int, float]) -> bool:
    return count >= limit[0] and count >= limit[1] * max(sends, 1)
