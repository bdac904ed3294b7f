"""The suspicion model: one linear function per answer over a sentence's pieces, read from a small file.

The file is one line of JSON (what it was learned from, its answers, how they are scaled), then a matrix of signed bytes,
a row per bucket and a column per answer, then such a matrix with a row per known stem, and the stems' keys in rising
order. `training` writes it; nothing here needs scikit-learn."""

import dataclasses
import functools
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from compliance.engine.document import Sentence
from compliance.meaning import features
from compliance.meaning.features import Pieces

FILE = Path(__file__).parent / "suspicion.bin"
FORMAT = 3
SUSPICIONS = 2
LETTERS, WORDS, PHRASES = 1.0, 1.0, 1.0
"""How much letters, words and phrases weigh together, however many there are of each."""
FEW = 12
"""Of fewer pieces than about so many little is known, so they weigh less."""
STEMS, FEW_STEMS = 2.0, 2
"""The same for the stems that are known."""


OF_REVIEWS = frozenset({
    "no-incentive", "no-positive-only", "no-condition-on-satisfaction", "no-diverting-negatives",
    "no-review-change-or-removal", "no-scripted-review", "no-insiders", "no-selective-audience", "no-pressure",
    "no-off-amazon-review", "one-request-per-order", "seller-feedback-removal",
})  # fmt: skip
"""Rules that can only be broken where a review or feedback is spoken of."""
OUT_OF_PLACE = {
    "offer": "no-incentive", "help": "no-diverting-negatives", "marketing": "no-marketing",
    "pressure": "no-pressure", "praise": "no-positive-only",
}  # fmt: skip
"""What a sentence may not do beside a request for a review, and the rule that says so."""
OTHER = "other"
"""Stands for the rules that are not told apart: rare ones, and those of WRITTEN."""
WRITTEN = frozenset({
    "no-email-address", "no-telephone-number", "link-external", "link-amazon-kind", "link-secure-working",
    "no-emoji", "rendered-complete", "attachment-kind", "logo-no-link", "buyer-language", "subject-clean",
    "review-and-feedback-kept-apart",
})  # fmt: skip
"""Rules about what stands there letter by letter, or that no single sentence breaks: a guess adds nothing."""


class ModelUnreadable(Exception):
    """The file is missing, of another format, or cut short; `./run manage train_suspicion` makes it anew."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of one sentence. All numbers are probabilities; `roles` and `rules` begin with the likeliest.

    `beside_ask` is how suspicious it is beside a request for a review, where little is permitted, `elsewhere` in any
    other message. `rules` says which rule is broken *if* one is."""

    beside_ask: float
    elsewhere: float
    roles: tuple[tuple[str, float], ...]
    rules: tuple[tuple[str, float], ...]

    @property
    def role(self) -> str:
        return self.roles[0][0]

    @property
    def rule(self) -> str:
        return self.rules[0][0]

    def is_role(self, *names: str) -> float:
        return sum(chance for role, chance in self.roles if role in names)


@dataclasses.dataclass(frozen=True)
class Stems:
    """What the stems of words say, also of words that are in no sentence of ours (`senses`): a row each."""

    keys: npt.NDArray[np.uint32]
    scales: npt.NDArray[np.float64]
    weights: npt.NDArray[np.int8]

    def scores(self, stems: features.Hashes) -> npt.NDArray[np.float64]:
        rows = known_stems(self.keys, stems)
        total = self.weights[rows].sum(axis=0, dtype=np.int32) * stem_share(len(rows))
        return np.asarray(total * self.scales)


def known_stems(keys: npt.NDArray[np.uint32], stems: features.Hashes) -> features.Ids:
    """Rows of those that are among the keys."""
    wanted = features.stem_keys(stems)
    rows = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
    return rows[keys[rows] == wanted] if len(keys) else rows[:0]


def stem_share(count: int) -> float:
    return STEMS / math.sqrt(count + FEW_STEMS)


@dataclasses.dataclass(frozen=True)
class Model:
    """A column of weights per answer: the two suspicions of `Reading`, then the roles, then the rules."""

    roles: tuple[str, ...]
    rules: tuple[str, ...]
    scales: npt.NDArray[np.float64]
    biases: npt.NDArray[np.float64]
    weights: npt.NDArray[np.int8]
    stems: "Stems"
    learned_from: str

    def scores(self, pieces: Pieces) -> npt.NDArray[np.float64]:
        total = sum(share * self.weights[ids].sum(axis=0, dtype=np.int32) for ids, share in shares(pieces))
        return np.asarray(total * self.scales + self.biases + self.stems.scores(pieces.stems))

    def reading(self, pieces: Pieces) -> Reading:
        scores = self.scores(pieces)
        split = SUSPICIONS + len(self.roles)
        return Reading(
            _chance(scores[0]), _chance(scores[1]),
            _ranked(self.roles, scores[SUSPICIONS:split]), _ranked(self.rules, scores[split:]),
        )  # fmt: skip


def shares(pieces: Pieces) -> tuple[tuple[features.Ids, float], ...]:
    """Each kind of pieces with what one of them weighs."""
    return (
        (pieces.letters, LETTERS / math.sqrt(len(pieces.letters) + FEW)),
        (pieces.words, WORDS / math.sqrt(len(pieces.words) + FEW)),
        (pieces.phrases, PHRASES / math.sqrt(len(pieces.phrases) + FEW)),
    )


def _chance(score: float) -> float:
    return 1 / (1 + math.exp(-min(max(float(score), -30.0), 30.0)))


def _ranked(names: Sequence[str], scores: npt.NDArray[np.float64]) -> tuple[tuple[str, float], ...]:
    odds = np.exp(scores - scores.max())
    odds /= odds.sum()
    best = np.argsort(-odds, kind="stable")[:8]
    return tuple((names[at], float(odds[at])) for at in best)


@functools.cache
def model() -> Model:
    """The product's own, read once a process. Raises ModelUnreadable."""
    try:
        return from_bytes(FILE.read_bytes())
    except OSError as error:
        raise ModelUnreadable(
            f"{FILE.name}: {error.strerror}; make it with ./run manage train_suspicion"
        ) from error


def from_bytes(data: bytes) -> Model:
    """Raises ModelUnreadable."""
    head, found, body = data.partition(b"\n")
    try:
        about = json.loads(head) if found else {}
        roles, rules = tuple(about["roles"]), tuple(about["rules"])
        width, count = SUSPICIONS + len(roles) + len(rules), int(about["stems"])
        weights, body = _matrix(body, about["buckets"], width)
        stem_weights, body = _matrix(body, count, width)
        keys = np.frombuffer(body, dtype="<u4").reshape(count)
        stems = Stems(keys, np.array(about["stem_scales"]), stem_weights)
        is_ours = about["format"] == FORMAT and about["buckets"] == features.BUCKETS
    except (ValueError, KeyError, TypeError) as error:
        raise ModelUnreadable(f"{FILE.name} cannot be read ({error}); make it anew") from error
    if not is_ours:
        raise ModelUnreadable(f"{FILE.name} is of another format; make it anew")
    scales, biases = np.array(about["scales"]), np.array(about["biases"])
    return Model(roles, rules, scales, biases, weights, stems, about["learned_from"])


def _matrix(body: bytes, rows: int, width: int) -> tuple[npt.NDArray[np.int8], bytes]:
    """The first so many rows, and what follows."""
    size = rows * width
    return np.frombuffer(body[:size], dtype=np.int8).reshape(rows, width), body[size:]


def to_bytes(model: Model) -> bytes:
    about = {
        "format": FORMAT, "buckets": features.BUCKETS, "learned_from": model.learned_from,
        "roles": model.roles, "rules": model.rules,
        "scales": [float(f"{scale:.8g}") for scale in model.scales],
        "biases": [round(float(bias), 6) for bias in model.biases],
        "stems": len(model.stems.keys),
        "stem_scales": [float(f"{scale:.8g}") for scale in model.stems.scales],
    }  # fmt: skip
    head = json.dumps(about, separators=(",", ":")).encode()
    stems = model.stems.weights.tobytes() + model.stems.keys.astype("<u4").tobytes()
    return head + b"\n" + model.weights.tobytes() + stems


def read(sentence: Sentence) -> Reading:
    """The same words with the same phrases in them are read once: standard sentences come back again and again."""
    return _read(features.plain(sentence), features.said(sentence), features.language_of(sentence))


@functools.lru_cache(maxsize=16384)
def _read(text: str, groups: tuple[str, ...], language: str) -> Reading:
    return model().reading(features.pieces(text, groups, language))
