"""An approved version: decided once, then asked only what its messages' values can change.

The quick way answers one question surely: do the values add nothing? Whatever it is not sure of goes the
long way, a full check of the rendered text, so the two never differ in what they say."""

import copy
import dataclasses
import functools
import time
from collections.abc import Iterator, Mapping, Sequence

import regex

from compliance import pack
from compliance.engine import filling, folding
from compliance.engine import links as web
from compliance.engine.document import PLACEHOLDER, Document, View, attribute_span, name_parts, text_links
from compliance.engine.elements import Element
from compliance.engine.errors import NotPreparable
from compliance.engine.filling import Slots
from compliance.engine.passes import Report, applying, findings_of, over, unread_language
from compliance.engine.spans import SpanMap
from compliance.engine.types import Draft, Finding, Rule

# A value that stays one run of words wherever it stands: no double spaces, no ends of lines, no braces,
# nothing invisible.
_PLAIN = regex.compile(r"[^\s{}\p{C}\p{M}\ue000]+(?: [^\s{}\p{C}\p{M}\ue000]+)*+")
_ATTRIBUTES = ("href", "alt", "title", "aria-label")


class Prepared:
    """Raises NotPreparable and TooLarge when made. Safe to share between threads once made."""

    def __init__(self, template: Draft, rules: Sequence[Rule]) -> None:
        self.template = dataclasses.replace(template, stage="template", values={}, value_spans=())
        self.blank = dataclasses.replace(self.template, stage="rendered")
        self.subject, self.body = filling.cut(template.subject), filling.cut(template.body)
        self.names = frozenset((*self.subject.names, *self.body.names))
        self.rules = tuple(applying(rules, template))
        self.asked_again = tuple(rule for rule in self.rules if rule.depends_on_values)
        self.document = Document(self.template)
        _refuse_odd_places(self.document)
        self.once = tuple(self._decide_once())
        self.is_clean = not self.once
        self.filled_views = [_Template(view) for view in self.document.views]
        self.links = [(link, filling.cut(link.url)) for link in self.document.links if link.kind == "href"]
        self.words = folding.fold("\n".join(view.text for view in self.document.views))

    def check(
        self, values: Mapping[str, str], *, order_id: str = "", product_titles: Sequence[str] = ()
    ) -> Report:
        """The report of the message with these values (plain text, before escaping), for this order.

        Raises KeyError naming a placeholder that has no value.
        """
        started = time.perf_counter()
        order_id = order_id or values.get("order_id", "")
        findings: tuple[Finding, ...] = ()
        if not self._adds_nothing(values, order_id, product_titles):
            findings = tuple(
                findings_of(
                    self.rendered(values, order_id=order_id, product_titles=product_titles), self.rules
                )
            )
        return Report(findings, pack.version(), time.perf_counter() - started)

    def rendered(
        self, values: Mapping[str, str], *, order_id: str, product_titles: Sequence[str] = ()
    ) -> Draft:
        return filling.rendered(
            self.template, self.subject, self.body, {name: values[name] for name in self.names},
            order_id=order_id, product_titles=product_titles,
        )  # fmt: skip

    def _decide_once(self) -> Iterator[Finding]:
        yield from unread_language(self.template)
        yield from over(self.document, [rule for rule in self.rules if not rule.depends_on_values])

    def _adds_nothing(self, values: Mapping[str, str], order_id: str, titles: Sequence[str]) -> bool:
        used = {name: values[name] for name in self.names}
        if not self.is_clean or not all(_PLAIN.fullmatch(value) for value in used.values()):
            return False
        if self._names_stand_in_the_text(titles):
            return False
        draft = _quickly(self.blank, order_id=order_id, product_titles=tuple(titles), values=used)
        return next(over(_Filled(self, draft), self.asked_again), None) is None

    def _names_stand_in_the_text(self, titles: Sequence[str]) -> bool:
        """A title that the seller also wrote by hand is masked there too, which changes how the text
        reads."""
        return any(part in self.words for title in titles for part in _folded_parts(title))


@functools.lru_cache(maxsize=4096)
def _folded_parts(title: str) -> tuple[str, ...]:
    return tuple(folding.fold(part) for part in name_parts(title))


def _quickly(draft: Draft, **fields: object) -> Draft:
    """`dataclasses.replace` without checking again what the template was checked for."""
    filled = copy.copy(draft)
    for name, value in fields.items():
        object.__setattr__(filled, name, value)
    return filled


class _Template:
    """A view of the template, ready to be filled."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.slots = filling.cut(view.text)

    def filled(self, values: Mapping[str, str]) -> View:
        text = self.slots.fill(values)
        return View(self.view.kind, self.view.where, text, SpanMap.same(len(text)), self.view.languages)


class _Filled(Document):
    """The rendered document without reading its HTML again. Offsets are not the source's: it only tells
    whether."""

    def __init__(self, prepared: Prepared, draft: Draft) -> None:
        self.draft = draft
        self.found = []
        self.tree = prepared.document.tree
        self._prepared = prepared
        self._views = [template.filled(draft.values) for template in prepared.filled_views]

    @functools.cached_property
    def subject(self) -> View:
        return next((view for view in self._views if view.kind == "subject"), self._prepared.document.subject)

    @functools.cached_property
    def body(self) -> View:
        return next(view for view in self._views if view.kind == "body")

    @functools.cached_property
    def unseen(self) -> list[View]:
        return [view for view in self._views if view.kind not in ("subject", "body", "attachment")]

    @functools.cached_property
    def attachments(self) -> list[View]:
        return [view for view in self._views if view.kind == "attachment"]

    def _find_links(self) -> Iterator[web.Link]:
        for link, url in self._prepared.links:
            yield link if not url.names else _filled_link(link, url, self.draft.values)
        for view in self.views:
            yield from text_links(view)


def _filled_link(link: web.Link, url: Slots, values: Mapping[str, str]) -> web.Link:
    filled = url.fill(values)
    scheme, host, domain = web.parts(filled)
    return dataclasses.replace(
        link, url=filled, scheme=scheme, host=host, domain=domain, is_placeholder=False
    )


def _refuse_odd_places(document: Document) -> None:
    """Raises NotPreparable where a placeholder stands in a style, a comment or a bare attribute: there a
    value could become markup."""
    if document.tree is None:
        return
    source = document.draft.body
    known = [span for element in document.tree.elements for span in _quoted(document, element)]
    for match in PLACEHOLDER.finditer(source):
        in_text = document.tree.visible_spans.seen(*match.span()) or document.tree.hidden_spans.seen(
            *match.span()
        )
        if not in_text and not any(start <= match.start() and match.end() <= end for start, end in known):
            raise NotPreparable(
                f"{match[0]} stands where a value could become markup; check each rendered text instead."
            )


def _quoted(document: Document, element: Element) -> Iterator[tuple[int, int]]:
    source = document.draft.body
    for name in _ATTRIBUTES:
        if name in element.attributes:
            start, end = attribute_span(source, element, name)
            if start and source[start - 1] in "\"'":
                yield start, end
