"""The public checker: paste a text, see the words underlined. Nothing is stored and nothing of it is logged."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import throttling
from accounts.access import public
from accounts.forms import posted
from compliance import looking, rulebook
from compliance.engine.types import Draft
from compliance.forms import LANGUAGES, CheckForm

_TOO_FAST = "You check faster than this page permits everybody. Your text is kept; go on in {} seconds."
_MOVED_ON = (
    "The text has changed since that rewrite was offered, so nothing was changed. Here is how it stands now."
)


@public
@sensitive_post_parameters("subject", "body")
@sensitive_variables("form", "context", "draft")
@require_http_methods(["GET", "POST"])
def check_text(request: HttpRequest) -> HttpResponse:
    form = CheckForm(posted(request), initial=_begun_with(request.GET))
    if request.method == "GET":
        shown = form if not form.initial.get("body") else CheckForm(dict(form.initial))
        return _page(request, shown, {"look": _look(shown)} if shown.is_bound else {})
    if wait := throttling.wait_for(request, "check_page"):
        answer = _page(request, form, {"problem": _TOO_FAST.format(wait)}, status=429)
        answer["Retry-After"] = str(wait)
        return answer
    if not form.is_valid():
        return _page(request, form, {}, status=422)
    if "fix" in request.POST:
        return _fixed(request, form, request.POST["fix"])
    return _page(request, form, {"look": _look(form)})


def _fixed(request: HttpRequest, form: CheckForm, fix_id: str) -> HttpResponse:
    """For browsers without scripts; with them the page puts the rewrite in by itself and checks again."""
    draft = looking.apply_fix(form.draft(), fix_id)
    if draft is None:
        return _page(request, form, {"look": _look(form), "problem": _MOVED_ON})
    after = CheckForm({**form.cleaned_data, "subject": draft.subject, "body": draft.body})
    return _page(request, after, {"look": _look(after)})


def _look(form: CheckForm) -> looking.Look | None:
    return looking.look(form.draft()) if form.is_valid() and form.cleaned_data["body"].strip() else None


def _page(request: HttpRequest, form: CheckForm, context: dict[str, Any], status: int = 200) -> HttpResponse:
    is_part = bool(getattr(request, "htmx", False))
    template = "compliance/_check_answer.html" if is_part else "compliance/check.html"
    context = {"form": form, "rule_count": len(rulebook.entries()), **context}
    return render(request, template, context, status=status)


_EXAMPLE = re.compile(r"(?P<slug>[a-z0-9-]+)\.(?P<kind>flagged|passed)\.(?P<number>\d{1,3})")


def _begun_with(params: QueryDict) -> dict[str, str]:
    """An example of the rulebook by its address, or what was chosen on another page."""
    draft = _example(params.get("example", ""))
    if draft is None:
        return {n: params.get(n, "") for n in ("medium", "purpose", "language", "marketplace") if n in params}
    language = next((code for code in LANGUAGES if code[:2] == draft.language[:2]), "en-US")
    return {
        "medium": draft.medium, "purpose": draft.purpose, "language": language, "marketplace": draft.marketplace,
        "fulfilment": draft.fulfilment, "subject": draft.subject, "body": draft.body,
    }  # fmt: skip


def _example(name: str) -> Draft | None:
    """`no-emoji.flagged.0`; None for what is no example."""
    named = _EXAMPLE.fullmatch(name)
    entry = rulebook.find(named["slug"]) if named else None
    if named is None or entry is None:
        return None
    given, number = getattr(entry.rule, named["kind"]), int(named["number"])
    return rulebook.draft_of(entry.rule, given[number]) if number < len(given) else None
