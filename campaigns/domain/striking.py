"""Leaving out the sentence a reviewer marked. Pure.

Only where it is safe without a person's eye: the sentence stands in one piece of text, so no tag is torn, and something is left.
"""

import re

#: Where a sentence may end: its mark (and what closes it) before a space, a line's end, or in writing without spaces anywhere.
_END = re.compile(r"[.!?…]+[\"'”’»)]*(?=\s|$|<)|[。！？]+[」』）]*|\n|<|>")


def strike(source: str, start: int, end: int) -> str | None:
    """The source without the sentence around [start, end); None where that would tear a tag or leave nothing."""
    if not 0 <= start < end <= len(source) or re.search(r"[<>\n]", source[start:end]):
        return None
    first, last = _begin(source, start), _finish(source, end)
    if "<" in source[first:last] or ">" in source[first:last]:
        return None
    left = _closed_up(source[:first], source[last:])
    return left if re.search(r"\w", re.sub(r"<[^>]*>|\{\{.*?\}\}", "", left)) else None


def _begin(source: str, start: int) -> int:
    ends = [match.end() for match in _END.finditer(source, 0, start)]
    at = ends[-1] if ends else 0
    return at + len(source[at:start]) - len(source[at:start].lstrip(" \t\u3000"))


def _finish(source: str, end: int) -> int:
    match = _END.search(source, max(end - 1, 0))
    if match is None:
        return len(source)
    is_border = match[0] in {"\n", "<", ">"}
    return match.start() if is_border else match.end()


def _closed_up(before: str, after: str) -> str:
    """One space where there were two, no blank at a line's or a paragraph's edge, no empty paragraph."""
    if after[:1] in {" ", "\t"} and (not before or before[-1] in " \t\n>"):
        after = after.lstrip(" \t")
    if after[:1] in {"", "\n", "<"}:
        before = before.rstrip(" \t")
    joined = re.sub(r"<p>\s*</p>\n?", "", before + after)
    return re.sub(r"\n{3,}", "\n\n", joined)
