"""What a reviewer does: next, take, skip, decide, undo, note. Every act says what happened; a refused one changes nothing."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.roles import Permission
from compliance.desk.permits import UNDO_WINDOW
from compliance.errors import DeskError
from compliance.models import Case, HandOut, SellerNote, Verdict
from compliance.services import deciding, holding, notes, undoing
from compliance.views.desk.case import case_page
from compliance.views.desk.common import choose_queue, chosen_queue, find, is_lead, page, user_of
from compliance.views.desk.decisions import decision_from


@require_POST
@requires(Permission.REVIEW)
def next_case(request: HttpRequest) -> HttpResponse:
    """The case that is due first, of all queues or of the one chosen."""
    choose_queue(request, request.POST.get("queue", ""))
    return _onward(request)


@require_POST
@requires(Permission.REVIEW)
def take(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """With htmx the hold alone, so that what was typed on the page stays."""
    found, refusal, until = find(case), "", None
    try:
        until = holding.take(found.pk, user_of(request)).leased_until
    except DeskError as refused:
        refusal = str(refused)
    if request.headers.get("HX-Request"):
        context = page(case=found, until=until, refused=refusal, is_lapsed=until is None)
        return render(request, "review/_hold.html", context)
    if refusal:
        messages.error(request, refusal)
    return redirect("desk_case", case=found.public_id)


@require_POST
@requires(Permission.REVIEW)
def renew(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """The hold as a fragment, after a sign of activity."""
    found = find(case)
    until = holding.renew(found.pk, user_of(request))
    return render(request, "review/_hold.html", page(case=found, until=until, is_lapsed=until is None))


@require_POST
@requires(Permission.REVIEW)
def skip(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = find(case)
    reason = request.POST.get("reason", "").strip()
    if holding.give_back(found.pk, user_of(request), end=HandOut.End.SKIPPED, reason=reason):
        messages.info(request, f"“{found.title}” goes to somebody else first.")
    return _onward(request)


@require_POST
@requires(Permission.REVIEW)
def give_back(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = find(case)
    if holding.give_back(found.pk, user_of(request)):
        messages.info(request, f"“{found.title}” is free for others again.")
    return redirect("desk")


@require_POST
@requires(Permission.REVIEW)
def decide(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = find(case)
    try:
        verdicts = _decide(request, found)
    except DeskError as refused:
        return case_page(request, found, refused=refused, status=409)
    return _onward(request, verdicts)


@require_POST
@requires(Permission.REVIEW_LEAD)
def correct(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """A lead's new verdict in place of the last."""
    found = find(case)
    old = get_object_or_404(Verdict, case=found, public_id=_uuid(request.POST.get("verdict", "")))
    try:
        decision = decision_from(request.POST, found)
        verdict = deciding.correct(
            old.pk, decision, reviewer=user_of(request), now=timezone.now(), window=UNDO_WINDOW
        )
    except DeskError as refused:
        return case_page(request, found, refused=refused, status=409)
    return redirect(f"{reverse('desk_case', args=[found.public_id])}?undo={verdict.public_id}")


@require_POST
@requires(Permission.REVIEW)
def undo(request: HttpRequest, verdict: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Verdict.objects.select_related("case"), public_id=verdict)
    try:
        cases = undoing.undo(found.pk, reviewer=user_of(request))
        more = f" So are {len(cases) - 1} identical ones." if len(cases) > 1 else ""
        messages.success(request, f"Undone: “{found.case.title}” waits again, and you hold it.{more}")
    except DeskError as refused:
        messages.error(request, str(refused))
    return redirect("desk_case", case=found.case.public_id)


@require_POST
@requires(Permission.REVIEW)
def note(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = find(case)
    try:
        if holding.belongs_to(user_of(request), found):
            return case_page(request, found)
        notes.add(found, request.POST.get("text", "").replace("\0", ""), author=user_of(request))
        messages.success(request, f"Noted. It is shown with every case of {found.seller.name}.")
    except DeskError as refused:
        messages.error(request, str(refused))
    return redirect("desk_case", case=found.public_id)


@require_POST
@requires(Permission.REVIEW)
def retract_note(request: HttpRequest, note: int) -> HttpResponse:
    found = get_object_or_404(SellerNote.objects.select_related("case"), pk=note)
    try:
        notes.retract(found.pk, user=user_of(request), is_lead=is_lead(request))
        messages.success(request, "The note is taken back; it stays on the record.")
    except DeskError as refused:
        messages.error(request, str(refused))
    return redirect("desk_case", case=found.case.public_id) if found.case else redirect("desk")


def _decide(request: HttpRequest, case: Case) -> list[Verdict]:
    decision = decision_from(request.POST, case)
    me, now, seen = user_of(request), timezone.now(), _number(request.POST.get("seen", ""))
    if request.POST.get("alike"):
        return deciding.decide_alike(case.pk, decision, reviewer=me, now=now, window=UNDO_WINDOW, seen=seen)
    return [deciding.decide(case.pk, decision, reviewer=me, now=now, window=UNDO_WINDOW, seen=seen)]


def _onward(request: HttpRequest, verdicts: list[Verdict] | None = None) -> HttpResponse:
    """To the next case, with the last decision at hand to be undone."""
    following = holding.hand_out(user_of(request), chosen_queue(request))
    place = reverse("desk_case", args=[following.public_id]) if following else reverse("desk")
    if following is None and verdicts is None:
        messages.info(request, "Nothing waits for you here. New cases appear by themselves.")
    return redirect(f"{place}?undo={verdicts[0].public_id}" if verdicts else place)


def _number(text: str) -> int:
    """-1 for what is none: no case has it, so that the decision is refused as a stale one."""
    return int(text) if text.isdecimal() and len(text) < 7 else -1


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
