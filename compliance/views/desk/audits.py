"""What the audits found, and the texts with a known answer."""

import uuid

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import requires
from accounts.paging import page_of
from accounts.roles import Permission
from compliance.errors import DeskError
from compliance.models import KnownAnswer, Verdict
from compliance.services import audits
from compliance.views.desk.common import find, is_lead, page, user_of

_ANSWERS = (Verdict.Answer.APPROVED, Verdict.Answer.CHANGES_REQUESTED, Verdict.Answer.REJECTED)


@require_GET
@requires(Permission.REVIEW)
def list_audits(request: HttpRequest) -> HttpResponse:
    """Leads see all; a reviewer what they missed themselves, and what their own words were held against."""
    rows = Verdict.objects.filter(is_agreed__isnull=False, effective_at__lte=timezone.now()).not_undone()
    if not is_lead(request):
        rows = rows.filter(Q(reviewer=user_of(request)) | Q(about__reviewer=user_of(request)))
    if request.GET.get("missed"):
        rows = rows.filter(is_agreed=False)
    rows = rows.select_related("case__seller", "case__known_answer", "reviewer", "about__reviewer")
    context = page(
        page=page_of(rows, "decided_at", request.GET),
        missed=bool(request.GET.get("missed")),
        known=_known() if is_lead(request) else (),
        lead=is_lead(request),
    )
    return render(request, "review/audits.html", context)


def _known() -> list[KnownAnswer]:
    counted = KnownAnswer.objects.annotate(
        asked=Count("cases__verdicts", filter=Q(cases__verdicts__is_agreed__isnull=False)),
        found=Count("cases__verdicts", filter=Q(cases__verdicts__is_agreed=True)),
    )
    return list(counted.select_related("seller").order_by("-is_active", F("created_at").desc())[:100])


@require_POST
@requires(Permission.REVIEW_LEAD)
def make_known(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = find(case)
    answer = request.POST.get("answer", "")
    try:
        if answer in set(_ANSWERS):
            audits.make_known(
                found, Verdict.Answer(answer), request.POST.get("lesson", ""), user=user_of(request)
            )
            messages.success(request, f"“{found.title}” is mixed in from now on, once for each reviewer.")
        else:
            messages.error(request, "Say which answer is right for this text.")
    except DeskError as refused:
        messages.error(request, str(refused))
    return redirect("desk_case", case=found.public_id)


@require_POST
@requires(Permission.REVIEW_LEAD)
def switch_known(request: HttpRequest, known: int) -> HttpResponse:
    found = get_object_or_404(KnownAnswer, pk=known)
    KnownAnswer.objects.filter(pk=found.pk).update(is_active=not found.is_active)
    done = "is no longer mixed in" if found.is_active else "is mixed in again"
    messages.success(request, f"“{found.title}” {done}.")
    return redirect("desk_audits")
