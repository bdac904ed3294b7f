"""By hand: a message to one order, and the do-not-write list."""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.forms import posted
from accounts.models import User
from accounts.paging import page_of, searched
from accounts.roles import Permission
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel, Purpose
from campaigns.forms.messages import OneOffForm, SuppressionForm
from campaigns.models import Message, Suppression
from campaigns.services import one_off, suppression
from compliance.errors import NotSubmittable
from orders.models import Order


@require_http_methods(["GET", "POST"])
@requires(Permission.SWITCH)
def write_message(request: HttpRequest, order: str) -> HttpResponse:
    found = get_object_or_404(Order, amazon_order_id=order)
    form = OneOffForm(posted(request), initial=_again(request, found))
    context: dict[str, Any] = {"order": found, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            return _written(request, _write(request, found, form))
        except one_off.OneOffRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        except NotSubmittable as refusal:
            form.add_error(None, "It breaks a rule and cannot be sent. Change the words named below.")
            context["findings"] = refusal.findings
    return render(request, "campaigns/message_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW, write=Permission.SWITCH)
def suppressions(request: HttpRequest) -> HttpResponse:
    form = SuppressionForm(posted(request))
    if request.method == "POST" and form.is_valid() and _suppress(request, form):
        return redirect("suppressions", seller=request.seller.slug)  # type: ignore[attr-defined]
    wanted = searched(request.GET, "q")["q"]
    rows = (
        Suppression.objects.filter(Q(value=wanted.upper()) | Q(note__icontains=wanted))
        if wanted
        else Suppression.objects.all()
    )
    context = {"form": form, "page": page_of(rows, "created_at", request.GET), "wanted": wanted}
    return render(request, "campaigns/suppressions.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.SWITCH)
def suppress_order(request: HttpRequest, order: str) -> HttpResponse:
    done = suppression.suppress(
        get_object_or_404(Order, amazon_order_id=order).amazon_order_id, actor_id=request.user.pk
    )
    messages.success(request, f"Nobody writes to this order any more; {_stopped(done.stopped)}.")
    return redirect("order", seller=request.seller.slug, order=order)  # type: ignore[attr-defined]


@require_POST
@requires(Permission.SWITCH)
def lift_suppression(request: HttpRequest, suppression: int) -> HttpResponse:
    try:
        _lift(request, suppression)
        messages.success(request, "Taken off the list. Campaigns may write again from their next plan on.")
    except ValueError as refusal:
        messages.error(request, str(refusal))
    return redirect("suppressions", seller=request.seller.slug)  # type: ignore[attr-defined]


def _again(request: HttpRequest, order: Order) -> dict[str, str]:
    """The words of one that was sent back, to be written anew (`?again=`)."""
    try:
        wanted = uuid.UUID(request.GET.get("again", ""))
    except ValueError:
        return {}
    before = Message.objects.filter(public_id=wanted, order=order, campaign__isnull=True).first()
    names = ("channel", "purpose", "message_type", "language", "subject", "body")
    return {name: str(getattr(before, name)) for name in names} if before else {}


def _write(request: HttpRequest, order: Order, form: OneOffForm) -> Message:
    channel, purpose = Channel(form.cleaned_data["channel"]), Purpose(form.cleaned_data["purpose"])
    return one_off.write(order, channel, purpose, form.words(), cast(User, request.user))


def _written(request: HttpRequest, message: Message) -> HttpResponse:
    waits = message.state == State.HELD
    messages.success(
        request,
        "A person looks at it first; you see the answer here."
        if waits
        else "It breaks no rule and goes out with the next turn.",
    )
    return redirect("message", seller=request.seller.slug, message=message.public_id)  # type: ignore[attr-defined]


def _suppress(request: HttpRequest, form: SuppressionForm) -> bool:
    data = form.cleaned_data
    try:
        done = suppression.suppress(
            data["order_id"], with_buyer=data["with_buyer"], note=data["note"], actor_id=request.user.pk
        )
    except suppression.NothingToSuppress as refusal:
        form.add_error("order_id", str(refusal))
        return False
    messages.success(request, f"{data['order_id']} is on the list; {_stopped(done.stopped)}.")
    return True


def _stopped(count: int) -> str:
    if count == 0:
        return "no message was waiting"
    return "one waiting message was stopped" if count == 1 else f"{count} waiting messages were stopped"


def _lift(request: HttpRequest, pk: int) -> None:
    suppression.lift(get_object_or_404(Suppression, pk=pk), actor_id=request.user.pk)
