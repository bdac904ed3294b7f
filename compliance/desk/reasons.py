"""The canned reasons: numbered, each with text, example and remedy for the author. Pure; the data is reasons.toml."""

import functools
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("reasons.toml")
#: The hundreds, as the picker groups them.
CHAPTERS = {
    1: "Purpose",
    2: "Reviews",
    3: "Content",
    4: "Form",
    5: "Timing",
    6: "Language",
    7: "Account",
    9: "The desk",
}


class UnknownReason(KeyError):
    """No reason has this number."""

    def __init__(self, code: object) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"There is no reason {self.code}. Choose one from the list (press ?)."


@dataclass(frozen=True, slots=True)
class Reason:
    """`text`, `example` and `remedy` are for the author; `rules` are slugs whose findings suggest it."""

    code: int
    title: str
    text: str
    example: str
    remedy: str
    rules: tuple[str, ...]
    is_fixable: bool = True
    severity: str = "block"  # or account
    is_retired: bool = False

    @property
    def chapter(self) -> str:
        return CHAPTERS[self.code // 100]


@dataclass(frozen=True, slots=True)
class Given:
    """A reason given on a case, tied to words where start < end: offsets into the source of that language's field."""

    code: int
    language: str = ""
    where: str = "body"
    start: int = 0
    end: int = 0
    text: str = ""

    @property
    def reason(self) -> Reason:
        return find(self.code)

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "language": self.language, "where": self.where,
            "start": self.start, "end": self.end, "text": self.text,
        }  # fmt: skip


@functools.cache
def every() -> tuple[Reason, ...]:
    """By number, retired ones last to be looked up but not to be chosen."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(_reason(int(code), row) for code, row in sorted(data.items(), key=lambda item: int(item[0])))


def find(code: int) -> Reason:
    """Raises UnknownReason."""
    found = _by_code().get(code)
    if found is None:
        raise UnknownReason(code)
    return found


def suggested(rules: Iterable[str]) -> list[Reason]:
    """The reasons that fit findings of these rules, in the order of the rules, each once."""
    offered = [r for rule in rules for r in every() if rule in r.rules and not r.is_retired]
    return list(dict.fromkeys(offered))


def sentence(given: Sequence[Given], words: str = "") -> str:
    """What the author reads, as running text: each reason with its words and remedy, then the reviewer's own words."""
    told = [
        _told(code, [g.text for g in given if g.code == code and g.text])
        for code in dict.fromkeys(g.code for g in given)
    ]
    return "\n".join([*told, *([words.strip()] if words.strip() else [])])


def _told(code: int, texts: Sequence[str]) -> str:
    reason = find(code)
    quoted = ", ".join(f"“{text}”" for text in dict.fromkeys(texts))
    return f"{reason.code} {reason.title}{': ' + quoted if quoted else ''}. {reason.text} {reason.remedy}"


@functools.cache
def _by_code() -> dict[int, Reason]:
    return {reason.code: reason for reason in every()}


def _reason(code: int, row: dict[str, Any]) -> Reason:
    return Reason(
        code, row["title"], row["text"], row["example"], row["remedy"], tuple(row["rules"]),
        row.get("fixable", True), row.get("severity", "block"), row.get("retired", False),
    )  # fmt: skip
