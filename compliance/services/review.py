"""The desk's front door for other apps: what they hand in, ask back, and hear.

| verb | what it does |
|---|---|
| `submit` | opens a case, answered at once where no person is needed (submitting) |
| `judge_live` | what the present rules ask of a live text, what was accepted let be (submitting) |
| `reopen` | back to a person whatever the rules say: a text that drew trouble where it was sent (submitting) |
| `rescan` | opens a case for a live text that a changed rule doubts (submitting) |
| `withdraw` | takes back what waits unanswered (submitting) |
| `dispute`, `hand_in_changed` | appeals: once per verdict, within 14 days (appealing); `appeal_refusal` says why not |
| `not_taken_in`, `taken_in` | answers on campaigns and one-off messages, each handed over once (answering) |
| `decide` | a decision from the command line and from tests; the desk itself uses deciding, with a lease |
| `report_incident`, `end_restriction` | what Amazon or buyers said of what was sent (incidents); weighs on trust |

**How an answer reaches the seller.** A verdict counts from its `effective_at`; the due index has `cases.decided` of the seller
at that time; the seller's side then reads `selectors.latest_verdicts(seller, subject_ids)`.

- Answers: approved; approved_limited (with `marketplaces`, `volume`, `until`: whoever sends must hold to them);
  changes_requested; rejected.
- `verdict.reason` is what the author reads, a line for each reason. `verdict.reasons` ties canned reasons to words:
  `{"code", "language", "where", "start", "end", "text"}`, offsets into that language's source
  (`compliance.desk.reasons.find(code)` has text, example, remedy).
- `corrects` set: it takes the place of an earlier one. What was approved may be rejected now, or the other way round.
- `selectors.standing.standing_of` says how it stands: who must act, expected time, whether it can be appealed.

**Expected time.** `case.due_at` is when the desk promises an answer, working hours counted.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from compliance.engine.types import Finding
from compliance.models import Verdict
from compliance.services import deciding, holding
from compliance.services.answering import Answered, not_taken_in, taken_in
from compliance.services.appealing import dispute, hand_in_changed
from compliance.services.appealing import refusal as appeal_refusal
from compliance.services.deciding import Decision
from compliance.services.incidents import end_restriction, report_incident
from compliance.services.recording import Limits, holding_findings
from compliance.services.submitting import Submission, judge_live, reopen, rescan, submit, withdraw

__all__ = (
    "Answered",
    "Decision",
    "Limits",
    "Submission",
    "appeal_refusal",
    "decide",
    "dispute",
    "end_restriction",
    "hand_in_changed",
    "holding_findings",
    "judge_live",
    "not_taken_in",
    "reopen",
    "report_incident",
    "rescan",
    "submit",
    "taken_in",
    "withdraw",
)


@transaction.atomic
def decide(
    case_id: int,
    answer: Verdict.Answer,
    *,
    reviewer: User | None,
    reason: str,
    now: datetime,
    accepted: Sequence[Finding] | None = None,
) -> Verdict:
    """Decide a waiting case at once, without a window for undoing. `accepted` are the findings an approval lets be; by default
    all that held the text.

    Raises a DeskError (AlreadyDecided, ReasonMissing, …); nothing is changed then.
    """
    if reviewer is not None:
        holding.take(case_id, reviewer)
    decision = Decision(answer, reason, accepted=accepted)
    return deciding.decide(case_id, decision, reviewer=reviewer, now=now)
