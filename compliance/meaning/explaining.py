"""Which words made a sentence suspicious: those without which it would have been less so."""

import functools
from collections.abc import Sequence

from compliance.engine import asks
from compliance.engine.document import Sentence
from compliance.engine.phrases import MASK
from compliance.meaning import features, model

_MOST = 40
"""Words looked at; of a longer sentence the words are taken in so many stretches."""
_SHOWN = 3


def words(sentence: Sentence) -> list[str]:
    """At most three stretches of the text that weighed most, in the text's order."""
    size = max(1, -(-len(sentence.tokens) // _MOST), 2 if "ja" in sentence.view.languages else 1)
    spans = [(at, min(at + size, len(sentence.tokens))) for at in range(0, len(sentence.tokens), size)]
    language = features.language_of(sentence)
    whole = _suspicion(features.plain(sentence), features.said(sentence), language)
    weights = {span: whole - _suspicion(*_without(sentence, *span), language) for span in spans}
    heavy = sorted((span for span in spans if weights[span] > 0), key=lambda span: -weights[span])[:_SHOWN]
    return [_text(sentence, *span) for span in sorted(heavy)]


def _without(sentence: Sentence, first: int, last: int) -> tuple[str, tuple[str, ...]]:
    left = [*sentence.tokens[:first], *sentence.tokens[last:]]
    names = []
    for group, found in sentence.said.items():
        kept = [one for one in found if one.last <= first or one.first >= last]
        if kept:
            names.append(group if any(not asks.is_denied(one) for one in kept) else f"no:{group}")
    return features.plain_of(left, is_question=sentence.is_question), tuple(sorted(names))


@functools.lru_cache(maxsize=4096)
def _suspicion(text: str, groups: Sequence[str], language: str) -> float:
    return float(model.model().scores(features.pieces(text, groups, language))[: model.SUSPICIONS].max())


def _text(sentence: Sentence, first: int, last: int) -> str:
    start, end = sentence.places[first][0], sentence.places[last - 1][1]
    return sentence.view.text[start:end].replace(MASK, "")
