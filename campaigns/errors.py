"""What can be wrong with what an author asks for; each message says what to do, and nothing half-done stays."""

from collections.abc import Sequence

from campaigns.domain.render import TemplateFault


class AuthoringError(Exception):
    """Refused; the message is for the author."""


class TextFaulty(AuthoringError):
    """The text's placeholders or markup cannot be used as they stand."""

    def __init__(self, language: str, faults: Sequence[TemplateFault]) -> None:
        self.language, self.faults = language, tuple(faults)
        super().__init__(f"{language}: " + " ".join(str(fault) for fault in faults))


class NotEditable(AuthoringError):
    """A frozen version cannot be changed; an edit makes a new one."""


class StaleEdit(AuthoringError):
    """Somebody saved meanwhile."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Version {number} was saved meanwhile by somebody else. What you typed is kept here; reload to compare."
        )


class AttachmentRefused(AuthoringError):
    """The file cannot go to a buyer; the message names the reason."""
