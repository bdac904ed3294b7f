"""Working hours, trust, canned reasons, sampling."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.desk import reasons, sampling, trust
from compliance.desk.hours import Calendar
from compliance.desk.queues import QUEUES, Queue, open_to
from compliance.desk.reasons import Given
from compliance.desk.trust import Record, Standing
from compliance.rules import RULES

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def calendar(*holidays: date) -> Calendar:
    return Calendar(BERLIN, frozenset({1, 2, 3, 4, 5}), time(8), time(18), frozenset(holidays))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


class TestWorkingHours:
    @pytest.mark.parametrize(
        ("start", "hours", "due"),
        [
            ("2026-11-23T09:00", 4, "2026-11-23T13:00"),  # a Monday
            ("2026-11-23T16:00", 4, "2026-11-24T10:00"),  # over night
            ("2026-11-27T17:00", 4, "2026-11-30T11:00"),  # over the weekend
            ("2026-11-28T12:00", 4, "2026-11-30T12:00"),  # on Saturday
            ("2026-11-23T05:00", 1, "2026-11-23T09:00"),  # before opening
            ("2026-11-23T14:00", 4, "2026-11-23T18:00"),  # to the last minute
            ("2026-11-23T08:00", 25, "2026-11-25T13:00"),
        ],
    )
    def test_a_target_is_reached_in_working_time_only(self, start, hours, due):
        assert calendar().due(at(start), hours * HOUR) == at(due)

    def test_holidays_are_no_working_time(self):
        closed = calendar(date(2026, 12, 24), date(2026, 12, 25))
        assert closed.due(at("2026-12-23T17:00"), 2 * HOUR) == at("2026-12-28T09:00")

    @pytest.mark.parametrize("night", ["2026-03-28T17:30", "2026-10-24T17:30"])
    def test_a_clock_change_moves_nothing_on_the_wall(self, night):
        every_day = Calendar(BERLIN, frozenset(range(1, 8)), time(8), time(18))
        due = every_day.due(at(night), HOUR)
        assert due.astimezone(BERLIN).time() == time(8, 30)

    def test_the_time_between_is_what_was_due(self):
        start = at("2026-11-27T17:00")
        assert calendar().between(start, calendar().due(start, 4 * HOUR)) == 4 * HOUR
        assert calendar().between(start, start - HOUR) == timedelta()

    @pytest.mark.parametrize(("days", "opens", "closes"), [(set(), 8, 18), ({8}, 8, 18), ({1}, 18, 8)])
    def test_a_calendar_that_never_opens_is_refused(self, days, opens, closes):
        with pytest.raises(ValueError, match=r"working day|never open"):
            Calendar(BERLIN, frozenset(days), time(opens), time(closes))

    def test_it_answers_in_utc(self):
        assert calendar().due(at("2026-11-23T09:00"), HOUR).tzinfo == UTC


class TestTrust:
    @pytest.mark.parametrize(
        ("record", "standing"),
        [
            (Record(), Standing.NEW),
            (Record(approvals=4), Standing.NEW),
            (Record(approvals=5), Standing.TRUSTED),
            (Record(approvals=500, blocks=1), Standing.DOUBTED),
            (Record(approvals=500, is_restricted=True), Standing.DOUBTED),
            (Record(approvals=9, recent_approvals=4, recent_sent_back=2), Standing.TRUSTED),
            (Record(approvals=9, recent_approvals=3, recent_sent_back=3), Standing.DOUBTED),
            (Record(approvals=2, recent_approvals=2, recent_sent_back=2), Standing.NEW),  # too few to say
        ],
    )
    def test_is_judged_by_the_record(self, record, standing):
        assert trust.judge(record).standing is standing

    def test_says_why(self):
        for record in (Record(), Record(approvals=9), Record(blocks=2), Record(is_restricted=True)):
            assert trust.judge(record).sentence.endswith(".")

    def test_what_was_overturned_never_lowers_it(self):
        assert trust.judge(Record(approvals=9, overturned=40)) == trust.judge(Record(approvals=9))


class TestCannedReasons:
    def test_about_forty_each_with_text_and_remedy(self):
        every = reasons.every()
        assert len(every) >= 40
        for reason in every:
            assert reason.title
            assert reason.text.endswith(".")
            assert reason.remedy.endswith((".", "”"))
            assert reason.chapter
            assert reason.severity in {"block", "account"}

    def test_each_rule_suggests_one(self):
        for rule in RULES:
            assert reasons.suggested([rule.slug]), (
                f"no canned reason for {rule.slug}: compliance/desk/reasons.toml"
            )

    def test_name_rules_that_exist(self):
        known = {rule.slug for rule in RULES}
        assert not {slug for reason in reasons.every() for slug in reason.rules} - known

    def test_numbers_are_found_and_others_are_not(self):
        assert reasons.find(201).title
        with pytest.raises(reasons.UnknownReason, match="no reason 999"):
            reasons.find(999)

    def test_are_told_once_with_all_their_words(self):
        told = reasons.sentence(
            [Given(303, text="here"), Given(303, text="there"), Given(401)], " Thank you. "
        )
        assert told.count("303") == 1
        assert "“here”, “there”" in told
        assert told.splitlines()[-1] == "Thank you."


class TestSampling:
    def test_draws_about_its_share_and_always_the_same(self):
        ids = [uuid.UUID(int=n) for n in range(4_000)]
        drawn = [sampling.is_drawn(i, 5) for i in ids]
        assert 140 < sum(drawn) < 260
        assert drawn == [sampling.is_drawn(i, 5) for i in ids]

    def test_none_and_all(self):
        assert not sampling.is_drawn(uuid.uuid4(), 0)
        assert sampling.is_drawn(uuid.uuid4(), 100)


def test_every_queue_is_said_and_only_leads_get_the_escalated():
    assert set(QUEUES) == set(Queue)
    assert Queue.ESCALATED in open_to(is_lead=True)
    assert Queue.ESCALATED not in open_to(is_lead=False)
