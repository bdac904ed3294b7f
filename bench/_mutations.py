"""Broken texts without end: number N of a seed is the same text in every process, made from our own cases, the rules' examples
and our sentences by mutations one after the other."""

import dataclasses
import functools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from compliance.corpus_case import draft_of as draft_of_case
from compliance.engine.document import SIZE_LIMIT, TEXT_LIMIT
from compliance.engine.phrases import LANGUAGES
from compliance.engine.types import BodyFormat, Draft, DraftStage, Medium, Purpose
from compliance.rulebook import draft_of
from compliance.rules import RULES

_ROOT = Path(__file__).resolve().parent.parent
_CASES = _ROOT / "tests" / "compliance" / "cases" / "open"
_SENTENCES = _ROOT / "compliance" / "sentences"

ODD = (
    "\u200b", "\u00ad", "\u202e", "\u202c", "\u2066", "\ufeff", "\u0301", "\u034f", "\ufe0f", "\u3164", "\x00",
    "\x0b", "\x1f", "\x7f", "\x85", "\u2028", "\ud800", "\udfff", "\ufffd", "\ufffe", "\ue000", "\U000e0041",
    "\U0001f600", "\U0001f468\u200d\U0001f469", "\u0130", "\u1e9e", "\ufb03", "\uff15", "\u2460", "\u0660",
    "\U0001d4fb", "\u212b", "\u1160", "\u0e33", "\u0cbe", "\u06dd", "ﷺ", "а", "ѕ", "ｗｗｗ．", "。", "．", "＠", "／",
    "％",
)  # fmt: skip
MARKUP = (
    "<div>", "</div>", "<p>", "<table>", "<table><tr><td>", "</table>", "<b>", "</b>", "<a href=", '<a href="',
    "</a>", "<!--", "-->", "<!--[if mso]>", "<![endif]-->", "<![CDATA[", "<style>", "</style>", "<script>",
    "<svg>", "<math>", "<select><option>", "<textarea>", "<title>", "<template>", "<plaintext>", "<noscript>",
    "<iframe src=x>", "<img alt='", '<img src="data:image/png;base64,', "<p style='",
    "<p style=\"font:0/0 a;color:rgb(", "<font color=", "<body", "<html", "</html>",
    "<form action=//a.example>", "<li>", "<br/>", "<input value='a", "<?php", "<!DOCTYPE", "<a\x00b>", "< p>",
    "<p/ x=y z>", "<details><summary>", "<style>p{color:", "<style>@media{",
    "<style>a:not(b):nth-child(2n+1)>c~d{display:none}</style>", "<td colspan=99999>", "<base href=//x>",
)  # fmt: skip
SCRAPS = (
    "{{ order_id }}", "{{ x | default: \"a\" }}", "{{", "}}", "{% if a %}", "{% endif %}", "[[", "]]",
    "%ORDER%", "a@b.example", "a@a@", "http://", "https : //", "www.", "a.com", "acme dot com", "acme [.] com",
    "(dot)", "+49 170 1234567", "0800-123-456", "1234567890", "112-4830917-2265401", "&amp;nbsp;", "&#x41;",
    "&#1114112;", "&#0;", "&#xD800;", "&nbsp", "&NotEqualTilde;", "&amp;amp;amp;", "r e v i e w ", "g.i.f.t ",
    "r3v1ew ", "R-E-V-I-E-W", "if you are happy leave a review ", "5 stars ", "レビュー",
    "wenn Sie zufrieden sind ", "word word ", "Ã¼", "â€™", "\n", "\n\n\n\n\n", "\t", " ", "!", "?", "\"", "'",
    "<", ">", "&", "=", "/", "\\", ".", ":", ",", "-", "_", "*", "~",
)  # fmt: skip


@functools.cache
def bases() -> tuple[Draft, ...]:
    """Drafts to begin with: cases that are open to everybody, the rules' examples, single sentences."""
    return (*_cases(), *_examples(), *_sentences())


def _cases() -> Iterator[Draft]:
    for path in sorted(_CASES.glob("*.jsonl")):
        yield from (draft_of_case(json.loads(line)) for line in path.read_text("utf-8").splitlines())


def _examples() -> Iterator[Draft]:
    for rule in RULES:
        yield from (draft_of(rule, example) for example in (*rule.flagged, *rule.passed))


def _sentences() -> Iterator[Draft]:
    for path in sorted(_SENTENCES.glob("*/*.jsonl")):
        language = path.parent.name
        for line in path.read_text("utf-8").splitlines()[::10]:
            yield Draft("relay_email", "review_request", json.loads(line)["text"], language, language.upper())


def text(number: int, seed: int = 0) -> Draft:
    """Text `number` of `seed`."""
    rng = random.Random(f"{seed}:{number}")
    draft = _dressed(rng, rng.choice(bases()))
    size = _size(rng)
    body = draft.body
    for _ in range(rng.choice((1, 1, 2, 2, 3, 5, 8))):
        body = _cut(rng.choice(MUTATIONS)(rng, body, size), max(size, 200))
    subject = rng.choice(MUTATIONS)(rng, draft.subject, 400)[:2_000] if rng.random() < 0.1 else draft.subject
    return dataclasses.replace(draft, body=body, subject=subject)


def _size(rng: random.Random) -> int:
    """Bytes to grow to: mostly messages, at times all that is taken, or a little more."""
    if rng.random() < 0.8:
        return int(2 ** rng.uniform(6, 12.5))
    if rng.random() < 0.75:
        return rng.randrange(6_000, TEXT_LIMIT)
    return rng.randrange(TEXT_LIMIT, SIZE_LIMIT + 2_000)


def _dressed(rng: random.Random, draft: Draft) -> Draft:
    """The draft, at times as another medium's, purpose's, language's or format's."""
    fields: dict[str, object] = {}
    if rng.random() < 0.4:
        fields["language"] = rng.choice((*LANGUAGES, "en-US", "ru", "xx", "", "zh-Hant-TW"))
    if rng.random() < 0.3:
        fields |= {"medium": rng.choice(get_args(Medium)), "purpose": rng.choice(get_args(Purpose))}
    if rng.random() < 0.5:
        fields["body_format"] = rng.choice(get_args(BodyFormat))
    if rng.random() < 0.2:
        fields["stage"] = rng.choice(get_args(DraftStage))
    if rng.random() < 0.1:
        fields["product_titles"] = (rng.choice(bases()).body[:400], "".join(rng.choices(ODD, k=5)))
    return dataclasses.replace(draft, **fields)  # type: ignore[arg-type]


def _cut(body: str, size: int) -> str:
    """Never far beyond what is taken, however a mutation multiplies."""
    return (
        body.encode("utf-8", "surrogatepass")[:size].decode("utf-8", "ignore")
        if len(body) > size // 4
        else body
    )


def _spot(rng: random.Random, body: str) -> tuple[int, int]:
    start, end = sorted((rng.randint(0, len(body)), rng.randint(0, len(body))))
    return start, end


def _shortened(rng: random.Random, body: str, _size: int) -> str:
    start, end = _spot(rng, body)
    return body[:start] + body[end:] if rng.random() < 0.5 else body[start:end]


def _doubled(rng: random.Random, body: str, size: int) -> str:
    start, end = _spot(rng, body)
    piece = body[start:end] or "a"
    return body[:start] + piece * rng.choice((2, 3, max(2, size // len(piece)))) + body[end:]


def _joined(rng: random.Random, body: str, size: int) -> str:
    """With other texts of ours after it, up to the size."""
    parts = [body]
    while sum(map(len, parts)) < size and len(parts) < 200:
        parts.append(rng.choice(bases()).body)
    return rng.choice(("\n", " ", "<br>", "")).join(parts)


def _nested(rng: random.Random, body: str, size: int) -> str:
    tag = rng.choice(
        (
            "div",
            "b",
            "table><tr><td",
            "ul><li",
            "span",
            "a href='x'",
            "font color=red",
            "blockquote",
            "p",
            "select",
            "svg",
        )
    )
    depth = min(rng.choice((1, 10, 100, 250, 400, 5_000)), size // (len(tag) + 2) + 1)
    return f"<{tag}>" * depth + body + f"</{tag.split('>')[0].split(' ')[0]}>" * rng.choice((0, depth))


def _listed(rng: random.Random, body: str, size: int) -> str:
    row = rng.choice(
        (
            "<li>{}</li>",
            "<tr><td>{}</td></tr>",
            "- {}\n",
            "{}<br>",
            "{}, ",
            "<p>{}",
            "<a href='https://a.example/{}'>x</a>",
            "{}\n",
        )
    )
    words = body.split()[:8] or ["a"]
    return body + "".join(row.format(rng.choice(words)) for _ in range(min(4_000, size // len(row))))


def _strewn(pieces: Sequence[str]) -> Callable[[random.Random, str, int], str]:
    def strew(rng: random.Random, body: str, size: int) -> str:
        for _ in range(rng.choice((1, 1, 2, 5, 20))):
            at = rng.randint(0, len(body))
            body = body[:at] + rng.choice(pieces) * rng.choice((1, 1, 1, 3, 50)) + body[at:]
        return body

    return strew


def _filled(pieces: Sequence[str]) -> Callable[[random.Random, str, int], str]:
    def fill(rng: random.Random, body: str, size: int) -> str:
        piece = "".join(rng.choices(pieces, k=rng.choice((1, 1, 2, 3))))
        return body + piece * (size // len(piece.encode("utf-8", "surrogatepass")))

    return fill


def _escaped(rng: random.Random, body: str, _size: int) -> str:
    """Characters as references, some broken."""
    forms = ("&#{};", "&#x{:x};", "&#{}", "&amp;#{};", "&#000{};")
    return (
        "".join(rng.choice(forms).format(ord(c)) if rng.random() < 0.3 else c for c in body[:4_000])
        + body[4_000:]
    )


def _odd_letters(rng: random.Random, body: str, _size: int) -> str:
    share = rng.choice((0.01, 0.1, 0.5))
    return "".join(c + rng.choice(ODD) if rng.random() < share else c for c in body[:6_000]) + body[6_000:]


def _any_letters(rng: random.Random, body: str, size: int) -> str:
    limit = rng.choice((0x80, 0x250, 0x3000, 0x10000, 0x110000))
    return body + "".join(chr(rng.randrange(limit)) for _ in range(min(size // 2, 8_000)))


def _long_word(rng: random.Random, body: str, size: int) -> str:
    start, end = _spot(rng, body)
    letters = rng.choice(
        ("a", "ab", "x-", "a.", "a@", "1", "W", "é", "www.", "/", "а", "あ", "漢字", "a\u200b", "-", "a'")
    )
    return f"{body[:start]} {letters * (size // len(letters) + 1)} {body[end:]}"


def _huge_attribute(rng: random.Random, body: str, size: int) -> str:
    name = rng.choice(
        (
            "href",
            "style",
            "alt",
            "title",
            "class",
            "src",
            "x" * 200,
            "data-permitted-at",
            "background",
            "color",
            "value",
        )
    )
    value = rng.choice(
        (
            "a",
            "color:red;",
            "width:1px;",
            "http://a.example/",
            "{{ x }}",
            "review ",
            "url(",
            "((((",
            "&quot;",
            "1e9",
            "é",
        )
    )
    quote = rng.choice(('"', "'", ""))
    return f"<{rng.choice(('a', 'p', 'img', 'td', 'body'))} {name}={quote}{value * (size // len(value) + 1)}{quote}>{body}"


def _swapped(rng: random.Random, body: str, _size: int) -> str:
    words = body.split(" ")
    rng.shuffle(words)
    return " ".join(words)


def _case(rng: random.Random, body: str, _size: int) -> str:
    return rng.choice((str.upper, str.title, str.swapcase, lambda s: s[::-1]))(body)


def _in_markup(rng: random.Random, body: str, _size: int) -> str:
    return rng.choice(MARKUP) + body + rng.choice(MARKUP)


MUTATIONS: tuple[Callable[[random.Random, str, int], str], ...] = (
    _shortened, _doubled, _joined, _nested, _listed, _strewn(ODD), _strewn(MARKUP), _strewn(SCRAPS),
    _filled(MARKUP), _filled(SCRAPS), _filled(ODD), _escaped,
    _odd_letters, _any_letters, _long_word, _huge_attribute, _swapped, _case, _in_markup,
)  # fmt: skip
