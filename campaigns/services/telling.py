"""An author hears of a person's answer by mail, with the page on which the rest is said."""

from accounts.services import mail
from accounts.tenancy import current_seller
from compliance.services.review import Answered


def tell(answered: Answered, path: str, outcome: str) -> None:
    """`outcome`: what it means for what was handed in. Nobody hears of the rules' own answers, or of what nobody handed in."""
    author = answered.case.submitted_by
    if author is None or not author.is_active or answered.verdict.reviewer_id is None:
        return
    mail.send(
        "case_decided", [author.email], seller=current_seller(), case=answered.case, verdict=answered.verdict,
        outcome=outcome, path=path,
    )  # fmt: skip
