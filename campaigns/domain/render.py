"""Texts with placeholders to the text one buyer would get. Pure.

Liquid in a small, strict dialect: `{{ placeholder }}` with a few filters, and `if`/`unless`. What a text may name
is `placeholders.PLACEHOLDERS`; anything else is a fault at saving time, with the line it stands on. Data is a flat
dict of short strings, so there is nothing to walk into, and no loops, so there is nothing to spin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from liquid import BoundTemplate, Environment, FalsyStrictUndefined
from liquid.exceptions import LiquidError, UndefinedError

from campaigns.domain.placeholders import PLACEHOLDERS

MAX_TEMPLATE_CHARACTERS = 64 * 1024
ALLOWED_FILTERS = frozenset({"default", "upcase", "downcase", "capitalize", "truncate"})
ALLOWED_TAGS = frozenset({"if", "unless"})


class TemplateFault(Exception):
    """The text cannot be used as it stands: `field` is subject or body, `line` counts from 1, `sentence` says what to do."""

    def __init__(self, field: str, line: int, sentence: str) -> None:
        super().__init__(f"{field}, line {line}: {sentence}")
        self.field, self.line, self.sentence = field, line, sentence


class Limited(Environment):
    output_stream_limit = 256 * 1024
    loop_iteration_limit = 1
    local_namespace_limit = 1


@dataclass(frozen=True)
class Rendered:
    subject: str
    body: str
    body_format: str
    #: What was filled in, by placeholder: the only part of an approved text that can still surprise.
    values: Mapping[str, str]


def render(subject: str, body: str, body_format: str, values: Mapping[str, str]) -> Rendered:
    """Raises TemplateFault: the text names what it may not, or a placeholder is empty here and has no `default` or `if`."""
    filled_subject = _fill("subject", subject, "text", values)
    filled_body = _fill("body", body, body_format, values)
    used = names_used(subject) | names_used(body)
    return Rendered(
        " ".join(filled_subject.split()), filled_body, body_format, {n: values[n] for n in sorted(used)}
    )


def find_faults(subject: str, body: str, body_format: str) -> list[TemplateFault]:
    """Everything wrong with the placeholders of a text, before it is ever filled."""
    found: list[TemplateFault] = []
    for field, source in (("subject", subject), ("body", body)):
        try:
            found += _examine(
                field, source, _parse(field, source, body_format if field == "body" else "text")
            )
        except TemplateFault as fault:
            found.append(fault)
    return found


def names_used(source: str) -> frozenset[str]:
    return frozenset(_parse("body", source, "text").analyze().variables)


def _fill(field: str, source: str, body_format: str, values: Mapping[str, str]) -> str:
    template = _parse(field, source, body_format)
    faults = _examine(field, source, template)
    if faults:
        raise faults[0]
    try:
        # An empty value counts as missing: `if` and `default` see it so, and a bare use is a fault, not a hole in a sentence.
        return template.render(**{name: value for name, value in values.items() if value})
    except LiquidError as error:
        raise _as_fault(field, source, error) from error


@lru_cache(maxsize=512)
def _parse(field: str, source: str, body_format: str) -> BoundTemplate:
    if len(source) > MAX_TEMPLATE_CHARACTERS:
        raise TemplateFault(
            field, 1, f"The text is longer than {MAX_TEMPLATE_CHARACTERS:,} characters; shorten it."
        )
    try:
        return (_HTML if body_format == "html" else _TEXT).from_string(source)
    except LiquidError as error:
        raise _as_fault(field, source, error) from error


def _environment(*, autoescape: bool) -> Environment:
    environment = Limited(undefined=FalsyStrictUndefined, autoescape=autoescape)
    for name in set(environment.filters) - ALLOWED_FILTERS:
        del environment.filters[name]
    for name in set(environment.tags) - ALLOWED_TAGS - {"content", "output", "illegal"}:
        del environment.tags[name]
    return environment


_TEXT, _HTML = _environment(autoescape=False), _environment(autoescape=True)


def _examine(field: str, source: str, template: BoundTemplate) -> list[TemplateFault]:
    seen = template.analyze()
    unknown_names = [
        TemplateFault(
            field,
            _line(source, uses[0].span.index),
            f"There is no placeholder “{name}”. Choose one from the list.",
        )
        for name, uses in seen.variables.items()
        if name not in PLACEHOLDERS
    ]
    unknown_filters = [
        TemplateFault(
            field,
            _line(source, spans[0].index),
            f"“{name}” cannot be applied here; use {_listed(ALLOWED_FILTERS)}.",
        )
        for name, spans in seen.filters.items()
        if name not in ALLOWED_FILTERS
    ]
    return unknown_names + unknown_filters


def _as_fault(field: str, source: str, error: LiquidError) -> TemplateFault:
    token = getattr(error, "token", None)
    if isinstance(error, UndefinedError):
        line = _line(source, token.start_index) if token is not None else 1
        return TemplateFault(
            field,
            line,
            "A placeholder has no value for this order; give it a `default` or put it inside an `if`.",
        )
    line = _line(source, token.start_index) if token is not None else 1
    words = str(getattr(error, "message", "") or error).splitlines()[0]
    return TemplateFault(
        field, line, f"The placeholder is not understood ({words}). Write it as {{{{ order_id }}}}."
    )


def _line(source: str, index: int) -> int:
    return source.count("\n", 0, index) + 1


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
