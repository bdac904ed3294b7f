"""Checks, cases and what was decided (public schema: reviewers see all sellers).

Review status (who must act) and approval status (what may be sent) are two axes of a case; the last approved version
keeps sending whatever waits.
"""

from compliance.models.appeal import Appeal
from compliance.models.audit import HandOut, KnownAnswer
from compliance.models.case import Case
from compliance.models.check import Check
from compliance.models.figures import DeskDay
from compliance.models.pack import RulePack
from compliance.models.record import Incident, SellerNote
from compliance.models.verdict import AcceptedFinding, Verdict

__all__ = (
    "AcceptedFinding",
    "Appeal",
    "Case",
    "Check",
    "DeskDay",
    "HandOut",
    "Incident",
    "KnownAnswer",
    "RulePack",
    "SellerNote",
    "Verdict",
)
