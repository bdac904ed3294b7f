"""A few hundred broken texts of those that `./run bench fuzz` makes by the hundred thousand: none raises, no rule crashes."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import _mutations as mutations
from compliance.engine.errors import NotPreparable, TooLarge
from compliance.engine.run import check, prepare
from compliance.engine.types import Draft
from compliance.looking import look
from compliance.rewriting import rewrite

SEED = 20_261_125
BATCHES = [range(start, start + 30) for start in range(0, 300, 30)]
PIECES = st.one_of(
    st.sampled_from(mutations.MARKUP), st.sampled_from(mutations.SCRAPS), st.sampled_from(mutations.ODD), st.text(max_size=20)
)  # fmt: skip
BODIES = st.lists(st.tuples(PIECES, st.integers(1, 40)), max_size=25).map(
    lambda parts: "".join(piece * times for piece, times in parts)
)


def assert_sound(draft):
    """Each finding says something, stands inside its field, and none of them is a crash."""
    for finding in check(draft).findings:
        assert finding.rule != "rule-crashed", finding.message
        assert finding.message
        size = {"body": len(draft.body), "subject": len(draft.subject)}.get(finding.where)
        assert size is None or 0 <= finding.start <= finding.end <= size


@pytest.mark.parametrize("numbers", BATCHES, ids=lambda numbers: f"from-{numbers.start}")
def test_mutated_texts_of_ours_crash_no_rule(numbers):
    for number in numbers:
        assert_sound(mutations.text(number, SEED))


@settings(max_examples=150, deadline=None)
@given(BODIES, st.sampled_from(["html", "text"]), st.sampled_from(["en-US", "de-DE", "ja-JP", "tr-TR", "xx"]))
def test_any_text_crashes_no_rule(body, body_format, language):
    assert_sound(Draft("relay_email", "review_request", body, language, "US", body_format=body_format))


@pytest.mark.parametrize("number", range(40))
def test_whatever_is_done_with_a_broken_text_stands_it(number):
    draft = mutations.text(number, SEED + 1)
    look(draft)
    rewrite(draft)
    try:
        version = prepare(dataclasses.replace(draft, stage="template"))
    except (NotPreparable, TooLarge):
        return
    version.check(dict.fromkeys(version.names, "a"), order_id="112-4830917-2265401")


def test_one_number_is_one_text():
    assert mutations.text(5, SEED) == mutations.text(5, SEED)
    assert mutations.text(5, SEED) != mutations.text(6, SEED)
