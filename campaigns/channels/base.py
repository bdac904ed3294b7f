"""What every channel can say, and how it is asked. Pure.

`send` does everything up to the point of no return (connects, asks what is offered, takes its turn), calls
the fence once, and only then lets the body or the request leave. What the fence raises goes through, and
nothing was sent.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Protocol

from campaigns.domain.vocabulary import Channel as Name


class Dedupe(StrEnum):
    """What the other side does with a repeat; what a witness can say follows from it."""

    NONE = "none"
    SERVER_REJECTS = "server_rejects"


@dataclass(frozen=True, slots=True)
class Attachment:
    file_name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Parcel:
    """One message as it goes out. Text fields are empty for Amazon's own request; `to` and `sender` are
    for mail only.
    """

    message_id: int
    channel: Name
    purpose: str
    amazon_order_id: str
    marketplace_id: str
    message_type: str = ""
    language: str = ""
    subject: str = field(default="", repr=False)
    body: str = field(default="", repr=False)
    body_format: str = "text"
    mail_id: str = ""
    sender: str = ""
    to: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side took it. `reference` is what its support asks for."""

    reference: str = ""


class ChannelAnswer(Exception):
    """Anything but "taken". `reason` is a code of campaigns/domain/reasons.py, `words` the other side's
    own, free of buyer data.
    """

    def __init__(self, reason: str, words: str = "", reference: str = "") -> None:
        super().__init__(f"{reason}: {words}" if words else reason)
        self.reason, self.words, self.reference = reason, words[:300], reference

    @property
    def detail(self) -> dict[str, str]:
        said = {"words": self.words, "reference": self.reference}
        return {name: value for name, value in said.items() if value}


class Refused(ChannelAnswer):
    """Not taken, and it would be refused again."""


class TryLater(ChannelAnswer):
    """Not taken; the same message may be tried after `after`.

    `is_pace`: only our turn has not come (the other side's rate). `stops_channel`: what is wrong is not about
    this message, so the seller's others would meet it too.
    """

    def __init__(
        self,
        after: timedelta,
        reason: str,
        words: str = "",
        reference: str = "",
        *,
        is_pace: bool = False,
        stops_channel: bool = False,
    ) -> None:
        super().__init__(reason, words, reference)
        self.after, self.is_pace, self.stops_channel = after, is_pace, stops_channel or is_pace


class Held(ChannelAnswer):
    """Not taken; something has to be mended first, by the seller or by us."""


class OutcomeUnknown(ChannelAnswer):
    """It left, and no answer came: never sent again by the program."""

    def __init__(self, words: str = "", reference: str = "") -> None:
        super().__init__("outcome_unknown", words, reference)


Fence = Callable[[], None]


class Channel(Protocol):
    name: ClassVar[Name]
    dedupe: ClassVar[Dedupe]

    def send(self, parcel: Parcel, fence: Fence) -> Receipt:
        """Raises OutcomeUnknown where it may have been taken; every other ChannelAnswer means that nothing
        was.

        Holds no database transaction; `fence` opens and commits its own.
        """

    def close(self) -> None:
        """Hang up. May run twice."""
