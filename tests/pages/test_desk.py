"""The review desk's pages: what they show, what their buttons do, and what they refuse in words."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts import paging
from accounts.models import User
from accounts.roles import Role
from compliance.desk.queues import Queue
from compliance.models import Case, HandOut, KnownAnswer, SellerNote, Verdict
from compliance.services import audits, deciding, holding
from compliance.services.deciding import Decision
from tests.accounts.makers import give
from tests.compliance.desk.makers import draft, lead, reviewer, submit

A = Verdict.Answer
EVIL = "<script>alert(1)</script>"


class Desk:
    """A browser of somebody at the desk."""

    def __init__(self, user: User) -> None:
        self.user, self.client = user, Client()
        self.client.force_login(user)

    def get(self, name: str, query: str = "", **kwargs):
        return self._asked(self.client.get(reverse(name, kwargs=kwargs) + query))

    def post(self, name: str, data=None, follow: bool = False, **kwargs):
        return self._asked(self.client.post(reverse(name, kwargs=kwargs), data or {}, follow=follow))

    def decide(self, case: Case, answer: str, **data):
        holding.take(case.pk, self.user)
        return self.post(
            "desk_decide", {"answer": answer, "seen": case.verdicts.count(), **data}, case=case.public_id
        )

    def _asked(self, answer):
        connection.set_schema_to_public()
        answer.text = answer.content.decode()
        return answer


@pytest.fixture
def desk(seller) -> Desk:
    return Desk(reviewer())


@pytest.fixture
def boss(seller) -> Desk:
    return Desk(lead())


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_the_desk_counts_its_queues_and_hands_out(desk, seller):
    submit(seller), submit(seller)
    page = desk.get("desk")
    assert "2 cases wait for you" in page.text
    answer = desk.post("desk_next")
    assert answer.url == reverse("desk_case", args=[holding.held(desk.user).public_id])


def test_who_only_reviews_comes_to_the_desk(desk):
    assert desk.client.get("/").url == reverse("desk")


def test_an_empty_desk_says_so(desk):
    assert "Nothing waits for you" in desk.get("desk").text
    assert "Nothing waits" in said(desk.post("desk_next"))


def test_next_keeps_to_the_queue_that_was_chosen(desk, seller):
    submit(seller)
    assert desk.post("desk_next", {"queue": "appeal"}).url == reverse("desk")
    assert desk.post("desk_next", {"queue": ""}).url != reverse("desk")


def test_the_case_shows_message_source_findings_and_why(desk, seller):
    case = submit(seller, title=f"Ask {EVIL}")
    holding.take(case.pk, desk.user)
    page = desk.get("desk_case", case=case.public_id).text
    assert EVIL not in page
    assert 'sandbox srcdoc="' in page
    assert "302-4830917-2265401" in page  # a sample in place of the placeholder
    assert re.search(r'<mark class="review" data-findings="[\d ]+">', page)
    assert "link-external" in page
    assert escape(case.why[0]) in page
    for key in "alcrenjx?":
        assert f'data-key="{key}"' in page


def test_a_decision_goes_on_to_the_next_case_with_the_last_at_hand(desk, seller):
    first, second = submit(seller), submit(seller)
    answer = desk.decide(first, "approved")
    verdict = first.verdicts.get()
    assert answer.url == f"{reverse('desk_case', args=[second.public_id])}?undo={verdict.public_id}"
    page = desk._asked(desk.client.get(answer.url)).text
    assert reverse("desk_undo", args=[verdict.public_id]) in page


def test_undoing_gives_the_case_back(desk, seller):
    first, second = submit(seller), submit(seller)
    desk.decide(first, "rejected", words="No.")
    answer = desk.post("desk_undo", verdict=first.verdicts.get().public_id)
    assert answer.url == reverse("desk_case", args=[first.public_id])
    assert "waits again" in said(answer)
    assert holding.held(desk.user) == first
    second.refresh_from_db()
    assert second.lease is None


def test_undoing_too_late_says_who_can_help(desk, seller):
    case = submit(seller)
    holding.take(case.pk, desk.user)
    verdict = deciding.decide(case.pk, Decision(A.APPROVED), reviewer=desk.user, now=timezone.now())
    assert "A lead may correct it" in said(desk.post("desk_undo", verdict=verdict.public_id))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"answer": "rejected"}, "Say why"),
        ({"answer": "approved_limited"}, "Say what limits"),
        ({"answer": "approved_limited", "volume": "many"}, "no number of messages"),
        ({"answer": "approved_limited", "until": "soon"}, "is no day"),
        ({"answer": "approved_limited", "until": "2020-01-01"}, "passed"),
        ({"answer": "approved_limited", "volume": "0"}, "limits"),
        ({"answer": "approved_limited", "marketplaces": ["FR"]}, "not meant for FR"),
        ({"answer": "rejected", "given": ["999|en|body|0|4"]}, "no canned reason"),
        ({"answer": "rejected", "given": ["303|en|body|0|99999"]}, "not in the text"),
        ({"answer": "rejected", "given": ["drop table"]}, "no canned reason"),
        ({"answer": "undone"}, "which answer"),
        ({"answer": ""}, "which answer"),
        ({"answer": "approved", "seen": "7"}, "has changed"),
    ],
)
def test_what_is_refused_says_why_keeps_what_was_typed_and_changes_nothing(desk, seller, data, words):
    case = submit(seller)
    answer = desk.decide(case, **{"words": "" if "Say why" in words else "My words.", **data})
    assert answer.status_code == 409
    assert words in answer.text
    if data["answer"] in ("rejected", "approved_limited") and "Say why" not in words:
        assert "My words." in answer.text
    assert not case.verdicts.exists()
    assert holding.held(desk.user) == case


def test_a_lapsed_hold_is_told_and_offers_to_take_it_again(desk, seller):
    case = submit(seller)
    holding.take(case.pk, desk.user)
    Case.objects.filter(pk=case.pk).update(leased_until=timezone.now() - timedelta(minutes=1))
    answer = desk.post(
        "desk_decide", {"answer": "rejected", "words": "Long words.", "seen": 0}, case=case.public_id
    )
    assert answer.status_code == 409
    assert "five minutes" in answer.text
    assert "Take it again" in answer.text
    assert "hold ended" in desk.post("desk_renew", case=case.public_id).text


def test_activity_renews_the_hold(desk, seller):
    case = submit(seller)
    holding.take(case.pk, desk.user)
    assert "You hold it until" in desk.post("desk_renew", case=case.public_id).text


def test_canned_reasons_quote_the_words_they_are_tied_to(desk, seller):
    case = submit(seller, draft())
    at = case.drafts[0]["body"].index("here")
    desk.decide(case, "changes_requested", given=[f"303|en|body|{at}|{at + 4}"], code="409")
    verdict = case.verdicts.get()
    assert [r["code"] for r in verdict.reasons] == [303, 409]
    assert verdict.reasons[0]["text"] == "here"
    assert "“here”" in verdict.reason


def test_identical_texts_go_together_where_it_was_ticked(desk, seller, rival):
    one, other = submit(seller, draft()), submit(rival, draft())
    holding.take(one.pk, desk.user)
    assert "identical" in desk.get("desk_case", case=one.public_id).text
    desk.decide(one, "approved", alike="1")
    other.refresh_from_db()
    assert other.approval == "approved"


def test_ones_own_sellers_cases_are_not_shown(desk, seller):
    give(desk.user, Role.SELLER_VIEWER, seller)
    case = submit(seller)
    answer = desk.get("desk_case", case=case.public_id)
    assert answer.status_code == 403
    assert "You belong to this seller" in answer.text
    assert desk.post("desk_note", {"text": "x"}, case=case.public_id).status_code == 403
    assert not SellerNote.objects.exists()


def test_a_case_held_by_another_is_shown_and_not_decided(desk, boss, seller):
    case = submit(seller)
    holding.take(case.pk, boss.user)
    page = desk.get("desk_case", case=case.public_id).text
    assert "works on" in page
    assert reverse("desk_decide", args=[case.public_id]) not in page
    assert "works on" in said(desk.post("desk_take", case=case.public_id))


def test_what_is_overdue_is_shown_to_leads(desk, boss, seller):
    case = submit(seller, title="Forgotten")
    assert "Nothing is overdue" in boss.get("desk").text
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(minutes=25))
    page = boss.get("desk").text
    assert "25 min late" in page
    assert "Forgotten" in page
    assert "Forgotten" not in desk.get("desk").text


def test_skipping_hands_out_another(desk, seller):
    one, other = submit(seller), submit(seller)
    holding.take(one.pk, desk.user)
    answer = desk.post("desk_skip", case=one.public_id)
    assert answer.url == reverse("desk_case", args=[other.public_id])
    assert HandOut.objects.get(case=one).end == HandOut.End.SKIPPED


def test_notes_are_shown_with_the_sellers_next_case_and_taken_back(desk, seller):
    case, later = submit(seller), submit(seller)
    desk.post("desk_note", {"text": f"Watch the links {EVIL}"}, case=case.public_id)
    page = desk.get("desk_case", case=later.public_id).text
    assert "Watch the links" in page
    assert EVIL not in page
    desk.post("desk_retract_note", note=SellerNote.objects.get().pk)
    assert "Watch the links" not in desk.get("desk_case", case=later.public_id).text


def test_the_difference_to_what_was_approved_is_shown_word_by_word(desk, seller):
    first = submit(seller, draft())
    holding.take(first.pk, desk.user)
    deciding.decide(first.pk, Decision(A.APPROVED), reviewer=desk.user, now=timezone.now())
    second = submit(seller, draft(draft().body.replace("page", "sheet")), series_id=first.series_id)
    page = desk.get("desk_case", case=second.public_id).text
    assert "<del>page</del><ins>sheet</ins>" in page


def test_a_lead_corrects_and_a_reviewer_cannot(desk, boss, seller):
    case = submit(seller)
    holding.take(case.pk, desk.user)
    verdict = deciding.decide(case.pk, Decision(A.APPROVED), reviewer=desk.user, now=timezone.now())
    data = {"verdict": verdict.public_id, "answer": "rejected", "words": "It leads out."}
    assert desk.post("desk_correct", data, case=case.public_id).status_code == 403
    boss.post("desk_correct", data, case=case.public_id)
    assert Verdict.objects.get(corrects=verdict).answer == A.REJECTED


def test_a_lead_makes_known_answers_and_stops_them(boss, seller):
    case = submit(seller)
    data = {"answer": "rejected", "lesson": "The link hides a shop."}
    boss.post("desk_make_known", data, case=case.public_id)
    known = KnownAnswer.objects.get()
    boss.post("desk_switch_known", known=known.pk)
    known.refresh_from_db()
    assert not known.is_active
    assert "hides a shop" in boss.get("desk_audits").text


def test_a_planted_case_looks_like_any_other(desk, boss, seller, settings):
    settings.REVIEW_KNOWN_EVERY = 1
    audits.make_known(submit(seller, draft()), A.REJECTED, "A lesson.", user=boss.user)
    case = holding.hand_out(desk.user)
    assert case.known_answer_id
    page = desk.get("desk_case", case=case.public_id).text
    assert "known" not in page.lower()
    assert "lesson" not in page.lower()


def test_figures_add_up_and_show_others_lines_to_leads_only(desk, boss, seller):
    for by, answer in ((desk, "approved"), (boss, "rejected")):
        by.decide(submit(seller), answer, words="Read it.")
    page = boss.get("desk_figures").text
    assert "Time to decision" in page
    assert desk.user.email in page
    mine = desk.get("desk_figures", "?days=7").text
    assert desk.user.email in mine
    assert f">{boss.user.email}<" not in mine


@pytest.mark.parametrize("name", ["desk", "desk_cases", "desk_figures", "desk_audits", "desk_reasons"])
def test_the_number_of_queries_does_not_grow_with_what_waits(
    boss, seller, name, django_assert_max_num_queries
):
    def more(n: int) -> None:
        for _ in range(n):
            submit(seller, now=timezone.now() - timedelta(days=2))

    more(2)
    boss.get(name)
    with django_assert_max_num_queries(40) as few:
        assert boss.get(name).status_code == 200
    more(6)
    with django_assert_max_num_queries(len(few)):
        boss.get(name)


def test_the_list_finds_filters_and_pages(boss, seller):
    cases = [submit(seller, title=f"Text number {n}") for n in range(3)]
    assert "Text number 2" in boss.get("desk_cases", "?q=number+2").text
    assert "Text number 1" not in boss.get("desk_cases", "?q=number+2").text
    assert cases[0].title in boss.get("desk_cases", f"?q={cases[0].short_id}").text
    assert "No case matches" in boss.get("desk_cases", "?queue=appeal").text
    assert "No case matches" in boss.get("desk_cases", "?language=ja").text
    Case.objects.filter(pk=cases[0].pk).update(due_at=timezone.now() - timedelta(hours=1))
    late = boss.get("desk_cases", "?late=1").text
    assert "Text number 0" in late
    assert "Text number 1" not in late


@pytest.mark.parametrize(
    "query", ["?after=x", "?q=%00", "?status=nonsense&queue=nonsense", "?undo=zz", "?days=9999"]
)
def test_an_address_somebody_edited_shows_the_page(boss, query):
    for name in ("desk", "desk_cases", "desk_figures", "desk_audits"):
        assert boss.get(name, query).status_code == 200


def test_waiting_cases_page_due_first_there_and_back(seller):
    start = timezone.now() - timedelta(days=9)
    for n in range(5):
        case = submit(seller, title=f"Case {n}")
        Case.objects.filter(pk=case.pk).update(due_at=start + timedelta(hours=n))
    rows = Case.objects.filter(status="waiting")
    first = paging.page_oldest_first(rows, "due_at", {}, 2)
    second = paging.page_oldest_first(rows, "due_at", {"after": first.older}, 2)
    third = paging.page_oldest_first(rows, "due_at", {"after": second.older}, 2)
    assert [[c.title for c in page.items] for page in (first, second, third)] == [
        ["Case 0", "Case 1"], ["Case 2", "Case 3"], ["Case 4"],
    ]  # fmt: skip
    assert (first.newer, third.older) == ("", "")
    back = paging.page_oldest_first(rows, "due_at", {"before": third.newer}, 2)
    assert back.items == second.items


def test_escalating_needs_words_and_leaves_the_reviewers_queue(desk, boss, seller):
    case = submit(seller)
    assert "Say why" in desk.decide(case, "escalated", words=" ").text
    desk.decide(case, "escalated", words="Is this a warranty?")
    case.refresh_from_db()
    assert case.queue == Queue.ESCALATED
    assert "Is this a warranty?" in boss.get("desk_case", case=case.public_id).text
