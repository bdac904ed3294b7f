"""Every regular expression of the checker, and texts that each would be slow on if anything is.

An attack is made from the expression itself: one part of it is repeated to the largest text that is taken, with what comes
before it in front, and what no part takes at the end."""

import ast
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import regex

import compliance

LENGTH = 32 * 1024
_REPEATS = frozenset({sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT})
ALPHABET = [
    *map(chr, range(9, 14)),
    *map(chr, range(32, 127)),
    "é",
    "ß",
    "\u00a0",
    "\u200b",
    "あ",
    "漢",
    "★",
    "\ue000",
    "а",
]
_UNICODE_CLASS = re.compile(r"\\[pP]\{\^?\w+\}")


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(compliance.__path__, "compliance."):
        if not any(part in found.name for part in (".migrations", ".management")):
            yield importlib.import_module(found.name)


def patterns() -> dict[str, str]:
    """Where it is (module.name) to what it says, for all that are made when a module is loaded."""
    found: dict[str, str] = {}
    for module in modules():
        for name, value in vars(module).items():
            for place, pattern in _within(f"{module.__name__}.{name}", value):
                found.setdefault(pattern, place)
    return {place: pattern for pattern, place in found.items()}


def _within(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, re.Pattern | regex.Pattern) and isinstance(value.pattern, str):
        yield place, value.pattern if not value.flags & regex.VERBOSE else f"(?x){value.pattern}"
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _within(f"{place}[{key!r}]", one)
    elif isinstance(value, list | tuple | set | frozenset):
        for number, one in enumerate(value):
            yield from _within(f"{place}[{number}]", one)


def parsed(pattern: str) -> Any:
    """As a tree of Python's own parser, classes of Unicode taken for word signs: only its shape is looked at."""
    return parser.parse(_UNICODE_CLASS.sub(r"\\w", pattern))


def attacks(pattern: str) -> Iterator[str]:
    tree = parsed(pattern)
    found = dict.fromkeys((lead, sample(part)) for lead, part in _repeated(list(tree), ""))
    for before in dict.fromkeys(lead for lead, _ in found if lead):  # begun again and again, and never ended
        yield before * (LENGTH // len(before)) + "\x01"
    for before, part in found:
        for piece in filter(None, (part, part + " ")):
            run = piece * (LENGTH // len(piece))
            yield before + run + "\x01"
            yield before + run + " a"
            yield (before + piece * 50 + "\x01") * (LENGTH // (len(before) + 50 * len(piece) + 1))


def _repeated(parts: list[Any], before: str) -> Iterator[tuple[str, list[Any]]]:
    """The whole, and each part that varies in length, with a text that leads there."""
    yield before, parts
    for number, (kind, value) in enumerate(parts):
        lead = before + sample(parts[:number])
        for inner in _inner(kind, value):
            if kind in _REPEATS or any(k in _REPEATS for k, _ in inner):
                yield from _repeated(inner, lead)


def _inner(kind: Any, value: Any) -> Iterator[list[Any]]:
    if kind in _REPEATS:
        yield list(value[2])
    elif kind is sre.SUBPATTERN:
        yield list(value[3])
    elif kind is sre.ATOMIC_GROUP:
        yield list(value)
    elif kind is sre.BRANCH:
        yield from map(list, value[1])
    elif kind in (sre.ASSERT, sre.ASSERT_NOT):
        yield list(value[1])


def sample(parts: list[Any]) -> str:
    """A text that the parts match, near enough."""
    return "".join(_sample(kind, value) for kind, value in parts)


def _sample(kind: Any, value: Any) -> str:
    if kind in (sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY):
        return next(iter(sorted(letters(kind, value), key=_plainness)), "")
    if kind in _REPEATS:
        return sample(list(value[2])) * min(max(value[0], 1), 20)
    if kind is sre.SUBPATTERN:
        return sample(list(value[3]))
    if kind is sre.ATOMIC_GROUP:
        return sample(list(value))
    if kind is sre.BRANCH:
        return sample(list(value[1][0]))
    return ""


def _plainness(letter: str) -> tuple[bool, str]:
    return not letter.isalnum(), letter


def letters(kind: Any, value: Any) -> frozenset[str]:
    """Those of the alphabet (and the literal itself) that a single-letter part takes."""
    if kind is sre.LITERAL:
        return frozenset({chr(value)})
    if kind is sre.NOT_LITERAL:
        return frozenset(ALPHABET) - {chr(value)}
    if kind is sre.ANY:
        return frozenset(ALPHABET)
    negated = any(k is sre.NEGATE for k, _ in value)
    taken = frozenset(c for k, v in value for c in _taken(k, v))
    return frozenset(ALPHABET) - taken if negated else taken


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _taken(kind: Any, value: Any) -> list[str]:
    if kind is sre.LITERAL:
        return [chr(value)]
    if kind is sre.RANGE:
        return [c for c in (*ALPHABET, chr(value[0])) if value[0] <= ord(c) <= value[1]]
    if kind is sre.CATEGORY:
        return [c for c in ALPHABET if re.match(_CATEGORIES[value], c)]
    return []


ENDLESS = 100
"""A repetition allowed so often counts as endless."""


def doubly_repeated(pattern: str) -> Iterator[str]:
    """Endless repetitions of something that itself varies without end, with nothing in between that tells where one ends
    and the next begins: the ways to cut a text grow beyond all bounds. Possessive ones try one way only."""
    yield from _doubly(list(parsed(pattern)))


def _doubly(parts: list[Any]) -> Iterator[str]:
    for kind, value in parts:
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT) and value[1] >= ENDLESS:
            body = list(value[2])
            if any(_varies(k, v) for k, v in body) and not _is_delimited(body):
                yield f"{sample(body)!r} again and again"
        for inner in _inner(kind, value):
            yield from _doubly(inner)


def _varies(kind: Any, value: Any) -> bool:
    """Whether more of it or less may be taken without end, and taken again otherwise."""
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return bool(value[1] >= ENDLESS) or any(_varies(k, v) for k, v in value[2])
    if kind is sre.SUBPATTERN:
        return any(_varies(k, v) for k, v in value[3])
    if kind is sre.BRANCH:
        return any(_varies(k, v) for branch in value[1] for k, v in branch)
    return False


def _is_delimited(body: list[Any]) -> bool:
    """One letter stands at the body's start or end that nothing else of it takes."""
    for edge, rest in ((body[:1], body[1:]), (body[-1:], body[:-1])):
        ((kind, value),) = edge
        is_letter = kind in (sre.LITERAL, sre.IN, sre.NOT_LITERAL)
        if is_letter and not letters(kind, value) & _all_letters(rest):
            return True
    return False


def _all_letters(parts: list[Any]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for kind, value in parts:
        if kind in (sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY):
            found |= letters(kind, value)
        for inner in _inner(kind, value):
            found |= _all_letters(inner)
    return found


def is_anchored(place: str) -> bool:
    """It is only ever asked about a text from its beginning."""
    module, _, name = place.rpartition(".")
    asked = _asked().get((module.rpartition(".")[2] if name.startswith("_") else "", name), set())
    return bool(asked) and asked <= {"fullmatch", "match"}


@functools.cache
def _asked() -> dict[tuple[str, str], set[str]]:
    """How each name is asked: (links, _SPACE) -> {"search"}; a module's own names by module, others anywhere."""
    found: dict[tuple[str, str], set[str]] = {}
    for path, tree in _sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
                name = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
                if name.isupper():
                    module = path.stem if name.startswith("_") else ""
                    found.setdefault((module, name), set()).add(node.attr)
    return found


def made_in_functions() -> set[str]:
    """`file:function` for each that makes an expression when it is called, from what is not written out in it."""
    return {
        f"{path.name}:{function.name}"
        for path, tree in _sources().items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and _is_of_regex(call.func)
    }


def _is_of_regex(called: ast.expr) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id in ("re", "regex")
        and called.attr != "escape"
    )


@functools.cache
def _sources() -> dict[Path, ast.Module]:
    folder = Path(compliance.__file__).parent
    kept = [folder / part for part in ("engine", "rules", "meaning")]
    return {path: ast.parse(path.read_text("utf-8")) for part in kept for path in sorted(part.rglob("*.py"))}
