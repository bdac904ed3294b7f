"""Leaving out the sentence around marked words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.domain.striking import strike


def struck(source: str, words: str) -> str | None:
    at = source.index(words)
    return strike(source, at, at + len(words))


@pytest.mark.parametrize(
    ("source", "words", "left"),
    [
        ("Hello. Like us? Good bye.", "Like us", "Hello. Good bye."),
        ("Like us! Good bye.", "Like us", "Good bye."),
        ("Hello.\nTell your friends.\nBye.", "friends", "Hello.\n\nBye."),
        ("<p>One. Two is wrong. Three.</p>", "wrong", "<p>One. Three.</p>"),
        ("<p>Fine.</p>\n<p>All wrong.</p>\n<p>End.</p>", "wrong", "<p>Fine.</p>\n<p>End.</p>"),
        ("こんにちは。星をください。では。", "星を", "こんにちは。では。"),
        ("Version 2.5 is wrong here. Bye.", "wrong", "Bye."),
    ],
)
def test_the_sentence_goes_and_nothing_else(source, words, left):
    assert struck(source, words) == left


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("All of it is wrong.", "wrong"),
        ("<p>All wrong.</p>", "wrong"),
        ("{{ order_id }} is wrong.", "is wrong"),
        ("<p>Click <a href='x'>wrong</a> now. Bye.</p>", "<a href='x'>wrong</a>"),
        ("<p>Click <strong>wrong</strong> now</p>", "wrong"),
    ],
)
def test_it_refuses_where_a_tag_would_tear_or_nothing_would_be_left(source, words):
    found = struck(source, words)
    assert found is None or "wrong" not in found


@given(st.text("ab. \n<p>!?/"), st.integers(0, 30), st.integers(0, 30))
def test_no_tag_is_ever_torn(source, start, end):
    left = strike(source, start, end)
    if left is not None:
        assert left.count("<") - source.count("<") == left.count(">") - source.count(">")
