"""Learning the suspicion model from labelled sentences. Needs scikit-learn, which the product does not."""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from compliance.meaning import corpus, features
from compliance.meaning.corpus import Labelled
from compliance.meaning.features import Pieces
from compliance.meaning.model import (
    OF_REVIEWS,
    OTHER,
    OUT_OF_PLACE,
    WRITTEN,
    Model,
    Stems,
    known_stems,
    shares,
    stem_share,
)
from compliance.meaning.senses import Senses, senses

APART = 22
"""So many rules, those with the most sentences, are told apart; what breaks another is suspicious all the same."""
STRENGTH = 8.0
NEWS = frozenset({"no-marketing", "no-order-or-shipping-confirmation"})
ALWAYS_FINE = frozenset({"ask", "greeting", "thanks", "order_facts", "signature"})
FINE_ABOUT_REVIEWS = frozenset({"condition", "instruction", "praise", "help", "question"})


@dataclasses.dataclass(frozen=True, slots=True)
class _Head:
    names: tuple[str, ...]
    weights: npt.NDArray[np.float64]
    biases: npt.NDArray[np.float64]


def learn(sentences: Sequence[Labelled], words: Senses | None = None) -> Model:
    """From all sentences given: the caller leaves out what is kept aside. `words` are those that are placed, by default
    all of `senses`. The same sentences and phrases give the same model to the last byte."""
    words = words or senses()
    known = [(one, found) for one in sentences if (found := corpus.pieces(one.text, one.language))]
    rows, table = [one for one, _ in known], matrix([found for _, found in known], words)
    with threadpool_limits(1):  # sums in one order, so that they come out the same
        suspicions = [_learn_suspicion(table, list(map(lesson, rows))) for lesson in (beside_ask, elsewhere)]
        roles = _learn(table, [one.role for one in rows])
        rules = _learn_rules(table, rows)
    return _quantised([*suspicions, roles, rules], words, _fingerprint(rows))


def beside_ask(one: Labelled) -> bool | None:
    """Whether the sentence is out of place beside a request for a review; None where that says nothing about it."""
    if one.rule:
        return True if one.rule in OF_REVIEWS | NEWS else None
    if one.role in ALWAYS_FINE or (one.role in FINE_ABOUT_REVIEWS and corpus.speaks_of_opinions(one)):
        return False
    return True if one.role in OUT_OF_PLACE else None


def elsewhere(one: Labelled) -> bool | None:
    """Whether the sentence is out of place in a message about an order, a return, an invoice and the like."""
    if one.rule:
        return None if one.rule in WRITTEN else True
    return None if one.role == "ask" else False


def _learn_suspicion(table: csr_matrix, answers: Sequence[bool | None]) -> _Head:
    kept = [at for at, answer in enumerate(answers) if answer is not None]
    head = _learn(table[kept], ["yes" if answers[at] else "no" for at in kept])
    return _Head(("suspicion",), head.weights[1:2] - head.weights[:1], head.biases[1:2] - head.biases[:1])


def _learn_rules(table: csr_matrix, rows: Sequence[Labelled]) -> _Head:
    kept = [at for at, one in enumerate(rows) if one.rule]
    counts = Counter(rows[at].rule for at in kept if rows[at].rule not in WRITTEN)
    apart = sorted(counts, key=lambda rule: (-counts[rule], rule))[:APART]
    return _learn(table[kept], [rows[at].rule if rows[at].rule in apart else OTHER for at in kept])


def _learn(table: csr_matrix, answers: Sequence[str]) -> _Head:
    """One function per answer; of two answers each gets half of the one there is."""
    fitted = LogisticRegression(C=STRENGTH, solver="lbfgs", max_iter=400, tol=1e-3).fit(table, answers)
    weights, biases = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        weights, biases = np.vstack([-weights, weights]) / 2, np.concatenate([-biases, biases]) / 2
    return _Head(tuple(map(str, fitted.classes_)), weights, biases)


def matrix(found: Sequence[Pieces], words: Senses) -> csr_matrix:
    """A row a sentence, a column a bucket, and then one for each direction in which words differ."""
    return csr_matrix(hstack([_buckets(found), csr_matrix(_directions(found, words))]))


def _directions(found: Sequence[Pieces], words: Senses) -> npt.NDArray[np.float64]:
    rows = [known_stems(words.keys, pieces.stems) for pieces in found]
    return np.array([words.places[row].sum(axis=0) * stem_share(len(row)) for row in rows])


def _buckets(found: Sequence[Pieces]) -> csr_matrix:
    ids = [part for pieces in found for part, _ in shares(pieces)]
    values = [np.full(len(part), share) for pieces in found for part, share in shares(pieces)]
    ends = np.cumsum([0, *(sum(len(part) for part, _ in shares(pieces)) for pieces in found)])
    table = csr_matrix(
        (np.concatenate(values), np.concatenate(ids), ends), shape=(len(found), features.BUCKETS)
    )
    table.sum_duplicates()
    return table


def _quantised(heads: Sequence[_Head], words: Senses, learned_from: str) -> Model:
    learned = np.vstack([head.weights for head in heads])
    scales, steps = _steps(learned[:, : features.BUCKETS])
    stem_scales, stem_steps = _steps(learned[:, features.BUCKETS :] @ words.places.T)
    biases = np.concatenate([head.biases for head in heads])
    stems = Stems(words.keys, stem_scales, stem_steps)
    return Model(heads[2].names, heads[3].names, scales, biases, steps, stems, learned_from)


def _steps(weights: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Each answer's weights as signed bytes, a column an answer, and what one step is worth."""
    scales = np.maximum(np.abs(weights).max(axis=1) / 127, 1e-9)
    return scales, np.ascontiguousarray(np.rint(weights / scales[:, None]).astype(np.int8).T)


def _fingerprint(rows: Sequence[Labelled]) -> str:
    digest = hashlib.sha256()
    for one in rows:
        digest.update("\0".join((one.language, one.text, one.role, one.label, one.rule)).encode() + b"\n")
    return f"{len(rows)} sentences, {digest.hexdigest()[:12]}"
