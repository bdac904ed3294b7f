"""What can be wrong with a submission or a decision; each message says what to do."""

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


class AlreadyDecided(ComplianceError):
    """Somebody decided this case meanwhile."""

    def __init__(self, title: str) -> None:
        super().__init__(f"“{title}” was decided meanwhile; open it again to see how. Nothing was changed.")


class ReasonMissing(ComplianceError):
    """A text sent back needs a reason the author can act on."""

    def __init__(self) -> None:
        super().__init__("Say why: the author sees this sentence and acts on it.")
