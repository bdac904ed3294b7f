"""What can be wrong with a submission or a decision; each message says what happened and what to do. Nothing was changed."""

from collections.abc import Sequence

from compliance.engine.types import Finding


class ComplianceError(Exception):
    """A submission or decision that was refused; nothing was stored."""


class NotSubmittable(ComplianceError):
    """The text breaks a rule for certain, so no person is asked."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        more = f" and {len(self.findings) - 1} more" if len(self.findings) > 1 else ""
        super().__init__(f"{first.message} ({first.rule}{more}). Change the marked words and submit again.")


class DeskError(ComplianceError):
    """An act on a case that was refused."""


class AlreadyDecided(DeskError):
    """Somebody decided this case meanwhile."""

    def __init__(self, title: str) -> None:
        super().__init__(f"“{title}” was decided meanwhile; open it again to see how. Nothing was changed.")


class StaleCase(DeskError):
    """The author withdrew it, or submitted a newer version."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"“{title}” was taken back by its author, or a newer version took its place. Nothing was decided; go on to the next."
        )


class StaleView(DeskError):
    """The page shows an older state of the case than there is."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"“{title}” has changed since you opened this page. Nothing was decided; load it again and look once more."
        )


class NotTaken(DeskError):
    """A decision without a lease."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"You do not hold “{title}”. Take it first, so that nobody else decides it at the same time."
        )


class LeaseLapsed(DeskError):
    """Five minutes without activity."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"Your hold on “{title}” ended after five minutes without activity. Nothing was decided; take it again."
        )


class HeldByAnother(DeskError):
    def __init__(self, title: str, holder: str) -> None:
        super().__init__(
            f"{holder or 'Another reviewer'} works on “{title}”. Take another one, or wait until it is given back."
        )


class OwnSeller(DeskError):
    """The reviewer is a member of the seller, or of its agency, or wrote the text."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"You belong to the seller of “{title}”, or wrote it, so somebody else must decide. Go on to the next."
        )


class SamePerson(DeskError):
    """Whoever decided before does not decide again."""

    def __init__(self, title: str) -> None:
        super().__init__(f"You decided “{title}” before; now another person has to. Go on to the next.")


class LeadsOnly(DeskError):
    def __init__(self, title: str) -> None:
        super().__init__(f"“{title}” waits for a lead reviewer. Go on to the next.")


class Nameless(DeskError):
    """A decision that needs a person was made by nobody in particular."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"“{title}” needs the word of two persons. Say who you are (--by), or decide it on the desk."
        )


class NotOverridable(DeskError):
    def __init__(self, finding: Finding) -> None:
        super().__init__(
            f"Nobody may let this through: {finding.message} ({finding.rule}). Ask for changes or reject it."
        )


class ReasonMissing(DeskError):
    """A text sent back needs a reason the author can act on."""

    def __init__(self) -> None:
        super().__init__("Say why: choose a reason or write a sentence; the author reads it and acts on it.")


class LimitsMissing(DeskError):
    def __init__(self) -> None:
        super().__init__("Say what limits the approval: marketplaces, a number of messages or a last day.")


class LimitsWrong(DeskError):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class SpanWrong(DeskError):
    """A canned reason was tied to words that are not there."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Reason {code} points at words that are not in the text. Mark the words again.")


class NothingWaits(DeskError):
    """Not an error of anybody: there is nothing to hand out."""

    def __init__(self) -> None:
        super().__init__("Nothing waits for you. New cases appear here by themselves.")


class UndoTooLate(DeskError):
    def __init__(self) -> None:
        super().__init__(
            "The author knows already, so it cannot be undone any more. A lead may correct it by a new verdict."
        )


class NotYours(DeskError):
    def __init__(self) -> None:
        super().__init__("Somebody else decided this. Only who decided may undo; a lead may correct it.")


class NotCorrectable(DeskError):
    def __init__(self) -> None:
        super().__init__(
            "Only the last verdict on a case can be corrected, once it counts. Open the case to see it."
        )


class AppealTooLate(DeskError):
    def __init__(self, days: int) -> None:
        super().__init__(
            f"A verdict can be appealed for {days} days. Change the text and submit it anew instead."
        )


class AppealedAlready(DeskError):
    def __init__(self) -> None:
        super().__init__(
            "This verdict was appealed before. See the answer there, or change the text and submit it anew."
        )


class NotAppealable(DeskError):
    def __init__(self) -> None:
        super().__init__(
            "This cannot be appealed: it was approved, or a later answer is on its way or took its place. "
            "Open it again to see how it stands."
        )


class AppealHeard(DeskError):
    """The answer to an appeal is not appealed."""

    def __init__(self) -> None:
        super().__init__(
            "Another person has looked at it and decided, so this answer stands. Change what is named and submit it anew."
        )


class AppealWithoutWords(DeskError):
    def __init__(self) -> None:
        super().__init__("Say in a sentence why it is permitted; another person reads it and decides.")


class NoteEmpty(DeskError):
    def __init__(self) -> None:
        super().__init__("Write the note first; it follows the seller to its next cases.")


class NotYourNote(DeskError):
    def __init__(self) -> None:
        super().__init__("Somebody else wrote this note. Ask them, or a lead, to take it back.")


class AnswerMissing(DeskError):
    def __init__(self) -> None:
        super().__init__("The page did not say which answer is meant. Press the button or its key once more.")


class UnknownCanned(DeskError):
    def __init__(self, value: str) -> None:
        super().__init__(f"There is no canned reason “{value[:20]}”. Choose one from the list.")
