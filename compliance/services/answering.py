"""Answers on their way to the seller's side: what nobody there has taken in yet, each handed over once.

For campaigns and one-off messages. A text's version remembers the verdict it stands by, and needs none of this.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import Seller
from compliance.models import Case, Verdict


@dataclass(frozen=True)
class Answered:
    """A case and the last answer on it that counts."""

    case: Case
    verdict: Verdict


def not_taken_in(seller: Seller, subject: Case.Subject) -> list[Answered]:
    """Locks the cases until the transaction ends: a decision that is just being written is waited for. Then call `taken_in`.

    An answer that may still be undone is not among them.
    """
    counting = Verdict.objects.standing().filter(case=OuterRef("pk"))
    rows = Case.objects.select_for_update(of=("self",)).select_related("submitted_by")
    waiting = rows.filter(Exists(counting), seller=seller, subject=subject, is_taken_in=False)
    cases = {case.pk: case for case in waiting.order_by("pk")}
    last = {v.case_id: v for v in Verdict.objects.standing().filter(case__in=cases).order_by("pk")}
    return [Answered(cases[pk], verdict) for pk, verdict in last.items()]


def taken_in(answered: Collection[Answered]) -> None:
    Case.objects.filter(pk__in=[one.case.pk for one in answered]).update(is_taken_in=True)
