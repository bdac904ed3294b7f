"""What the desk's views share."""

import functools
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from babel.core import Locale, UnknownLocaleError
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from compliance.desk.queues import Queue
from compliance.models import Case, Verdict

_CHOSEN = "desk_queue"


def user_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def is_lead(request: HttpRequest) -> bool:
    return Permission.REVIEW_LEAD in request.permissions  # type: ignore[attr-defined]


def find(public_id: uuid.UUID) -> Case:
    rows = Case.objects.select_related("seller__agency", "leased_to", "submitted_by", "known_answer")
    return get_object_or_404(rows, public_id=public_id)


@functools.cache
def language_name(tag: str) -> str:
    """In English: de-AT is German (Austria); a tag that is none is shown as it is."""
    try:
        return Locale.parse(tag.replace("-", "_")).get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag


def page(**context: Any) -> dict[str, Any]:
    """What every page of the desk knows. Times are on the desk's clock."""
    return {"zone": settings.REVIEW_TIMEZONE, "now": timezone.now(), **context}


def chosen_queue(request: HttpRequest) -> Collection[Queue] | None:
    """The queue that *Next* keeps to in this session; None: all."""
    chosen = request.session.get(_CHOSEN, "")
    return [Queue(chosen)] if chosen in set(Queue) else None


def choose_queue(request: HttpRequest, queue: str) -> None:
    wanted = queue if queue in set(Queue) else ""
    if request.session.get(_CHOSEN, "") != wanted:
        request.session[_CHOSEN] = wanted


def undoable(request: HttpRequest, now: datetime) -> Verdict | None:
    """The decision just made, while it may be undone: the address names it."""
    try:
        public_id = uuid.UUID(request.GET.get("undo", ""))
    except ValueError:
        return None
    rows = Verdict.objects.not_undone().filter(reviewer=user_of(request), effective_at__gt=now)
    return rows.filter(public_id=public_id).select_related("case").first()
