"""Whether a message says anything that its purpose needs, told by what its sentences do."""

import dataclasses
from collections.abc import Iterator, Sequence

from compliance.engine.document import Document
from compliance.engine.types import ASKS
from compliance.meaning import doubts
from compliance.meaning.doubts import Doubt


def _groups(*names: str) -> tuple[str, ...]:
    return tuple(f"words-order.{name}" for name in names)


SELF_EVIDENT = ASKS | {
    "invoice",
    "warranty",
    "digital_access_key",
    "legal_disclosure",
    "return_question",
    "home_services",
}
"""Purposes whose messages are told by their paper, or have rules of their own."""
NEEDED = ("problem", "question", "instruction", "offer", "condition")
ASKED_OF_BUYER = _groups("address", "appointment", "custom", "file", "personal")
"""What a buyer is asked to tell."""
TOLD = _groups(
    "delay",
    "stock",
    "cancel",
    "damage",
    "replace",
    "return",
    "sorry",
    "invoice",
    "warranty",
    "manual",
    "safety",
)
"""What an order can need to be told. An offer of help names most of it, too: "if anything is broken"."""
MATTERS = ASKED_OF_BUYER + TOLD
PUT = TOLD + _groups("address", "custom", "file")
"""What facts of an order can bring up: a date or a number alone brings up nothing."""
SMALL_TALK = ("help", "thanks", "greeting", "signature")
SURE, SURE_TALK = 0.5, 0.8


@dataclasses.dataclass(frozen=True, slots=True)
class Idle:
    """The message only gives news, or only thanks and offers help: `rules` are the slugs, `doubt` the telling sentence."""

    rules: tuple[str, ...]
    doubt: Doubt


def idle(document: Document) -> Iterator[Idle]:
    draft = document.draft
    if draft.purpose in SELF_EVIDENT or draft.attachments or draft.medium == "insert_card":
        return
    said = [one for one in doubts.weighed(document) if one.sentence.view.kind == "body"]
    if not said or any(map(_is_needed, said)):
        return
    if (news := _likeliest(said, "news")) is not None:
        yield Idle(("no-order-or-shipping-confirmation", "purpose-permitted"), news)
    elif (kind := _likeliest(said, "thanks", "help")) is not None:
        yield Idle(("not-thanks-or-help-only", "purpose-permitted"), kind)


def _is_needed(one: Doubt) -> bool:
    """It does something for the order, and is no small talk."""
    if one.reading.is_role(*SMALL_TALK) >= SURE_TALK:
        return False
    is_of_use = one.reading.is_role(*NEEDED) >= SURE and one.reading.elsewhere < SURE
    if one.reading.is_role("help", "thanks") >= SURE:
        return is_of_use or one.sentence.says(*ASKED_OF_BUYER) is not None
    return (
        is_of_use or one.sentence.says(*(PUT if one.reading.role == "order_facts" else MATTERS)) is not None
    )


def _likeliest(said: Sequence[Doubt], *roles: str) -> Doubt | None:
    best = max(said, key=lambda one: one.reading.is_role(*roles))
    return best if best.reading.is_role(*roles) >= SURE else None
