"""Rewrites for certain breaches whose rule offers none itself: the sentence is left out or asked neutrally, the link or picture
taken away. Only where no tag is torn, something is left to read, and the order's id stays where the buyer reads it."""

import bisect
import dataclasses
import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence

import regex

from compliance.engine import asks, markup, requests
from compliance.engine.document import LOGIC, ORDER_ID, PLACEHOLDER, Document, Sentence
from compliance.engine.elements import Element
from compliance.engine.types import Finding, Fix, Outcome, Remedy, Rule

AT_MOST = 30
"""Rewrites offered for one rule: more are made once these are."""
_TAG = regex.compile(
    r"<(/?)([A-Za-z][^\s/<>]*+)(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+>|<!--.*?-->", regex.DOTALL
)
_TAG_BEFORE = regex.compile(r"<([A-Za-z][^\s/<>]*+)(?:\s[^<>]*+)?>\s*+")
_TAG_AFTER = regex.compile(r"\s*+</([A-Za-z][^\s/<>]*+)\s*+>")
_EMPTIED = frozenset({
    "a", "b", "strong", "em", "i", "u", "span", "font", "small", "p", "li", "ul", "ol", "div", "blockquote", "center",
    "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
"""Elements that are nothing without words, and go with them."""
_CLOSING = regex.compile(r"</a\s*+>", regex.IGNORECASE)
_NAMES_ORDER = frozenset({"order_id"})
_DEEPEST = 8
_ALONE = frozenset({"script", "style", "iframe", "object", "embed", "noembed", "noframes", "form", "applet"})


def offered(document: Document, findings: Iterable[Finding], rules: Iterable[Rule]) -> Iterator[Finding]:
    """The findings, those of a certain breach with their rule's remedy where it is safe."""
    remedies = {rule.slug: rule.remedy for rule in rules if rule.remedy is not None}
    on = Offering(document)
    for slug, group in itertools.groupby(findings, lambda finding: finding.rule):
        found, remedy = list(group), remedies.get(slug)
        yield from found if remedy is None else on.offer(remedy, found)


class Offering:
    """A document while rewrites are made for it; where its sentences stand is found out for the first that asks."""

    def __init__(self, document: Document) -> None:
        self.document, self.draft = document, document.draft

        self.going: set[int] = set()
        """Sentences that this rule or one before it wants gone: something else has to be left."""

    @functools.cached_property
    def places(self) -> "Places":
        return Places(self.document)

    def offer(self, remedy: Remedy, found: Sequence[Finding]) -> Iterator[Finding]:
        """One rule's findings."""
        certain = [f for f in found if f.outcome is Outcome.BLOCK and f.fix is None][:AT_MOST]
        if certain and remedy is not Remedy.ELEMENT:
            self.going |= {id(self.places.sentence_at(finding)) for finding in certain}
        for finding in found:
            is_meant = any(finding is one for one in certain)
            yield dataclasses.replace(finding, fix=_fix(self, remedy, finding)) if is_meant else finding


def _fix(on: Offering, remedy: Remedy, finding: Finding) -> Fix | None:
    if finding.where not in ("subject", "body") or finding.end <= finding.start:
        return None
    if remedy is Remedy.ELEMENT:
        return _without_element(on, finding)
    if remedy is Remedy.LINK and (unlinked := _without_link(on, finding)):
        return unlinked
    sentence = on.places.sentence_at(finding)
    if sentence is None:
        return None
    if remedy is Remedy.REQUEST and (asked := _asked_neutrally(on, finding, sentence)):
        return asked
    return _without_sentence(on, finding, sentence)


class Places:
    """The sentences of a document by where they stand in its source."""

    def __init__(self, document: Document) -> None:
        views = [v for v in document.views if v.kind in ("subject", "hidden")]
        self.body = [s for s in document.body.sentences if s.tokens]
        found = [(v.where, *v.source_span(s.start, s.end), s) for v in views for s in v.sentences]
        self._found = sorted(found, key=lambda one: one[:3])
        self._starts = [one[:2] for one in self._found]
        self._all = document.body.sentences
        self._seen = [s.start for s in self._all]

    def sentence_at(self, finding: Finding) -> Sentence | None:
        """The sentence all of the finding stands in; of a link, the one that its words stand in."""
        if finding.visible_start is not None and finding.where == "body":
            at = bisect.bisect_right(self._seen, finding.visible_start) - 1
            is_in = at >= 0 and (finding.visible_end or 0) <= self._all[at].end
            return self._all[at] if is_in else None
        at = bisect.bisect_right(self._starts, (finding.where, finding.start)) - 1
        if at < 0:
            return None
        where, start, end, sentence = self._found[at]
        is_within = where == finding.where and start <= finding.start and finding.end <= end
        return sentence if is_within else None


def _asked_neutrally(on: Offering, finding: Finding, sentence: Sentence) -> Fix | None:
    draft = on.draft
    texts = {"review_request": requests.REVIEW, "feedback_request": requests.FEEDBACK}.get(draft.purpose)
    neutral = (texts or {}).get(draft.primary_language)
    if neutral is None or finding.where != "body" or sentence.view.kind != "body":
        return None
    span = _whole(on, sentence)
    if span is None or _has_what_stays(draft.body[slice(*span)]):
        return None
    before = itertools.takewhile(lambda other: other is not sentence, on.places.body)
    is_asked = neutral in draft.body or any(asks.speaks_of_review(other, loosely=True) for other in before)
    return None if is_asked else Fix(neutral, "Ask neutrally", *span)


def _without_sentence(on: Offering, finding: Finding, sentence: Sentence) -> Fix | None:
    span = _whole(on, sentence)
    is_left = any(other is not sentence and id(other) not in on.going for other in on.places.body)
    if span is None or not is_left or finding.where == "subject":
        return None
    source = on.draft.body
    if on.draft.body_format == "html":
        span = _with_what_is_emptied(source, *span)
    span = _with_space(source, *span)
    return None if _has_what_stays(source[slice(*span)]) else Fix("", "Leave the sentence out", *span)


def _whole(on: Offering, sentence: Sentence) -> tuple[int, int] | None:
    """Where the sentence stands in the source, with the tags it needs to be cut out whole; None where one would be torn."""
    start, end = sentence.view.source_span(sentence.start, sentence.end)
    if on.draft.body_format != "html" or sentence.view.where == "subject":
        return start, end
    source = on.draft.body
    for _ in range(_DEEPEST):
        torn = _first_torn(source[start:end])
        if torn == "":
            return start, end
        before, after = _tag_before(source, start), _TAG_AFTER.match(source, end)
        if torn.startswith("/") and before is not None and before[1].lower() == torn[1:]:
            start = before.start()
        elif not torn.startswith("/") and after is not None and after[1].lower() == torn:
            end = after.end()
        else:
            return None
    return None


def _first_torn(piece: str) -> str:
    """The name of a tag that is opened and not closed, `/` before one that is closed and not opened; "" where there is none."""
    is_open: list[str] = []
    for match in _TAG.finditer(piece):
        name = (match[2] or "").lower()
        if not name or name in markup.VOID:
            continue
        if not match[1]:
            is_open.append(name)
        elif is_open and is_open[-1] == name:
            is_open.pop()
        else:
            return f"/{name}"
    return is_open[-1] if is_open else ""


def _tag_before(source: str, at: int) -> "regex.Match[str] | None":
    begin = source.rfind("<", max(0, at - 2_000), at)
    return _TAG_BEFORE.fullmatch(source, begin, at) if begin >= 0 else None


def _with_what_is_emptied(source: str, start: int, end: int) -> tuple[int, int]:
    for _ in range(_DEEPEST):
        before, after = _tag_before(source, start), _TAG_AFTER.match(source, end)
        if before is None or after is None or before[1].lower() != after[1].lower():
            break
        if before[1].lower() not in _EMPTIED:
            break
        start, end = before.start(), after.end()
    return start, end


def _with_space(source: str, start: int, end: int) -> tuple[int, int]:
    """One space where there would be two, and no empty line that was not there."""
    if start == 0 or source[start - 1] in "\n>":
        while end < len(source) and source[end] in " \t\n":
            end += 1
    elif source[start - 1] in " \t" and source[end : end + 1] in ("", " ", "\t", "\n", "<"):
        while start > 0 and source[start - 1] in " \t":
            start -= 1
    return start, end


def _has_what_stays(piece: str) -> bool:
    """The order's id, or logic whose other half would stay behind."""
    names = {match[1] for match in PLACEHOLDER.finditer(piece)}
    return bool(names & _NAMES_ORDER) or bool(ORDER_ID.search(piece)) or bool(LOGIC.search(piece))


def _without_link(on: Offering, finding: Finding) -> Fix | None:
    """The words without the tag around them; None where the address is none of a link's."""
    element = _element_around(on, finding, "a")
    if element is None:
        return None
    source = on.draft.body
    closing = _CLOSING.search(source, element.end)
    if closing is None or "<a" in source[element.end : closing.start()].lower():
        return None
    words = source[element.end : closing.start()]
    if _first_torn(words):
        return None
    start, end = element.start, closing.end()
    if not words.strip():
        start, end = _with_what_is_emptied(source, start, end)
    return Fix(words, "Keep the words, remove the link", start, end)


def _without_element(on: Offering, finding: Finding) -> Fix | None:
    element = next(_elements_at(on, finding), None)
    if element is None:
        return None
    source = on.draft.body
    start, end = element.start, element.end
    if element.tag not in markup.VOID:
        closing = source.lower().find(f"</{element.tag}", end)
        if element.tag not in _ALONE or closing < 0 or _first_torn(source[end:closing]):
            return None
        end = source.find(">", closing) + 1 or len(source)
    start, end = _with_space(source, *_with_what_is_emptied(source, start, end))
    is_all = not on.places.body and not source[:start].strip() and not source[end:].strip()
    label = "Remove the picture" if element.tag in ("img", "image") else "Take it out"
    return None if is_all or _has_what_stays(source[start:end]) else Fix("", label, start, end)


def _elements_at(on: Offering, finding: Finding) -> Iterator[Element]:
    page = on.document.tree
    for element in page.elements if page is not None else ():
        if element.end and (element.start, element.end) == (finding.start, finding.end):
            yield element


def _element_around(on: Offering, finding: Finding, tag: str) -> Element | None:
    """The element whose start tag the finding is in, or begins with."""
    page = on.document.tree
    for element in page.elements if page is not None else ():
        if element.tag == tag and element.end and element.start <= finding.start < element.end:
            return element
    return None
