"""A draft read once, for all rules: its views (subject, body, what is hidden, what stands in for
pictures), its sentences with what is said in them, its links."""

import dataclasses
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import regex

from compliance.engine import folding, phrases, sentences, tree
from compliance.engine import links as web
from compliance.engine.errors import TooLarge
from compliance.engine.spans import SpanMap
from compliance.engine.types import Draft, Finding, Where

SIZE_LIMIT = 256 * 1024
"""Bytes of subject and of body in UTF-8."""
TEXT_LIMIT = 32 * 1024
"""Characters there are to read, seen and hidden: sixteen times Amazon's longest typed message. A longer
source is fine (pictures may be in it), a longer text is no message, and would only cost time."""

SENTENCE_LIMIT = 3_000
"""Sentences and lines there are to read."""

LOGIC = regex.compile(r"\{%[^{}%]{0,200}+%\}")
DEFAULT = regex.compile(r"""\|\s*+default:\s*+(?:"([^"{}]*+)"|'([^'{}]*+)')""")
PLACEHOLDER = regex.compile(r"\{\{-?\s*+([A-Za-z_][\w.]*+)\s*+(?:\|[^{}]{0,200}+)?-?\}\}")
ORDER_ID = regex.compile(r"(?<!\d)\d{3}-\d{7}-\d{7}(?!\d)")
_SHORTEST_NAME = 4
"""A product title or shop name shorter than this is left in the text: masking "Go" would eat half of it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """A phrase of a group, said in a sentence. `start`, `end` are offsets in the view's text."""

    group: str
    sentence: "Sentence"
    first: int
    last: int
    start: int
    end: int

    @property
    def view(self) -> "View":
        return self.sentence.view


@dataclasses.dataclass(eq=False)
class Sentence:
    """`tokens` are folded words; `places` their spans in the view's text. `number` counts within the view."""

    view: "View"
    number: int
    start: int
    end: int
    tokens: list[str]
    places: list[tuple[int, int]]
    said: dict[str, list[Said]] = dataclasses.field(default_factory=lambda: defaultdict(list))

    @property
    def text(self) -> str:
        return self.view.text[self.start : self.end]

    def says(self, *groups: str) -> Said | None:
        """The first thing said of any of the groups."""
        if self.said:  # most sentences say nothing
            for group in groups:
                if found := self.said.get(group):
                    return found[0]
        return None

    def all(self, *groups: str) -> list[Said]:
        return [said for group in groups for said in self.said.get(group, ())] if self.said else []

    @functools.cached_property
    def is_question(self) -> bool:
        text = self.view.text[self.start : self.end].rstrip("\"')»” 」』")
        return text.endswith(("?", "？")) or ("ja" in self.view.languages and text.endswith(("か。", "か")))


class View:
    """One stretch of text that someone may read, with its way back to the source.

    `masks` are spans of `text` that are names, not the seller's words: product titles, the shop,
    filled-in values."""

    def __init__(
        self,
        kind: str,
        where: Where,
        text: str,
        spans: SpanMap,
        languages: tuple[str, ...],
        *,
        wraps: bool = False,
    ) -> None:
        self.kind, self.where, self.text, self.spans = kind, where, text, spans
        self.languages, self.wraps = languages, wraps
        self.masks: list[tuple[int, int]] = []

    @property
    def is_visible(self) -> bool:
        return self.kind in ("subject", "body")

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        return self.spans.source(start, end)

    @functools.cached_property
    def masked(self) -> str:
        """The text with each mask blotted out, character for character."""
        text = self.text
        for start, end in self.masks:
            text = text[:start] + phrases.MASK * (end - start) + text[end:]
        return text

    @functools.cached_property
    def folded(self) -> tuple[str, list[int] | None]:
        return folding.unspace(*folding.fold_with_map(self.masked))

    @functools.cached_property
    def whole(self) -> tuple[str, list[int] | None]:
        """The folded text with nothing blotted out: for what is wrong wherever it comes from."""
        return folding.fold_with_map(self.text)

    def find(
        self, pattern: "regex.Pattern[str]", *, masked: bool = False
    ) -> Iterator[tuple["regex.Match[str]", int, int]]:
        """Matches in the folded text, each with its offsets in the text."""
        folded, offsets = self.folded if masked else self.whole
        for match in pattern.finditer(folded):
            start, end = match.span()
            yield (match, start, end) if offsets is None else (match, offsets[start], offsets[end - 1] + 1)

    @functools.cached_property
    def addresses(self) -> list[tuple[int, int]]:
        """Spans of web addresses typed as text."""
        return web.typed(self.text) if "." in self.text or "//" in self.text else []

    @functools.cached_property
    def _is_disguised(self) -> bool:
        """Letters were set apart, or digits stand inside words."""
        folded = self.folded[0]
        is_closed_up = len(folded) < len(self.text) and folded != folding.fold(self.masked)
        return is_closed_up or folding.MIXED.search(folded) is not None

    def unfold(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the folded text as offsets in the text."""
        offsets = self.folded[1]
        if offsets is None:
            return start, end
        return offsets[start], offsets[end - 1] + 1

    @functools.cached_property
    def sentences(self) -> list[Sentence]:
        folded = self.folded[0]
        spans = sentences.split(folded, wraps=self.wraps)
        found = [self._sentence(number, *span) for number, span in enumerate(spans)]
        lexicon = phrases.lexicon(self.languages)
        for sentence in found:
            for group, first, last in lexicon.find(sentence.tokens) if sentence.tokens else ():
                place = sentence.places[first][0], sentence.places[last - 1][1]
                sentence.said[group].append(Said(group, sentence, first, last, *place))
        return found

    def _sentence(self, number: int, start: int, end: int) -> Sentence:
        folded, offsets = self.folded
        written = folded[start:end]
        read, spans = _known_tokens(written) if len(written) <= _KEPT else _tokens(written)
        tokens, places = list(read), [(start + first, start + last) for first, last in spans]
        if offsets is not None:
            places = [(offsets[first], offsets[last - 1] + 1) for first, last in places]
        if self._is_disguised:
            lexicon = phrases.lexicon(self.languages)
            tokens = [_as_read(*token, lexicon) for token in zip(tokens, places, strict=True)]
        return Sentence(self, number, *self.unfold(start, end), tokens, places)


_KEPT = 300
"""Characters; the tokens of a longer sentence are not kept."""


def _tokens(folded: str) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """The tokens of a folded sentence, each name as one sign, and their spans in it."""
    matches = list(phrases.TOKEN.finditer(folded))
    tokens = tuple(phrases.MASK if match[0][0] == phrases.MASK else match[0] for match in matches)
    return tokens, tuple(match.span() for match in matches)


_known_tokens = functools.lru_cache(maxsize=4096)(_tokens)


def _as_read(token: str, place: tuple[int, int], lexicon: phrases.Lexicon) -> str:
    """A disguised word as what it is read as, if some phrase has that and the token is none: the rest are names."""
    is_closed_up = place[1] - place[0] > 2 * len(token) - 2
    if len(token) < 4 or lexicon.has(token) or not (is_closed_up or folding.MIXED.search(token)):
        return token
    readings = folding.readings(token, is_closed_up=is_closed_up)
    return next((reading for reading in readings if lexicon.has(reading)), token)


class Document:
    """Raises TooLarge. Everything is read when first asked for, and then kept."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.found: list[Finding] = []
        _refuse_too_large(draft)
        self.tree = tree.read(draft.body) if draft.body_format == "html" else None
        _refuse_too_long(draft, self.tree)
        _refuse_too_many(self)

    @functools.cached_property
    def languages(self) -> tuple[str, ...]:
        """Whose phrases are looked for: the buyer's language, and English, which turns up in any text."""
        own = self.draft.primary_language
        return tuple(dict.fromkeys(("any", *((own,) if own in phrases.LANGUAGES else ()), "en")))

    @functools.cached_property
    def subject(self) -> View:
        text = self.draft.subject
        return self._view("subject", "subject", text, SpanMap.same(len(text)))

    @functools.cached_property
    def body(self) -> View:
        """What the buyer sees."""
        if self.tree is None:
            text = self.draft.body
            return self._view("body", "body", text, SpanMap.same(len(text)), wraps=True)
        return self._view("body", "body", self.tree.visible, self.tree.visible_spans)

    @functools.cached_property
    def unseen(self) -> list[View]:
        """What is in the body but not on the page: hidden text (a preheader), texts for pictures, titles."""
        views = list(self._defaults()) if self.draft.stage == "template" else []
        if self.tree is None:
            return views
        if self.tree.hidden.strip():
            views.append(self._view("hidden", "body", self.tree.hidden, self.tree.hidden_spans))
        for text, start, end in self.tree.generated:
            views.append(self._view("generated", "body", text, _whole(text, start, end)))
        return views + [
            v for element in self.tree.dressed if element.attributes for v in self._spoken(element)
        ]

    @functools.cached_property
    def attachments(self) -> list[View]:
        names = [attachment.filename for attachment in self.draft.attachments]
        return [self._view("attachment", "attachment", name, SpanMap.same(len(name))) for name in names]

    @property
    def views(self) -> list[View]:
        return [*([self.subject] if self.draft.subject else []), self.body, *self.unseen, *self.attachments]

    @functools.cached_property
    def links(self) -> list[web.Link]:
        return list(self._find_links())

    def sentences(self) -> Iterator[Sentence]:
        for view in self.views:
            yield from view.sentences

    def says(self, *groups: str) -> list[Said]:
        return [said for group in groups for said in self._said.get(group, ())]

    @functools.cached_property
    def _said(self) -> dict[str, list[Said]]:
        """Everything said, by group, in the order of the text: most groups a rule asks for are in no sentence."""
        found: dict[str, list[Said]] = defaultdict(list)
        for sentence in self.sentences():
            for group, said in sentence.said.items():
                found[group] += said
        return found

    def placeholders(self, view: View) -> list[tuple[str, int, int]]:
        return [(match[1], *match.span()) for match in PLACEHOLDER.finditer(view.text)]

    def _defaults(self) -> Iterator[View]:
        """What a placeholder says where it has no value: the seller's words, though they stand inside the
        braces."""
        for where, source in (("subject", self.draft.subject), ("body", self.draft.body)):
            for match in DEFAULT.finditer(source):
                start, end = match.span(1) if match[1] is not None else match.span(2)
                spans = SpanMap()
                spans.add(end - start, start, end)
                yield self._view("default", cast(Where, where), source[start:end], spans)

    def _view(self, kind: str, where: Where, text: str, spans: SpanMap, *, wraps: bool = False) -> View:
        view = View(kind, where, text, spans, self.languages, wraps=wraps)
        view.masks = merged([*_name_spans(text, self.draft), *self._value_spans(view), *view.addresses])
        return view

    def _spoken(self, element: tree.Element) -> Iterator[View]:
        for name in _SPOKEN:
            if text := element.attribute(name):
                yield self._view(name, "body", text, _whole(text, element.start, element.end))

    def _value_spans(self, view: View) -> Iterator[tuple[int, int]]:
        wanted = [(s.start, s.end) for s in self.draft.value_spans if s.where == view.where]
        if not wanted or view.kind == "attachment":
            return
        for start, end in wanted:
            yield from view.spans.seen(start, end)

    def _find_links(self) -> Iterator[web.Link]:
        if self.tree is not None:
            for at, element in enumerate(self.tree.elements):
                if not element.attributes:
                    continue
                yield from self._element_links(self.tree, at, element)
        for view in self.views:
            yield from text_links(view)

    def _element_links(self, page: tree.Tree, at: int, element: tree.Element) -> Iterator[web.Link]:
        for name in _LINKING.get(element.tag, ()):
            if name not in element.attributes:
                continue
            span = page.links.get(at)
            words = page.visible[slice(*span)] if span else ""
            url = element.attribute(name)
            start, end = attribute_span(self.draft.body, element, name)
            yield web.Link(
                "href", url, *web.parts(url), words, start, end, visible=span,
                is_placeholder=PLACEHOLDER.fullmatch(url.strip()) is not None,
            )  # fmt: skip


_SPOKEN = ("alt", "title", "aria-label", "placeholder", "value", "label", "summary")
"""Attributes whose text some client shows or reads out."""


def _whole(text: str, start: int, end: int) -> SpanMap:
    """A text that stands for a stretch of the source as a whole."""
    spans = SpanMap()
    spans.add(len(text), start, end)
    return spans


_LINKING = {
    "a": ("href",), "area": ("href",), "form": ("action",), "button": ("formaction",),
    "input": ("formaction",),
    "iframe": ("src",), "frame": ("src",), "embed": ("src",), "object": ("data",), "link": ("href",),
    "base": ("href",),
}  # fmt: skip


def attribute_span(source: str, element: tree.Element, name: str) -> tuple[int, int]:
    """Where an attribute's value stands in the source; the whole tag where that cannot be told."""
    pattern = _attribute(name)
    match = pattern.search(source, element.start, element.end)
    if match is None:
        return element.start, element.end
    return next(match.span(group) for group in (1, 2, 3) if match[group] is not None)


@functools.cache
def _attribute(name: str) -> "regex.Pattern[str]":
    return regex.compile(
        rf"""[\s/"']{name}\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++))""", regex.IGNORECASE
    )


_MAIL_SIGN = regex.compile(
    r"(?:@|[\[({<]\s?(?:at|arroba|arobase|malpa|małpa|chiocciola|snabel-?a|@)\s?[\])}>])\s?$",
    regex.IGNORECASE,
)


def text_links(view: View) -> Iterator[web.Link]:
    taken: list[tuple[int, int]] = []
    for start, end in view.addresses:
        url = view.text[start:end]
        full = url if "//" in url else f"https://{url}"
        taken.append((start, end))
        yield _text_link("typed", full.replace(" ", ""), view, start, end)
    for start, end in web.spelled(view.text):
        of_an_address = _MAIL_SIGN.search(view.text, max(0, start - 12), start) is not None
        if not of_an_address and not any(start < e and s < end for s, e in taken):
            yield _text_link("spelled", "", view, start, end)


def _text_link(kind: str, url: str, view: View, start: int, end: int) -> web.Link:
    source = view.source_span(start, end)
    visible = (start, end) if view.is_visible else None
    return web.Link(
        kind, url or view.text[start:end], *web.parts(url), view.text[start:end], *source, view.where, visible
    )


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif end > start:
            found.append((start, end))
    return found


def _name_spans(text: str, draft: Draft) -> Iterator[tuple[int, int]]:
    """Placeholders, order ids, product titles and the shop's name: not the seller's words."""
    for pattern in (PLACEHOLDER, LOGIC, ORDER_ID):
        yield from (match.span() for match in pattern.finditer(text))
    titles = [part for title in draft.product_titles for part in name_parts(title)]
    filled = () if draft.value_spans else draft.values.values()
    names = [name for name in (*titles, draft.store_name, *filled) if len(name) >= _SHORTEST_NAME]
    if names:
        yield from _named(text, names)


def name_parts(title: str) -> list[str]:
    """A title, and as sellers shorten it: at its commas, by the sizes at the end, to its first words. Three
    words at least, so that "5 Star" alone stays the seller's word."""
    parts = [part for whole in _TITLE_BREAK.split(title) for part in (whole, _without_sizes(whole))]
    parts += [" ".join(title.split(" ")[:count]).rstrip(",;|") for count in (5, 4, 3)]
    short = [part for part in dict.fromkeys(parts) if part != title and len(_WORD.findall(part)) >= 3]
    return [part for part in (title, *short) if len(part) >= _SHORTEST_NAME]


def _without_sizes(title: str) -> str:
    """Without the words at its end that have a digit; the first word stays."""
    kept = title
    for word in reversed(title.split()):
        before = kept[: kept.rindex(word)].rstrip()
        if not before or not any(map(str.isdecimal, word)):
            break
        kept = before
    return kept


_WORD = regex.compile(r"\w+")
# White space is taken from where it begins, or a long stretch of it would be gone through again and again.
_TITLE_BREAK = regex.compile(r"(?<!\s)\s++[,;|()\[\]]\s*+|[,;|()\[\]]\s*+|(?<!\s)\s++[–—-]\s++|:\s++")


def _named(text: str, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    folded, offsets = folding.fold_with_map(text)
    for name in names:
        wanted = folding.fold(name)
        at = folded.find(wanted) if wanted.strip() else -1
        while at >= 0:
            end = at + len(wanted)
            yield (at, end) if offsets is None else (offsets[at], offsets[end - 1] + 1)
            at = folded.find(wanted, end)


def _refuse_too_large(draft: Draft) -> None:
    for name, text in (("the subject", draft.subject), ("the body", draft.body)):
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if size > SIZE_LIMIT:
            raise TooLarge(f"{name}'s size in bytes", size, SIZE_LIMIT)


def _refuse_too_long(draft: Draft, page: tree.Tree | None) -> None:
    texts = [draft.subject, *(attachment.filename for attachment in draft.attachments)]
    texts += [draft.body] if page is None else [page.visible, page.hidden, *_spoken_texts(page)]
    length = sum(len(text) for text in texts)
    if length > TEXT_LIMIT:
        raise TooLarge("the text's length in characters", length, TEXT_LIMIT)


def _refuse_too_many(document: Document) -> None:
    """Every rule looks at every sentence."""
    texts = [document.body.text, document.tree.hidden if document.tree else ""]
    if sum(map(len, texts)) < 2 * SENTENCE_LIMIT:
        return
    count = sum(1 for text in texts for _ in sentences.split(text, wraps=document.body.wraps))
    if count > SENTENCE_LIMIT:
        raise TooLarge("the number of sentences", count, SENTENCE_LIMIT)


def _spoken_texts(page: tree.Tree) -> Iterator[str]:
    return (element.attribute(name) for element in page.elements if element.attributes for name in _SPOKEN)
