"""Stripe's form encoding, `items[0][price]=price_1`, as nested values; numbers and flags arrive as text."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import invalid

Params = dict[str, Any]
_PART = re.compile(r"\[([^\[\]]*)\]")


def decoded(text: str) -> Params:
    """Lists (`a[]`, `a[0]`) come out as lists. Raises StripeError for a name that makes no sense."""
    root: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, _, rest = name.partition("[")
        _put(root, [head, *_PART.findall("[" + rest if rest else "")], value)
    return {name: _listed(value) for name, value in root.items()}


def _put(place: Params, path: list[str], value: str) -> None:
    for part in path[:-1]:
        key = part or str(len(place))
        inner = place.setdefault(key, {})
        if not isinstance(inner, dict):
            raise invalid(f"Invalid {path[0]}: it is given twice, as a value and as an object", path[0])
        place = inner
    place[path[-1] or str(len(place))] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(item) for name, item in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def whole(params: Params, name: str, default: int | None = None) -> int | None:
    """Raises StripeError naming the parameter."""
    value = params.get(name)
    if value in (None, ""):
        return default
    try:
        return int(str(value))
    except ValueError:
        raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer") from None


def flag(params: Params, name: str, default: bool = False) -> bool:
    value = params.get(name)
    return default if value in (None, "") else str(value).lower() == "true"


def inner(params: Params, name: str) -> Params:
    found = params.get(name)
    return found if isinstance(found, dict) else {}


def several(params: Params, name: str) -> list[Any]:
    found = params.get(name)
    return found if isinstance(found, list) else []
