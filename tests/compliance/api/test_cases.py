"""A seller's cases by the API: nobody else's, and nothing that may still be undone."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.roles import Role
from compliance.desk.permits import UNDO_WINDOW
from compliance.desk.reasons import Given
from compliance.models import Case, Verdict
from compliance.services import deciding, holding
from compliance.services.deciding import Decision
from tests.accounts.makers import make_member
from tests.compliance.desk.makers import CLEAN, draft, reviewer, submit

A = Verdict.Answer


@pytest.fixture
def ask(seller):
    client = Client()
    client.force_login(make_member(Role.SELLER_VIEWER, seller))

    def get(path: str = "", of=seller):
        answer = client.get(f"/api/v1/sellers/{of.slug}/cases{path}")
        connection.set_schema_to_public()
        return answer

    return get


def decide(case: Case, answer: Verdict.Answer, *given: Given, window=timedelta(0)) -> None:
    by = reviewer()
    holding.take(case.pk, by)
    deciding.decide(
        case.pk, Decision(answer, "So it is.", given=given), reviewer=by, now=timezone.now(), window=window
    )


def test_a_waiting_case_says_by_when_a_person_answers(seller, ask):
    case = submit(seller)
    [found] = ask().json()["results"]
    assert (found["id"], found["status"], found["verdict"]) == (str(case.public_id), "waiting", None)
    assert found["expected_at"]
    assert found["appeal_until"] is None


def test_a_clean_text_was_approved_by_the_system(seller, ask):
    submit(seller, draft(CLEAN))
    [found] = ask().json()["results"]
    assert found["status"] in {"decided", "waiting"}
    if found["verdict"]:
        assert found["verdict"]["by"] == "system"


def test_an_answer_comes_with_its_reasons_on_the_words_and_until_when_it_can_be_appealed(seller, ask):
    case = submit(seller)
    decide(case, A.CHANGES_REQUESTED, Given(301, "en", "body", 3, 9, "Order "))
    found = ask(f"/{case.public_id}").json()
    [reason] = found["verdict"]["reasons"]
    assert (found["status"], found["verdict"]["answer"]) == ("with_author", "changes_requested")
    assert (reason["code"], reason["words"], reason["start"]) == (301, "Order ", 3)
    assert reason["remedy"]
    assert found["appeal_until"]


def test_what_may_still_be_undone_is_not_told(seller, ask):
    case = submit(seller)
    decide(case, A.REJECTED, window=UNDO_WINDOW)
    found = ask(f"/{case.public_id}").json()
    assert (found["status"], found["verdict"]) == ("waiting", None)


def test_cases_are_filtered_by_status_and_a_wrong_one_is_named(seller, ask):
    submit(seller)
    decide(submit(seller), A.REJECTED)
    assert [c["status"] for c in ask("?status=decided").json()["results"]] == ["decided"]
    refused = ask("?status=done")
    assert refused.status_code == 400
    assert "There is no status" in refused.json()["status"]


def test_many_cases_come_by_pages_with_no_query_a_case(seller, ask, django_assert_max_num_queries):
    for _ in range(55):
        submit(seller)
    with django_assert_max_num_queries(30):
        first = ask().json()
    assert len(first["results"]) == 50
    assert first["next"]


def test_another_sellers_and_a_missing_case_are_the_same_404(seller, rival, ask):
    case = submit(rival)
    foreign, missing = ask(f"/{case.public_id}"), ask(f"/{uuid.uuid4()}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    assert ask("", rival).status_code == 404


def test_it_reads_only(seller, ask):
    client = Client()
    client.force_login(make_member(Role.SELLER_OWNER, seller))
    assert client.post(f"/api/v1/sellers/{seller.slug}/cases", {}).status_code in {403, 405}
