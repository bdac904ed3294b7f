"""Starter texts: a file each, a table a language. A test holds them to our own rules."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class StarterText:
    key: str
    name: str
    purpose: str
    channel: str
    message_type: str
    #: language -> (subject, body)
    texts: dict[str, tuple[str, str]]

    @property
    def body_format(self) -> str:
        return "html" if self.channel == "relay_email" else "text"


@cache
def all_starters() -> tuple[StarterText, ...]:
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.toml")))


def starter(key: str) -> StarterText:
    """Raises KeyError with the keys there are."""
    by_key = {s.key: s for s in all_starters()}
    if key not in by_key:
        raise KeyError(f"There is no starter text {key!r}; there are {', '.join(by_key)}.")
    return by_key[key]


def _read(path: Path) -> StarterText:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = {
        lang: (t.get("subject", ""), t["body"].strip()) for lang, t in data.items() if isinstance(t, dict)
    }
    return StarterText(
        path.stem, data["name"], data["purpose"], data["channel"], data.get("message_type", ""), texts
    )
