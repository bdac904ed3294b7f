"""The labelled sentences: read, grouped with their translations, and split into what is learned from and what is
kept aside."""

import dataclasses
import functools
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from compliance.engine.document import Document, Sentence
from compliance.engine.types import Draft
from compliance.meaning import features

FOLDER = Path(__file__).parent.parent / "sentences"
ROLES = (
    "ask", "condition", "greeting", "help", "instruction", "marketing", "news", "offer", "order_facts", "praise",
    "pressure", "problem", "question", "signature", "thanks",
)  # fmt: skip
LABELS = ("permitted", "doubtful", "forbidden")
ASIDE = 5
"""One group in so many is kept aside."""


@dataclasses.dataclass(frozen=True, slots=True)
class Labelled:
    """`rule` is the slug of the rule broken or in doubt, "" where permitted. `group` names what it must not be parted
    from: the translations of the same sentences by the same hand."""

    text: str
    role: str
    label: str
    rule: str
    hand: str
    language: str
    group: str

    @property
    def is_aside(self) -> bool:
        return int.from_bytes(hashlib.sha256(self.group.encode()).digest()[:4]) % ASIDE == 0


class SentenceInvalid(ValueError):
    """Names file, line and field."""


def read(folder: Path = FOLDER) -> list[Labelled]:
    """All sentences, in the order of languages, hands and lines. Raises SentenceInvalid."""
    paths = sorted(folder.glob("*/*.jsonl"))
    languages: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        languages[path.stem].add(path.parent.name)
    found: dict[tuple[str, str], Labelled] = {}
    for path in paths:
        for labelled in _file(path, is_parallel=len(languages[path.stem]) > 1):
            found.setdefault((labelled.language, labelled.text), labelled)
    return list(found.values())


def _file(path: Path, *, is_parallel: bool) -> Iterable[Labelled]:
    """A hand that writes in several languages retells its sentences in each, in the same rounds (greeting first, then
    role after role). So its sentences of one kind in one round stay together; a hand with one language goes by text."""
    rounds, last = 0, ""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        row = _row(path, number, line)
        rounds += row["role"] == "greeting" != last
        last = row["role"]
        kind = (path.stem, str(rounds), row["role"], row["label"], row["rule"])
        group = "/".join(kind) if is_parallel else row["text"]
        yield Labelled(
            row["text"], row["role"], row["label"], row["rule"], path.stem, path.parent.name, group
        )


def _row(path: Path, number: int, line: str) -> dict[str, str]:
    place = f"{path.parent.name}/{path.name}, line {number}"
    try:
        row = json.loads(line)
    except ValueError as error:
        raise SentenceInvalid(f"{place}: not JSON ({error})") from error
    for field, kinds in (("role", ROLES), ("label", LABELS)):
        if row.get(field) not in kinds:
            raise SentenceInvalid(f"{place}: {field} is {row.get(field)!r}; use one of {', '.join(kinds)}")
    if not isinstance(row.get("text"), str) or not row["text"].strip():
        raise SentenceInvalid(f"{place}: text is empty")
    if bool(row.get("rule")) == (row["label"] == "permitted"):
        raise SentenceInvalid(f"{place}: a permitted sentence has no rule, any other names one")
    return {name: str(row.get(name, "")) for name in ("text", "role", "label", "rule")}


def sentence(text: str, language: str) -> Sentence | None:
    """The text as the engine reads it; of several sentences their words as one. None where there is no word."""
    document = Document(Draft("insert_card", "other_needed", text.replace("\n", " "), language, "US"))
    found = [one for one in document.body.sentences if one.tokens]
    return _joined(found) if found else None


OPINIONS = ("shared.review", "shared.review_loose", "words-opinion.stars", "words-opinion.opinion")
"""Phrases with which a sentence speaks, perhaps, of a review."""


def speaks_of_opinions(one: Labelled) -> bool:
    read_as = sentence(one.text, one.language)
    return read_as is not None and read_as.says(*OPINIONS) is not None


def _joined(found: Sequence[Sentence]) -> Sentence:
    first = found[0]
    if len(found) == 1:
        return first
    tokens = [token for one in found for token in one.tokens]
    places = [place for one in found for place in one.places]
    joined = Sentence(first.view, first.number, first.start, found[-1].end, tokens, places)
    for one in found:
        for group, said in one.said.items():
            joined.said[group] += said
    return joined


@functools.lru_cache(maxsize=65536)
def pieces(text: str, language: str) -> features.Pieces | None:
    read_as = sentence(text, language)
    if read_as is None:
        return None
    return features.pieces(features.plain(read_as), features.said(read_as), features.language_of(read_as))
