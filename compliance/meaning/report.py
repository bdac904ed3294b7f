"""How good the suspicion model is on the sentences kept aside, and what each operating point costs."""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from compliance.meaning import corpus
from compliance.meaning.corpus import Labelled
from compliance.meaning.model import OF_REVIEWS, Model, Reading

POINTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
    labelled: Labelled
    reading: Reading

    @property
    def suspicion(self) -> float:
        """In the kind of message the sentence belongs in."""
        of_reviews = self.labelled.rule in OF_REVIEWS or self.labelled.role == "ask"
        return self.reading.beside_ask if of_reviews else self.reading.elsewhere


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """Of sentences: the share of forbidden ones below the threshold, and of permitted ones."""

    threshold: float
    leaked: float
    let_through: float


def read_aside(model: Model, sentences: Sequence[Labelled]) -> list[Read]:
    aside = (one for one in sentences if one.is_aside)
    known = ((one, corpus.pieces(one.text, one.language)) for one in aside)
    return [Read(one, model.reading(pieces)) for one, pieces in known if pieces]


def read_across_hands(sentences: Sequence[Labelled]) -> Iterator[Read]:
    """Each hand's sentences as they are read by a model that learned from the other hands alone: what to expect of words
    that somebody else will write. A minute a hand; needs scikit-learn."""
    from compliance.meaning import training  # not in the product

    for hand in sorted({one.hand for one in sentences}):
        learned = training.learn([one for one in sentences if one.hand != hand])
        for one in sentences:
            if one.hand == hand and (pieces := corpus.pieces(one.text, one.language)):
                yield Read(one, learned.reading(pieces))


def curve(found: Sequence[Read]) -> list[Point]:
    bad = [one.suspicion for one in found if one.labelled.label == "forbidden"]
    good = [one.suspicion for one in found if one.labelled.label == "permitted"]
    return [Point(at, _share(bad, at), _share(good, at)) for at in POINTS]


def _share(suspicions: Sequence[float], below: float) -> float:
    return sum(one < below for one in suspicions) / len(suspicions) if suspicions else 0.0


def lines(found: Sequence[Read], what: str = "sentences kept aside") -> Iterator[str]:
    yield f"{len(found)} {what}"
    yield "\nthreshold   leaked   let through"
    for point in curve(found):
        yield f"{point.threshold:9.2f} {point.leaked:8.3f} {point.let_through:13.3f}"
    yield from _by("language", found, lambda one: one.labelled.language)
    yield from _by("hand", found, lambda one: one.labelled.hand)
    yield from _by("role", found, lambda one: one.labelled.role)
    yield from _by("rule", [one for one in found if one.labelled.rule], lambda one: one.labelled.rule)
    yield from _confused("role", found, lambda one: (one.labelled.role, one.reading.role))
    bad = [one for one in found if one.labelled.rule]
    yield from _confused("rule", bad, lambda one: (one.labelled.rule, one.reading.rule))


def _by(name: str, found: Iterable[Read], key: Callable[[Read], str]) -> Iterator[str]:
    groups: dict[str, list[Read]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    yield f"\n{name:34} sentences  leaked@0.5  let through@0.5"
    for group, inside in sorted(groups.items()):
        half = next(point for point in curve(inside) if point.threshold == 0.5)
        yield f"{group:34} {len(inside):9} {half.leaked:11.3f} {half.let_through:16.3f}"


def _confused(name: str, found: Iterable[Read], key: Callable[[Read], tuple[str, str]]) -> Iterator[str]:
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        wanted, got = key(one)
        told[wanted][got] += 1
    yield f"\n{name} (rows: as labelled)            right  most often taken for"
    for wanted, answers in sorted(told.items()):
        wrong = [f"{got} {count}" for got, count in answers.most_common(4) if got != wanted][:3]
        yield f"{wanted:34} {answers[wanted] / answers.total():6.2f}  {', '.join(wrong)}"
