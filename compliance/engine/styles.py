"""Styles as far as a mail client applies them: style sheets, inline declarations, colours and lengths."""

import dataclasses
import functools
from collections.abc import Iterable

import regex
import tinycss2
import tinycss2.color4
from tinycss2 import ast

INHERITED = frozenset(
    ("color", "font", "font-family", "font-size", "font-style", "font-weight", "line-height", "text-align", "text-indent",
     "visibility", "white-space", "direction", "letter-spacing", "word-spacing", "text-transform"),
)  # fmt: skip
WIDE = frozenset({"inherit", "unset", "revert", "revert-layer", "initial"})
"""Values any property takes, that say nothing of their own."""
WIDTH = 600.0
"""How wide a mail is taken to be, in pixels, where nothing is said: Amazon gives no way of measuring."""


@dataclasses.dataclass(frozen=True, slots=True)
class Declaration:
    """`value` is lower case with single spaces, `written` as it stands in the source."""

    name: str
    value: str
    is_important: bool = False
    written: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class StyleRule:
    """`is_conditional`: only some screens or clients apply it."""

    selector: str
    specificity: tuple[int, int, int]
    declarations: tuple[Declaration, ...]
    is_conditional: bool = False


@functools.lru_cache(maxsize=2048)
def inline(style: str) -> tuple[Declaration, ...]:
    parsed = tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)
    return _declarations(parsed)


def _declarations(parsed: Iterable[ast.Node]) -> tuple[Declaration, ...]:
    return tuple(
        Declaration(node.lower_name, " ".join(written.lower().split()), node.important, written)
        for node in parsed
        if isinstance(node, ast.Declaration)
        for written in (tinycss2.serialize(node.value).strip(),)
    )


@functools.lru_cache(maxsize=256)
def sheet(css: str) -> tuple[StyleRule, ...]:
    """The rules of a style sheet, those with a condition on the screen included, those for printing not."""
    return tuple(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)))


_NESTING = frozenset({"media", "supports", "layer", "container", "scope"})


def _rules(nodes: Iterable[ast.Node], *, is_conditional: bool = False) -> list[StyleRule]:
    rules: list[StyleRule] = []
    for node in nodes:
        if isinstance(node, ast.QualifiedRule):
            rules.extend(_qualified(node, is_conditional=is_conditional))
        elif isinstance(node, ast.AtRule) and node.lower_at_keyword in _NESTING and node.content:
            condition = tinycss2.serialize(node.prelude).lower()
            if _is_for_paper(condition):
                continue
            inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            narrows = node.lower_at_keyword not in ("layer", "scope") and "(" in condition
            rules.extend(_rules(inner, is_conditional=is_conditional or narrows))
    return rules


def _is_for_paper(condition: str) -> bool:
    words = set(regex.findall(r"[a-z]+", condition))
    return bool(words & {"print", "speech"}) and not words & {"screen", "all", "not", "only"}


def _qualified(node: ast.QualifiedRule, *, is_conditional: bool) -> list[StyleRule]:
    body = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    declared = _declarations(body)
    selectors = [part.strip() for part in tinycss2.serialize(node.prelude).split(",")]
    return [StyleRule(s, _specificity(s), declared, is_conditional) for s in selectors if s]


_IN_BRACKETS = regex.compile(r"\[[^\]]*+\]")
_PSEUDO_ELEMENT = regex.compile(r"::[\w-]++")


def _specificity(selector: str) -> tuple[int, int, int]:
    bare = _PSEUDO_ELEMENT.sub(" x", _IN_BRACKETS.sub(".", selector))
    ids, classes = bare.count("#"), bare.count(".") + bare.count(":")
    names = sum(part[:1].isalpha() for part in regex.split(r"[\s>+~()]++", bare))
    return ids, classes, names


@functools.lru_cache(maxsize=2048)
def colour(value: str) -> tuple[float, float, float, float] | None:
    """Red, green, blue, alpha in 0..1, or None where the value is no colour we can compute."""
    try:
        parsed = tinycss2.color4.parse_color(value)
        if parsed is None or isinstance(parsed, str):
            return _old_colour(value)
        red, green, blue, alpha = (min(1.0, max(0.0, part or 0.0)) for part in parsed.to("srgb"))
    except (ValueError, TypeError, NotImplementedError, ArithmeticError):
        return _old_colour(value)
    return red, green, blue, alpha


_BARE_HEX = regex.compile(r"[0-9a-f]{3}(?:[0-9a-f]{3})?")


def _old_colour(value: str) -> tuple[float, float, float, float] | None:
    return colour(f"#{value}") if _BARE_HEX.fullmatch(value) else None


_COLOUR_PART = regex.compile(
    r"#[0-9a-f]{3,8}+|(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\([^()]{0,80}\)|\b[a-z]{3,20}+\b"
)


@functools.lru_cache(maxsize=2048)
def colour_in(value: str) -> tuple[float, float, float, float] | None:
    """The colour in a shorthand ("url(x.png) no-repeat #fff")."""
    if (whole := colour(value)) is not None:
        return whole
    bare = _URL.sub(" ", value)
    return next((found for match in _COLOUR_PART.finditer(bare) if (found := colour(match[0]))), None)


_URL = regex.compile(r"url\([^)]*+\)?")


def pixels(value: str, *, em: float = 16.0) -> float | None:
    """A CSS length or legacy number in pixels; None for what needs a layout (per cent, auto)."""
    for unit, factor in _UNITS:
        if value.endswith(unit):
            return _number(value[: len(value) - len(unit)], factor * (em if unit in _OF_LETTERS else 1.0))
    return None


_UNITS = (
    ("px", 1.0), ("pt", 4 / 3), ("rem", 16.0), ("em", 1.0), ("ex", 0.5), ("ch", 0.5), ("pc", 16.0), ("cm", 96 / 2.54),
    ("mm", 9.6 / 2.54), ("in", 96.0), ("", 1.0),
)  # fmt: skip
_OF_LETTERS = frozenset({"em", "ex", "ch"})
_OF_SCREEN = ("vw", "vh", "vi", "vb", "vmin", "vmax", "dvw", "svw", "lvw")


def length(value: str, whole: float, *, em: float = 16.0) -> float | None:
    """A length in pixels; per cent are of `whole`, parts of the screen of a mail's usual width."""
    value = value.strip()
    if value.endswith("%"):
        return _number(value[:-1], whole / 100)
    for unit in _OF_SCREEN:
        if value.endswith(unit):
            return _number(value[: -len(unit)].rstrip("dsl"), WIDTH / 100)
    return pixels(value, em=em) if value else None


def share(value: str) -> float | None:
    """An opacity: "0.5" or "50%" as 0.5."""
    return _number(value[:-1], 0.01) if value.endswith("%") else _number(value, 1.0) if value else None


_NUMBER = regex.compile(r"\s*+[+-]?(?:\d{1,9}+(?:\.\d*+)?|\.\d++)(?:e[+-]?\d{1,2})?\s*+")


def _number(text: str, factor: float) -> float | None:
    return float(text) * factor if _NUMBER.fullmatch(text) else None
