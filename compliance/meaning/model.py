"""The suspicion model: one linear function per answer over a sentence's pieces, read from a small file.

The file is one line of JSON (what it was learned from, its answers, how they are scaled) and then a matrix of signed
bytes, a row per bucket and a column per answer. `training` writes it; nothing here needs scikit-learn."""

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
FORMAT = 1
LETTERS, WORDS, PHRASES = 1.0, 1.0, 1.0
"""How much letters, words and phrases weigh together, however many there are of each."""
FEW = 12
"""Of fewer pieces than about so many little is known, so they weigh less."""


OTHER = "other"
"""Stands for the rules that are not told apart: rare ones, and those of WRITTEN."""
WRITTEN = frozenset({
    "no-email-address", "no-telephone-number", "link-external", "link-amazon-kind", "link-secure-working",
    "no-emoji", "rendered-complete", "attachment-kind", "logo-no-link", "buyer-language", "subject-clean",
})  # fmt: skip
"""Rules about what stands there letter by letter: their own checks see it, a guess adds nothing."""


class ModelUnreadable(Exception):
    """The file is missing, of another format, or cut short; `./run manage train_suspicion` makes it anew."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of one sentence. All numbers are probabilities; `roles` and `rules` begin with the likeliest.

    `rules` says which rule is broken *if* one is."""

    suspicion: float
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
class Model:
    """`columns` are the answers: suspicion first, then a column per role and per rule."""

    roles: tuple[str, ...]
    rules: tuple[str, ...]
    scales: npt.NDArray[np.float64]
    biases: npt.NDArray[np.float64]
    weights: npt.NDArray[np.int8]
    learned_from: str

    def scores(self, pieces: Pieces) -> npt.NDArray[np.float64]:
        total = sum(share * self.weights[ids].sum(axis=0, dtype=np.int32) for ids, share in shares(pieces))
        return np.asarray(total * self.scales + self.biases)

    def reading(self, pieces: Pieces) -> Reading:
        scores = self.scores(pieces)
        split = 1 + len(self.roles)
        return Reading(
            1 / (1 + math.exp(-min(max(float(scores[0]), -30.0), 30.0))),
            _ranked(self.roles, scores[1:split]),
            _ranked(self.rules, scores[split:]),
        )


def shares(pieces: Pieces) -> tuple[tuple[features.Ids, float], ...]:
    """Each kind of pieces with what one of them weighs."""
    return (
        (pieces.letters, LETTERS / math.sqrt(len(pieces.letters) + FEW)),
        (pieces.words, WORDS / math.sqrt(len(pieces.words) + FEW)),
        (pieces.phrases, PHRASES / math.sqrt(len(pieces.phrases) + FEW)),
    )


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
        weights = np.frombuffer(body, dtype=np.int8).reshape(about["buckets"], 1 + len(roles) + len(rules))
        is_ours = about["format"] == FORMAT and about["buckets"] == features.BUCKETS
    except (ValueError, KeyError, TypeError) as error:
        raise ModelUnreadable(f"{FILE.name} cannot be read ({error}); make it anew") from error
    if not is_ours:
        raise ModelUnreadable(f"{FILE.name} is of another format; make it anew")
    return Model(
        roles, rules, np.array(about["scales"]), np.array(about["biases"]), weights, about["learned_from"]
    )


def to_bytes(model: Model) -> bytes:
    about = {
        "format": FORMAT, "buckets": features.BUCKETS, "learned_from": model.learned_from,
        "roles": model.roles, "rules": model.rules,
        "scales": [float(f"{scale:.8g}") for scale in model.scales],
        "biases": [round(float(bias), 6) for bias in model.biases],
    }  # fmt: skip
    return json.dumps(about, separators=(",", ":")).encode() + b"\n" + model.weights.tobytes()


def read(sentence: Sentence) -> Reading:
    """The same words with the same phrases in them are read once: standard sentences come back again and again."""
    return _read(features.plain(sentence), features.said(sentence))


@functools.lru_cache(maxsize=16384)
def _read(text: str, groups: tuple[str, ...]) -> Reading:
    return model().reading(features.pieces(text, groups))
