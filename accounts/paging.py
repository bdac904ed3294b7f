"""Keyset pages: as quick on the last page as on the first, and steady while rows arrive.

A place in the list is the sort value and id of a row, carried in the URL as `after` (older rows) or `before` (newer ones).
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)
PAGE_SIZE = 50
#: Longer is no place of ours, and no search anybody types.
_LONGEST_PLACE, _LONGEST_SEARCH = 200, 200


Place = tuple[datetime, int]


@dataclass(frozen=True)
class Page(Generic[M]):
    items: list[M]
    older: str
    newer: str
    is_oldest_first: bool = False

    @property
    def summary(self) -> str:
        order = "earliest first" if self.is_oldest_first else "newest first"
        return f"{len(self.items)} shown, {order}" if self.items else ""


def searched(params: Mapping[str, str], *names: str) -> dict[str, str]:
    """What was typed into a list's search, ready to ask the database for: trimmed, no longer than anybody types,
    and without the zero character, which PostgreSQL refuses."""
    return {name: params.get(name, "").replace("\0", "").strip()[:_LONGEST_SEARCH] for name in names}


def page_of(rows: QuerySet[M], field: str, params: Mapping[str, str], size: int = PAGE_SIZE) -> Page[M]:
    """One page of `rows`, newest first by `field` (a datetime column or annotation that is never null). One query.

    A place that cannot be read (somebody edited the address), or beyond which nothing is left, is the first page.
    """
    after, before = _read(params.get("after", "")), _read(params.get("before", ""))
    found = _page(rows, field, after, before, size)
    return found if found.items or not (after or before) else _page(rows, field, None, None, size)


def page_oldest_first(
    rows: QuerySet[M], field: str, params: Mapping[str, str], size: int = PAGE_SIZE
) -> Page[M]:
    """The same from the other end, for what is worked off in the order in which it came: `older` leads on."""
    after, before = _read(params.get("after", "")), _read(params.get("before", ""))
    found = _page_up(rows, field, after, before, size)
    return found if found.items or not (after or before) else _page_up(rows, field, None, None, size)


def _page_up(rows: QuerySet[M], field: str, after: Place | None, before: Place | None, size: int) -> Page[M]:
    if before:
        found = list(rows.filter(_beyond(field, "lt", before)).order_by(f"-{field}", "-pk")[: size + 1])
        items, has_sooner, has_later = found[:size][::-1], len(found) > size, bool(found)
    else:
        selected = rows.filter(_beyond(field, "gt", after)) if after else rows
        found = list(selected.order_by(field, "pk")[: size + 1])
        items, has_sooner, has_later = found[:size], bool(after and found), len(found) > size
    later = _place(items[-1], field) if has_later else ""
    return Page(items, later, _place(items[0], field) if has_sooner else "", is_oldest_first=True)


def _page(rows: QuerySet[M], field: str, after: Place | None, before: Place | None, size: int) -> Page[M]:
    if before:
        found = list(rows.filter(_beyond(field, "gt", before)).order_by(field, "pk")[: size + 1])
        has_newer, items = len(found) > size, found[:size][::-1]
        return Page(
            items, _place(items[-1], field) if items else "", _place(items[0], field) if has_newer else ""
        )
    selected = rows.filter(_beyond(field, "lt", after)) if after else rows
    found = list(selected.order_by(f"-{field}", "-pk")[: size + 1])
    items = found[:size]
    has_older = len(found) > size
    return Page(
        items,
        _place(items[-1], field) if has_older else "",
        _place(items[0], field) if after and items else "",
    )


def _beyond(field: str, way: str, place: Place) -> Q:
    at, pk = place
    return Q(**{f"{field}__{way}": at}) | Q(**{field: at, f"pk__{way}": pk})


def _place(row: Model, field: str) -> str:
    at: datetime = getattr(row, field)
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), row.pk]).encode()).decode().rstrip("=")


def _read(place: str) -> Place | None:
    if len(place) > _LONGEST_PLACE:
        return None
    try:
        raw: Any = json.loads(base64.urlsafe_b64decode(place + "=" * (-len(place) % 4)))
        at, pk = datetime.fromisoformat(raw[0]), int(raw[1])
    except (binascii.Error, ValueError, TypeError, IndexError, KeyError, OverflowError):
        return None
    return (at, pk) if at.tzinfo and 1 < at.year < 9999 and abs(pk) < 1 << 63 else None
