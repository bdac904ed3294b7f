"""How far a seller's clean texts go without a person, and why: one pure function over the seller's record.

Only texts in which the rules find nothing are concerned. Doubtful ones go to a person whoever wrote them.

- **doubted**: a person looks at each text. Amazon restricts the seller's messaging now, blocked one of its messages
  within the last 90 days, or more than a third of at least six of its texts were sent back in that time.
- **new**: approved at once, and more often looked at afterwards, until five of its texts stood the test.
- **trusted**: approved at once; a small share is looked at afterwards.

What was overturned on appeal or by a correction counts for the seller: it is no text sent back, and it is an approval.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

#: Texts that must have stood the test before a seller is no longer new.
PROVEN_AFTER = 5
#: From so many answers on the share sent back says something.
ENOUGH_ANSWERS = 6
BLOCKS_COUNT_DAYS = 90


class Standing(StrEnum):
    TRUSTED = "trusted"
    NEW = "new"
    DOUBTED = "doubted"


@dataclass(frozen=True, slots=True)
class Record:
    """A seller's last 90 days, overturned verdicts already counted for the seller; `approvals` in all of its time."""

    approvals: int = 0
    recent_approvals: int = 0
    recent_sent_back: int = 0
    overturned: int = 0
    blocks: int = 0
    complaints: int = 0
    is_restricted: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Trust:
    standing: Standing
    sentence: str

    @property
    def approves_clean_texts(self) -> bool:
        return self.standing is not Standing.DOUBTED


def judge(record: Record) -> Trust:
    if record.is_restricted:
        return Trust(
            Standing.DOUBTED, "Amazon restricts this seller's messaging, so a person looks at each text."
        )
    if record.blocks:
        times = "once" if record.blocks == 1 else f"{record.blocks} times"
        return Trust(
            Standing.DOUBTED,
            f"Amazon blocked this seller's messages {times} in {BLOCKS_COUNT_DAYS} days, so a person looks at each text.",
        )
    answers = record.recent_approvals + record.recent_sent_back
    if answers >= ENOUGH_ANSWERS and record.recent_sent_back * 3 > answers:
        return Trust(
            Standing.DOUBTED,
            f"{record.recent_sent_back} of this seller's last {answers} texts were sent back, so a person looks at each.",
        )
    if record.approvals < PROVEN_AFTER:
        return Trust(
            Standing.NEW, f"{record.approvals} of {PROVEN_AFTER} texts approved so far: the seller is new."
        )
    return Trust(Standing.TRUSTED, f"{record.approvals} texts approved, none of late blocked by Amazon.")
