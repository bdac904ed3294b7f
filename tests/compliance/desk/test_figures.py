"""The desk's figures: days that add up, are summed once, and are counted anew where a later verdict changes them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.desk import tallies
from compliance.desk.measures import Column, lines, percent, share
from compliance.desk.permits import UNDO_WINDOW
from compliance.desk.tallies import Sums, Tally, Times, Word
from compliance.models import Case, DeskDay, Verdict
from compliance.selectors import figures as selectors
from compliance.services import deciding, figures, holding, recording, undoing
from compliance.services.deciding import Decision
from tests.compliance.desk.makers import lead, reviewer, submit

A = Verdict.Answer
LONG_AGO = timedelta(days=3)


def times(*seconds: float) -> Times:
    made = Times()
    for span in seconds:
        made.note(span)
    return made


def word(**told) -> Word:
    given = {
        "reviewer": 1, "is_approval": True, "waited": 60.0, "looked": 5.0, "is_in_time": True, "is_overturned": False,
        "is_agreed": None, "is_known": False, "heard": None, "languages": ("de",), "rules": ("no-emoji",),
    }  # fmt: skip
    return Word(**{**given, **told})


class TestTimes:
    @pytest.mark.parametrize("seconds", [1, 59, 61, 3_600, 86_400, 3_000_000])
    def test_are_right_within_one_in_a_hundred(self, seconds):
        assert times(seconds).within(0.5) == pytest.approx(seconds, rel=0.01, abs=0.02)

    def test_say_what_half_and_nearly_all_took(self):
        many = times(*range(1, 101))
        assert many.within(0.5) == pytest.approx(50, rel=0.02)
        assert many.within(0.95) == pytest.approx(95, rel=0.02)

    def test_of_none_say_nothing(self):
        assert times().within(0.5) is None


class TestSums:
    def test_count_a_word_for_its_reviewer_each_language_and_each_rule(self):
        found = tallies.sums([word(languages=("de", "en"), rules=("a", "b"))])
        counted = [found.all, *found.tallies["language"].values(), *found.tallies["rule"].values()]
        assert [t.decided for t in counted] == [1] * 5
        assert found.of("reviewer", "1").decided == 1

    def test_count_a_known_answer_for_its_reader_alone(self):
        found = tallies.sums([word(is_known=True, is_agreed=False)])
        assert (found.of("reviewer", "1").known, found.of("reviewer", "1").known_found) == (1, 0)
        assert found.all.decided == 0

    def test_count_an_audit_against_who_decided_first(self):
        found = tallies.sums([word(reviewer=2, heard=1, is_agreed=False)])
        assert (found.of("reviewer", "1").audited, found.of("reviewer", "1").agreed) == (1, 0)
        assert (found.of("reviewer", "2").decided, found.of("reviewer", "2").audited) == (1, 0)
        assert found.of("language", "de").audited == 1

    def test_of_two_days_add_up_as_if_they_were_one(self):
        first, second = [word(waited=10.0 * n) for n in range(1, 9)], [word(waited=99.0, is_approval=False)]
        together = tallies.sums(first, submitted=3)
        together.add(tallies.sums(second, submitted=4))
        assert together.as_json() == tallies.sums([*first, *second], submitted=7).as_json()

    def test_survive_being_stored(self):
        found = tallies.sums([word(), word(is_agreed=True, heard=3)], submitted=2, came=1)
        assert Sums.from_json(found.as_json()) == found


def test_bars_compare_within_their_column():
    rate = share(lambda t: t.overturned, lambda t: t.decided)
    columns = [
        Column("Decided", lambda t: t.decided, lambda t: str(t.decided)),
        Column("O", rate, percent(rate), 100),
    ]
    rows = [("a", "A", Tally(decided=4, overturned=1)), ("b", "B", Tally(decided=2)), ("c", "C", Tally())]
    cells = [line.cells for line in lines(rows, columns)]
    assert [first.bar for first, _ in cells] == [100, 50, 0]
    assert [second.words for _, second in cells] == ["25 %", "0 %", "–"]
    assert [second.bar for _, second in cells] == [25, 0, None]


# --- stored days ------------------------------------------------------------------------------------------------------


def decided(seller, ago: timedelta, answer=A.APPROVED) -> Verdict:
    """As it was decided on the desk that long ago."""
    case, by = submit(seller, now=timezone.now() - ago - timedelta(hours=1)), reviewer()
    holding.take(case.pk, by)
    return deciding.decide(case.pk, Decision(answer, "Because."), reviewer=by, now=timezone.now() - ago)


def whole() -> Sums:
    found = Sums()
    for day in selectors.by_day(selectors.span(30, timezone.now())).values():
        found.add(day)
    return found


def test_stored_days_say_the_same_as_counted_ones(seller):
    decided(seller, LONG_AGO), decided(seller, LONG_AGO * 2, A.REJECTED), decided(seller, timedelta())
    counted = whole().as_json()
    assert figures.roll_up(timezone.now()) == figures.DAYS
    assert whole().as_json() == counted
    assert whole().all.decided == 3
    assert whole().all.median == pytest.approx(3600, rel=0.02)


def test_a_day_is_summed_once_and_today_never(seller):
    decided(seller, timedelta())
    figures.roll_up(timezone.now())
    assert figures.roll_up(timezone.now()) == 0
    assert not DeskDay.objects.filter(day=selectors.day_of(timezone.now())).exists()


def test_a_correction_counts_its_day_anew(seller):
    old = decided(seller, LONG_AGO)
    figures.roll_up(timezone.now())
    deciding.correct(old.pk, Decision(A.REJECTED, "A miss."), reviewer=lead(), now=timezone.now())
    assert whole().all.overturned == 1
    assert figures.roll_up(timezone.now()) == 1
    assert whole().all.overturned == 1


def test_an_undone_correction_lets_the_first_word_stand_again(seller):
    old, boss = decided(seller, LONG_AGO), lead()
    made = deciding.correct(
        old.pk, Decision(A.REJECTED, "A miss."), reviewer=boss, now=timezone.now(), window=UNDO_WINDOW
    )
    figures.roll_up(timezone.now())
    # Corrections are undone like every word of the desk.
    Case.objects.filter(pk=old.case_id).update(barred=[])
    undoing.undo(made.pk, reviewer=boss)
    assert whole().all.overturned == 0
    assert recording.last_answer(old.case) == old


def test_reading_costs_the_same_whatever_was_decided(seller, django_assert_max_num_queries):
    decided(seller, LONG_AGO)
    figures.roll_up(timezone.now())
    days = selectors.span(30, timezone.now())
    with django_assert_max_num_queries(9) as few:
        selectors.by_day(days)
    for _ in range(3):
        decided(seller, timedelta())
    with django_assert_max_num_queries(len(few)):
        selectors.by_day(days)
