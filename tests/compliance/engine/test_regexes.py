"""No regular expression of the checker can be made slow: none repeats what repeats itself, and each goes through its worst
texts in time that grows with their length."""

import pytest
import regex

from compliance.engine import document, looks
from tests.compliance.engine import regexes

SECONDS = 0.4
"""Of processor, for 32 KB: what grows with the square of the length takes ten times as long or more, the rest a tenth."""

MADE_LATER = {
    "attribute_span": document._attribute("href").pattern,
    "looks": looks._attribute("width").pattern,
    "slips": r"(?<!\w)wrod(?!\w)",
}
ALL = {**regexes.patterns(), **MADE_LATER}


def test_there_are_expressions_to_look_at():
    assert len(ALL) > 80


def test_every_expression_that_is_made_while_checking_is_looked_at_here():
    known = {
        "document.py:_attribute",
        "looks.py:_attribute",
        "spelling_grammar.py:_slips",
        "styles.py:_is_for_paper",
        "styles.py:_specificity",
    }
    assert regexes.made_in_functions() == known


@pytest.mark.parametrize("place", ALL)
def test_none_repeats_endlessly_what_repeats_endlessly(place):
    assert list(regexes.doubly_repeated(ALL[place])) == []


@pytest.mark.parametrize("place", ALL)
def test_each_goes_through_the_longest_texts_in_step_with_their_length(place):
    go_through(ALL[place], anchored=regexes.is_anchored(place))


def go_through(pattern, *, anchored=False):
    """Raises TimeoutError, which names the text."""
    compiled = regex.compile(pattern)
    for attack in regexes.attacks(pattern):
        try:
            found = compiled.fullmatch if anchored else compiled.findall
            found(attack, timeout=SECONDS)
        except TimeoutError as error:
            raise TimeoutError(f"slow on {attack[:60]!r}…{attack[-10:]!r}") from error


@pytest.mark.parametrize(
    "pattern", [r"(a+)+$", r"(?:\w+\s?)+:", r"(?:a|b+)*c", r"(?:\s+\S*\d\S*)+$", r"(?:.*,)*x", r"(\d+,?)+;"]
)
def test_what_would_be_slow_is_told(pattern):
    assert list(regexes.doubly_repeated(pattern))


@pytest.mark.parametrize("pattern", [r"\s+$", r"[.!?]+(?=\s)", r"x\w*;"])
def test_what_grows_with_the_square_is_told(pattern):
    with pytest.raises(TimeoutError):
        go_through(pattern)


@pytest.mark.parametrize("pattern", [r"(?:a++b)+", r"(?:\.[\w-]+)+", r"(?:[\w-]{1,63}\.){1,4}", r"(?>a+)*b"])
def test_what_cannot_be_slow_is_let_be(pattern):
    assert list(regexes.doubly_repeated(pattern)) == []
