"""Typed readers of the environment. Nothing else in the project reads it.

Missing or malformed names are collected and reported all at once by `finish()`, so that a deployment is mended in one go.
A secret may also come from a file: `NAME_FILE=/run/secrets/name`.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_problems: list[str] = []


class Misconfigured(Exception):
    """The environment lacks or misspells settings; the message lists every one."""


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        _problems.append(f"{name} is not set")
        return ""
    return value


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        _problems.append(f"{name}={value!r} is neither on nor off; write 1 or 0")
    return value in {"1", "true", "yes", "on"}


def told(name: str) -> bool | None:
    """A flag about the world outside: None where nobody has said."""
    return flag(name) if os.environ.get(name, "").strip() else None


def number(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        _problems.append(f"{name}={value!r} is not a whole number")
        return default


def duration(name: str, default: str) -> timedelta:
    """`90s`, `15m`, `12h` or `30d`."""
    value = os.environ.get(name, default)
    if value[-1:] in _UNITS and value[:-1].isdigit():
        return timedelta(seconds=int(value[:-1]) * _UNITS[value[-1]])
    _problems.append(f"{name}={value!r} is not a duration such as 90s, 15m, 12h or 30d")
    return timedelta()


def listed(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def secret(name: str, default: str | None = None) -> str:
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return text(name, default)


def database(name: str) -> dict[str, object]:
    """A PostgreSQL URL as Django's connection settings (host, port, user, password, name)."""
    url = secret(name, "postgresql://127.0.0.1/permitted")
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        _problems.append(f"{name} is not a postgresql:// address")
    return {
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "NAME": unquote(parts.path.lstrip("/")),
    }


def finish() -> None:
    if _problems:
        raise Misconfigured("The environment needs mending:\n  " + "\n  ".join(_problems))
