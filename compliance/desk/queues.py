"""The queues of the desk: a class each, with what it is for and how soon its cases are due. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Queue(StrEnum):
    NEW = "new"
    APPEAL = "appeal"
    SECOND = "second"
    AUDIT = "audit"
    RESCAN = "rescan"
    ESCALATED = "escalated"

    @property
    def title(self) -> str:  # type: ignore[override]  # for people; str.title is never meant
        return QUEUES[self].title


@dataclass(frozen=True, slots=True)
class QueueKind:
    """`target` is in working hours, from entering the queue to a decision."""

    title: str
    what: str
    target: timedelta
    is_for_leads: bool = False


QUEUES: dict[Queue, QueueKind] = {
    Queue.NEW: QueueKind("New", "Doubtful texts, submitted for the first time.", timedelta(hours=4)),
    Queue.SECOND: QueueKind(
        "Second person",
        "Approved by one person although a rule blocks it; another confirms.",
        timedelta(hours=2),
    ),
    Queue.RESCAN: QueueKind(
        "Rule change", "Live texts that a changed rule doubts or blocks.", timedelta(hours=4)
    ),
    Queue.ESCALATED: QueueKind(
        "Escalated", "A reviewer asks a lead to decide.", timedelta(hours=4), is_for_leads=True
    ),
    Queue.APPEAL: QueueKind("Appeals", "The author asks another person to look again.", timedelta(hours=16)),
    Queue.AUDIT: QueueKind(
        "Audit", "A share of what was approved, looked at once more.", timedelta(hours=40)
    ),
}  # in the order the desk shows them

#: One-off messages: a buyer waits for the answer, and the message is worth sending for three days only.
ONE_OFF_TARGET = timedelta(hours=2)


def open_to(is_lead: bool) -> list[Queue]:
    """The queues whose cases a reviewer, or a lead, is handed."""
    return [queue for queue, kind in QUEUES.items() if is_lead or not kind.is_for_leads]
