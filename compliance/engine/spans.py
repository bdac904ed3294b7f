"""Offsets: from a text as it is seen back to the source it came from."""

import bisect


class SpanMap:
    """Pieces of seen text and where each came from. A piece as long as its source maps character by
    character; any other (an entity, collapsed white space) stands for its source as a whole."""

    __slots__ = ("_seen", "_size", "_source", "_source_end")

    def __init__(self) -> None:
        self._seen: list[int] = []
        self._source: list[int] = []
        self._source_end: list[int] = []
        self._size = 0

    @classmethod
    def same(cls, length: int) -> "SpanMap":
        spans = cls()
        spans.add(length, 0, length)
        return spans

    @property
    def size(self) -> int:
        return self._size

    def add(self, length: int, source: int, source_end: int) -> None:
        if not length:
            return
        self._seen.append(self._size)
        self._source.append(source)
        self._source_end.append(source_end)
        self._size += length

    def extend(self, other: "SpanMap", start: int, end: int, *, shift: int = 0) -> None:
        """Adds the pieces under `other[start:end]`; `shift` is where the other's source begins in ours."""
        at = other._piece(start)
        while start < end:
            seen, source, source_end = (
                other._seen[at],
                other._source[at] + shift,
                other._source_end[at] + shift,
            )
            whole_end = other._end(at)
            piece_end = min(whole_end, end)
            if source_end - source == whole_end - seen:
                self.add(piece_end - start, source + start - seen, source + piece_end - seen)
            else:
                self.add(piece_end - start, source, source_end)
            start = piece_end
            at += 1

    def source(self, start: int, end: int) -> tuple[int, int]:
        if not self._seen:
            return 0, 0
        if end <= start:
            at = self._first(min(start, self._size - 1))
            return at, at
        first, last = self._first(start), self._last(end - 1)
        if first < last:
            return first, last
        # Words that a client moves: what is seen in one piece stands in two.
        return min(first, self._first(end - 1)), max(last, self._last(start))

    def _piece(self, offset: int) -> int:
        return max(0, bisect.bisect_right(self._seen, offset) - 1)

    def _end(self, piece: int) -> int:
        return self._seen[piece + 1] if piece + 1 < len(self._seen) else self._size

    def _is_even(self, piece: int) -> bool:
        return self._source_end[piece] - self._source[piece] == self._end(piece) - self._seen[piece]

    def _first(self, offset: int) -> int:
        piece = self._piece(offset)
        return self._source[piece] + (offset - self._seen[piece] if self._is_even(piece) else 0)

    def _last(self, offset: int) -> int:
        piece = self._piece(offset)
        if self._is_even(piece):
            return self._source[piece] + offset - self._seen[piece] + 1
        return self._source_end[piece]

    def seen(self, source_start: int, source_end: int) -> list[tuple[int, int]]:
        """Where the source span can be seen: one span per stretch of pieces that came from it."""
        found: list[tuple[int, int]] = []
        for at, source in enumerate(self._source):
            if source >= source_end or self._source_end[at] <= source_start:
                continue
            start, end = self._seen[at], self._end(at)
            if self._is_even(at):
                start, end = (
                    start + max(0, source_start - source),
                    end - max(0, self._source_end[at] - source_end),
                )
            found.append((start, end))
        return found
