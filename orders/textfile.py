"""Reading a text file of any size from anybody: which encoding, and its lines, each bounded. Pure; memory stays flat."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_LINE = 1 << 20
_CHUNK = 1 << 18
_LOW, _HIGH = bytes(range(0x81, 0xA0)), bytes(range(0xC0, 0x100))


@dataclass(frozen=True, slots=True)
class Line:
    """`text` without its line end; None: the line could not be read and `problem` says why. `end` is the byte after it."""

    number: int  # from 1
    text: str | None
    end: int
    problem: str = ""


class NotText(ValueError):
    """The file is not text; the message says what it is and what to do."""


_MAGIC = {
    b"PK\x03\x04": "This is a workbook or an archive. Save it as a tab-separated text file and choose that.",
    b"\x1f\x8b": "This is a compressed file. Unpack it and choose what is in it.",
    b"%PDF": "This is a PDF. Choose the text file that Seller Central offers.",
    b"\xd0\xcf\x11\xe0": "This is an Excel file. Save it as a tab-separated text file and choose that.",
}


def find_encoding(file: BinaryIO) -> str:
    """Read the whole file once and say its encoding; the file stands at its beginning again.

    UTF-8 if nothing contradicts it (or little does, where much confirms it), UTF-16 by its mark, Shift-JIS or
    windows-1252 by which bytes are frequent. Raises NotText.
    """
    head = file.read(4)
    file.seek(0)
    for magic, sentence in _MAGIC.items():
        if head.startswith(magic):
            raise NotText(sentence)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    found = _weighed(_Weights.of(file))
    file.seek(0)
    return found


@dataclass(slots=True)
class _Weights:
    """What the bytes beyond ASCII look like, over the whole file."""

    good_utf8: int = 0
    bad_utf8: int = 0
    low: int = 0  # 0x81-0x9F: lead bytes of kana and common kanji; in windows-1252 a few signs
    high: int = 0  # 0xC0-0xFF: letters in windows-1252
    is_shift_jis: bool = True

    @classmethod
    def of(cls, file: BinaryIO) -> "_Weights":
        found, japanese = cls(), codecs.getincrementaldecoder("cp932")()
        while chunk := file.read(_CHUNK):
            if b"\x00" in chunk:
                raise NotText(
                    "This file holds zero bytes, so it is not text. Choose the file Seller Central gave you."
                )
            if not chunk.isascii():
                found._weigh(chunk, japanese)
        return found

    def _weigh(self, chunk: bytes, japanese: codecs.IncrementalDecoder) -> None:
        self.low += len(chunk) - len(chunk.translate(None, _LOW))
        self.high += len(chunk) - len(chunk.translate(None, _HIGH))
        self._weigh_utf8(chunk)
        try:
            japanese.decode(chunk)
        except UnicodeDecodeError:
            self.is_shift_jis = False
            japanese.reset()

    def _weigh_utf8(self, data: bytes) -> None:
        for line in data.splitlines():
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                self.bad_utf8 += 1
            else:
                self.good_utf8 += 1


def _weighed(weights: _Weights) -> str:
    # A chunk may end within a character: that spoils one line of it, never the majority.
    if weights.good_utf8 >= weights.bad_utf8:
        return "utf-8"
    if weights.is_shift_jis and weights.low > weights.high:
        return "cp932"
    return "cp1252"


def lines(file: BinaryIO, encoding: str) -> Iterator[Line]:
    """Every line with its number. One that is too long, or not in this encoding, comes without text."""
    pieces = _as_utf8(file) if encoding == "utf-16" else _chunks(file)
    codec = "utf-8" if encoding == "utf-16" else encoding
    for number, (raw, end) in enumerate(_split(pieces), 1):
        yield _line(number, raw, end, codec)


def _line(number: int, raw: bytes | None, end: int, codec: str) -> Line:
    if raw is None:
        return Line(
            number, None, end, f"The line is longer than {MAX_LINE // 1024} KB; it is not an order line."
        )
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        return Line(number, None, end, f"The line is not written in {codec} (byte {error.start + 1}).")
    if "\ufffd" in text:
        return Line(number, None, end, "The line holds characters that cannot be read.")
    return Line(number, text.removeprefix("\ufeff").rstrip("\r"), end)


def _split(pieces: Iterator[bytes]) -> Iterator[tuple[bytes | None, int]]:
    """Lines as bytes; None for one that is too long, of which no more than a piece is ever held."""
    rest, end, is_too_long = b"", 0, False
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for raw in whole:
            end += len(raw) + 1
            yield (None if is_too_long or len(raw) > MAX_LINE else raw), end
            is_too_long = False
        if len(rest) > MAX_LINE:
            end += len(rest)
            rest, is_too_long = b"", True
    if rest or is_too_long:
        yield (None if is_too_long else rest), end + len(rest)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _as_utf8(file: BinaryIO) -> Iterator[bytes]:
    decode = codecs.getincrementaldecoder("utf-16")("replace").decode
    while chunk := file.read(_CHUNK):
        yield decode(chunk).encode("utf-8", "replace")
    yield decode(b"", True).encode("utf-8", "replace")
