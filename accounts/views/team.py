"""Members and invitations, of a seller or of an agency: the same pages, the place comes from the address."""

from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.forms import InviteForm, add_errors, posted, role_from
from accounts.models import Invitation, Membership, User
from accounts.roles import Permission
from accounts.services import members
from accounts.services.places import Where, fields, roles_to_give


def _pages(view: Permission) -> dict[str, Any]:
    """The views for a place whose pages need `view` to be seen."""

    @require_http_methods(["GET", "POST"])
    @requires(view, write=Permission.MEMBERS)
    def team(request: HttpRequest) -> HttpResponse:
        form = InviteForm(posted(request), inviter=_user(request), where=_where(request))
        if request.method == "POST" and form.is_valid():
            try:
                made = members.invite(
                    _where(request),
                    form.cleaned_data["email"],
                    role_from(form.cleaned_data["role"]),
                    _user(request),
                )
                messages.success(
                    request,
                    f"{made.email} was invited. The link works once, until {_until(request, made)}.",
                )
                return _back(request)
            except ValidationError as problem:
                add_errors(form, problem)
        return _show(request, form)

    @require_POST
    @requires(Permission.MEMBERS)
    def change_role(request: HttpRequest, member: int) -> HttpResponse:
        found = _member(request, member)
        return _do(
            request,
            lambda: members.change_role(found, role_from(request.POST.get("role", "")), _user(request)),
            f"{found.user}'s role was changed.",
        )

    @require_POST
    @requires(Permission.MEMBERS)
    def remove(request: HttpRequest, member: int) -> HttpResponse:
        found = _member(request, member)
        return _do(
            request, lambda: members.remove(found, _user(request)), f"{found.user} has no access any more."
        )

    @require_POST
    @requires(Permission.MEMBERS)
    def revoke(request: HttpRequest, invitation: int) -> HttpResponse:
        found = get_object_or_404(Invitation, pk=invitation, **fields(_where(request)))
        return _do(
            request,
            lambda: members.revoke(found, _user(request)),
            f"The invitation of {found.email} was withdrawn.",
        )

    return {"team": team, "change_role": change_role, "remove": remove, "revoke": revoke}


of_seller = _pages(Permission.VIEW)
of_agency = _pages(Permission.AGENCY_VIEW)


def _until(request: Any, made: Invitation) -> str:
    """On the seller's clock; an agency has none."""
    zone = request.seller.timezone if request.seller else "UTC"
    told = f"{made.expires_at.astimezone(ZoneInfo(zone)):%-d %B, %H:%M}"
    return told if request.seller else f"{told} UTC"


def _show(request: HttpRequest, form: InviteForm) -> HttpResponse:
    where = _where(request)
    prefix = "" if getattr(request, "seller", None) else "agency_"
    context = {
        "form": form,
        "place": where,
        "members": _listed(request),
        "invitations": members.open_invitations(where),
        "roles": [(role.value, role.title) for role in roles_to_give(_user(request), where)],
        "urls": {name: f"{prefix}team_{name}" for name in ("role", "remove", "revoke")},
    }
    return render(request, "accounts/team.html", context, status=422 if form.errors else 200)


def _listed(request: Any) -> list[Membership]:
    """Members of the place itself, then, for a seller of an agency, the agency's people."""
    found = list(members.members_of(_where(request)))
    if request.seller and request.seller.agency_id:
        for member in members.members_of(request.seller.agency):
            member.via_agency = True  # type: ignore[attr-defined]
            found.append(member)
    return found


def _do(request: HttpRequest, action: Any, done: str) -> HttpResponse:
    try:
        action()
        messages.success(request, done)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return _back(request)


def _back(request: Any) -> HttpResponse:
    if request.seller:
        return redirect("team", seller=request.seller.slug)
    return redirect("agency_team", agency=request.agency.slug)


def _member(request: HttpRequest, pk: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("user"), pk=pk, **fields(_where(request)))


def _where(request: Any) -> Where:
    found: Where = request.seller or request.agency
    return found


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
