"""The lists that come with `wordfreq`, read as they lie there.

The library itself takes 0.1 s to load and makes a text of every word; three million of them are only ever counted here."""

import functools
import gzip
import importlib.util
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import msgpack

SIZES = ("large", "small")
"""What the lists are called, the better first; the large one is not there for every language."""


def listed(language: str, sizes: Iterable[str] = SIZES) -> list[list[bytes]]:
    """Words in UTF-8 by how rare they are: at N those seen once in 10^(N/100) words. Empty for a language without a list."""
    paths = (_folder() / f"{size}_{language}.msgpack.gz" for size in sizes)
    path = next((path for path in paths if path.exists()), None)
    if path is None:
        return []
    _header, *words = msgpack.unpackb(gzip.decompress(path.read_bytes()), raw=True)
    return cast(list[list[bytes]], words)


def commonest(language: str, count: int) -> list[tuple[str, int]]:
    """The `count` commonest words, each with its place in the list."""
    words = ((word, rarity) for rarity, words in enumerate(listed(language, ("small",))) for word in words)
    return [(word.decode(), rarity) for word, rarity in itertools.islice(words, count)]


@functools.cache
def _folder() -> Path:
    """Raises ModuleNotFoundError where the library is not installed: without it nothing would count as a word."""
    spec = importlib.util.find_spec("wordfreq")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "wordfreq, whose lists tell languages and slips of the fingers, is not installed"
        )
    return Path(spec.submodule_search_locations[0]) / "data"
