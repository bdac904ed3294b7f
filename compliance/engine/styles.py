"""Computed styles, as far as a mail client applies them: style blocks, inline declarations, inheritance."""

import dataclasses
import functools
from collections.abc import Iterable

import tinycss2
import tinycss2.color3
from tinycss2 import ast

INHERITED = frozenset(
    [
        "color",
        "font",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "line-height",
        "text-align",
        "text-indent",
        "visibility",
        "white-space",
        "direction",
        "letter-spacing",
        "word-spacing",
        "text-transform",
    ]
)


@dataclasses.dataclass(frozen=True, slots=True)
class Declaration:
    """`value` is lower case with single spaces."""

    name: str
    value: str
    is_important: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class StyleRule:
    selector: str
    specificity: tuple[int, int, int]
    declarations: tuple[Declaration, ...]


@functools.lru_cache(maxsize=2048)
def inline(style: str) -> tuple[Declaration, ...]:
    parsed = tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)
    return _declarations(parsed)


def _declarations(parsed: Iterable[ast.Node]) -> tuple[Declaration, ...]:
    return tuple(
        Declaration(node.lower_name, _text(node.value), node.important)
        for node in parsed
        if isinstance(node, ast.Declaration)
    )


def _text(tokens: Iterable[ast.Node]) -> str:
    return " ".join(tinycss2.serialize(tokens).lower().split())


@functools.lru_cache(maxsize=256)
def sheet(css: str) -> tuple[StyleRule, ...]:
    """The rules of a style block, those inside @media included: some client shows them."""
    return tuple(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)))


def _rules(nodes: Iterable[ast.Node]) -> list[StyleRule]:
    rules: list[StyleRule] = []
    for node in nodes:
        if isinstance(node, ast.QualifiedRule):
            rules.extend(_qualified(node))
        elif isinstance(node, ast.AtRule) and node.lower_at_keyword == "media" and node.content:
            rules.extend(
                _rules(tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True))
            )
    return rules


def _qualified(node: ast.QualifiedRule) -> list[StyleRule]:
    body = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    declared = _declarations(body)
    selectors = _split(_text(node.prelude), tinycss2.serialize(node.prelude))
    return [StyleRule(selector, _specificity(selector), declared) for selector in selectors]


def _split(lowered: str, selectors: str) -> list[str]:
    return [part.strip() for part in selectors.split(",") if part.strip()] if lowered else []


def _specificity(selector: str) -> tuple[int, int, int]:
    ids, classes = selector.count("#"), selector.count(".") + selector.count("[") + selector.count(":")
    names = sum(part[:1].isalpha() for part in selector.replace(">", " ").replace("+", " ").split())
    return ids, classes, names


@functools.lru_cache(maxsize=2048)
def colour(value: str) -> tuple[float, float, float, float] | None:
    """Red, green, blue, alpha in 0..1, or None where the value is no colour we can compute."""
    parsed = tinycss2.color3.parse_color(value)
    if parsed is None or isinstance(parsed, str):
        return None
    return parsed.red, parsed.green, parsed.blue, parsed.alpha


def pixels(value: str, *, em: float = 16.0) -> float | None:
    """A CSS length or legacy number in pixels; None for what needs a layout (per cent, auto)."""
    for unit, factor in _UNITS:
        if value.endswith(unit):
            return _number(value[: len(value) - len(unit)], factor * (em if unit in ("em", "rem") else 1.0))
    return None


_UNITS = (("px", 1.0), ("pt", 4 / 3), ("rem", 1.0), ("em", 1.0), ("", 1.0))


def _number(text: str, factor: float) -> float | None:
    try:
        return float(text) * factor
    except ValueError:
        return None
