"""Putting values into a template of plain placeholders, and knowing where they stand."""

import dataclasses
from collections.abc import Mapping, Sequence

from compliance.engine.document import LOGIC, PLACEHOLDER
from compliance.engine.errors import NotPreparable
from compliance.engine.types import Draft, FilledSpan, Where

# As Liquid's and Jinja's escape writes them.
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"})


@dataclasses.dataclass(frozen=True, slots=True)
class Slots:
    """A text cut at its placeholders: `pieces` has one more entry than `names`."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        if not self.names:
            return self.pieces[0]
        parts = [self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            parts.append(values[name])
            parts.append(piece)
        return "".join(parts)

    def spans(self, values: Mapping[str, str], where: Where) -> list[FilledSpan]:
        found, at = [], len(self.pieces[0])
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            found.append(FilledSpan(where, at, at + len(values[name])))
            at += len(values[name]) + len(piece)
        return found


def cut(text: str) -> Slots:
    """Raises NotPreparable for logic and filters: what they give depends on more than a value."""
    if LOGIC.search(text):
        raise NotPreparable("The text has {% … %} in it; check each rendered text instead.")
    pieces, names, at = [], [], 0
    for match in PLACEHOLDER.finditer(text):
        if "|" in match[0]:
            raise NotPreparable(f"{match[0]} has a filter; check each rendered text instead.")
        pieces.append(text[at : match.start()])
        names.append(match[1])
        at = match.end()
    return Slots((*pieces, text[at:]), tuple(names))


def escaped(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value.translate(_ESCAPED) for name, value in values.items()}


def rendered(
    template: Draft,
    subject: Slots,
    body: Slots,
    values: Mapping[str, str],
    *,
    order_id: str,
    product_titles: Sequence[str],
) -> Draft:
    in_body = escaped(values) if template.body_format == "html" else values
    return dataclasses.replace(
        template, stage="rendered", subject=subject.fill(values), body=body.fill(in_body), order_id=order_id,
        product_titles=tuple(product_titles), values=dict(values),
        value_spans=(*subject.spans(values, "subject"), *body.spans(in_body, "body")),
    )  # fmt: skip
