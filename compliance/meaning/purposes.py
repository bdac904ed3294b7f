"""Whether a message says anything that its purpose needs, told by what its sentences do."""

import dataclasses
from collections.abc import Iterator, Sequence

from compliance.engine.document import Document
from compliance.engine.types import ASKS
from compliance.meaning import doubts
from compliance.meaning.doubts import Doubt

SELF_EVIDENT = ASKS | {"invoice", "warranty", "digital_access_key", "legal_disclosure", "return_question", "home_services"}
"""Purposes whose messages are told by their paper, or have rules of their own."""
NEEDED = ("problem", "question", "instruction", "offer", "condition")
SURE = 0.5


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
    return one.reading.is_role(*NEEDED) >= SURE and one.reading.elsewhere < SURE


def _likeliest(said: Sequence[Doubt], *roles: str) -> Doubt | None:
    best = max(said, key=lambda one: one.reading.is_role(*roles))
    return best if best.reading.is_role(*roles) >= SURE else None
