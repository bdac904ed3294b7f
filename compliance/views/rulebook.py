"""The rulebook: the list, and one page a rule, made from the rules themselves."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import public
from accounts.paging import searched
from compliance import pack, rulebook
from compliance.engine.types import Stage
from compliance.rulebook import MEDIA, SEVERITIES, STAGES, Wanted
from compliance.selectors import shadows
from compliance.unchecked import UNCHECKED


@public
@require_GET
def list_rules(request: HttpRequest) -> HttpResponse:
    typed = searched(request.GET, "q", "severity", "medium", "stage")
    wanted = Wanted(typed["q"], typed["severity"], typed["medium"], typed["stage"])
    chapters = rulebook.chapters(wanted)
    context = {
        "chapters": chapters, "shown": sum(len(c.entries) for c in chapters), "total": len(rulebook.entries()),
        "wanted": wanted, "severities": SEVERITIES.items(), "media": MEDIA.items(), "stages": STAGES.items(),
        "pack": pack.version(), "unchecked": UNCHECKED,
    }  # fmt: skip
    is_part = request.headers.get("HX-Target") == "found"
    return render(request, "compliance/_rules.html" if is_part else "compliance/rules.html", context)


@public
@require_GET
def one_rule(request: HttpRequest, slug: str) -> HttpResponse:
    entry = rulebook.find(slug)
    if entry is None:
        raise Http404
    flagged, passed = rulebook.examples(slug)
    before, after = rulebook.neighbours(entry)
    is_shadow = entry.rule.stage is Stage.SHADOW
    context = {
        "entry": entry, "rule": entry.rule, "flagged": flagged, "passed": passed, "before": before, "after": after,
        "unchecked": rulebook.unchecked_of(slug), "pack": pack.version(),
        "would_hold": shadows.would_hold(slug) if is_shadow and _is_staff(request) else None,
    }  # fmt: skip
    return render(request, "compliance/rule.html", context)


def _is_staff(request: HttpRequest) -> bool:
    return bool(request.user.is_authenticated and request.user.is_staff)
