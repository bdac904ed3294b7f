"""The public checker: what a visitor without a login, and without scripts, sees of a text."""

import logging

import pytest
from django.core.cache import cache
from django.test import Client

from compliance.models import Case, Check

pytestmark = pytest.mark.django_db
CLEAN = "Hello, about your order 112-4830917-2265401: you can write a product review on Amazon if you like."
EMOJI = f"{CLEAN} \U0001f60a"
BRIBE = f"{CLEAN} Leave five stars and we refund 10 dollars."


@pytest.fixture
def visitor(settings) -> Client:
    cache.clear()
    return Client()


def typed(body: str, **more: str) -> dict[str, str]:
    return {
        "medium": "relay_email", "purpose": "review_request", "language": "en-US", "marketplace": "US",
        "fulfilment": "FBM", "subject": "", "body": body, **more,
    }  # fmt: skip


def asked(visitor: Client, body: str, **more: str) -> str:
    answer = visitor.post("/check/", typed(body, **more))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_waits_for_a_text(visitor):
    page = visitor.get("/check/")
    assert page.status_code == 200
    assert "What you will see" in page.content.decode()


def test_a_clean_text_may_go_out(visitor):
    assert "May go out" in asked(visitor, CLEAN)


def test_a_forbidden_text_must_not_and_its_words_are_marked_and_its_rule_is_linked(visitor):
    text = asked(visitor, BRIBE)
    assert "Must not go out" in text
    assert '<mark class="block"' in text
    assert 'href="/rules/no-incentive/"' in text


def test_a_language_that_no_rule_reads_goes_to_a_person(visitor):
    assert "A person would look" in asked(
        visitor, "طلبك 112-4830917-2265401", language="ar-AE", purpose="invoice"
    )


def test_a_card_is_held_to_the_rules_for_cards(visitor):
    assert "no-emoji" not in asked(visitor, EMOJI, medium="insert_card")
    assert "no-emoji" in asked(visitor, EMOJI)


def test_advice_stands_apart_and_holds_nothing(visitor):
    text = asked(visitor, f"{CLEAN} ★")
    assert "May go out" in text
    assert "Advice" in text


def test_what_was_typed_stays_whatever_the_answer(visitor):
    text = asked(visitor, BRIBE, subject="Hello & thanks", language="de-DE")
    assert "Leave five stars and we refund 10 dollars." in text
    assert 'value="Hello &amp; thanks"' in text
    assert '<option value="de-DE" selected>' in text


def test_a_wrong_choice_is_named_and_the_text_kept(visitor):
    answer = visitor.post("/check/", typed(CLEAN, medium="fax"))
    assert answer.status_code == 422
    assert "fax is not one of the available choices" in answer.content.decode()
    assert CLEAN in answer.content.decode()


def test_a_rewrite_is_applied_by_a_button_without_scripts(visitor):
    page = visitor.post("/check/", typed(EMOJI))
    [noted] = [n for n in page.context["look"].noted if n.finding.rule == "no-emoji"]
    after = visitor.post("/check/", typed(EMOJI, fix=noted.fix_id))
    assert after.context["look"].draft.body == CLEAN
    assert "May go out" in after.content.decode()


def test_all_rewrites_at_once(visitor):
    body = f"{CLEAN} \U0001f60a\n\n\n\n\nThank you \U0001f389"
    after = visitor.post("/check/", typed(body, fix="all"))
    assert "\U0001f60a" not in after.context["look"].draft.body
    assert "\U0001f389" not in after.context["look"].draft.body
    assert not after.context["look"].fixes


@pytest.mark.parametrize("fix", ["no-emoji:body:0:3", "nonsense", "no-emoji:body:9999999:9999999"])
def test_a_rewrite_of_words_that_are_gone_changes_nothing_and_says_so(visitor, fix):
    after = visitor.post("/check/", typed(EMOJI, fix=fix))
    assert "nothing was changed" in after.content.decode()
    assert after.context["look"].draft.body == EMOJI


def test_windows_line_ends_do_not_shift_the_marks(visitor):
    page = visitor.post("/check/", typed(f"One\r\nTwo \U0001f60a\r\n{CLEAN}"))
    [noted] = [n for n in page.context["look"].noted if n.finding.rule == "no-emoji"]
    assert noted.words == "\U0001f60a"


def test_typing_is_answered_with_the_answer_alone(visitor):
    part = visitor.post("/check/", typed(BRIBE), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Must not go out" in part


def test_an_example_of_the_rulebook_opens_in_the_checker(visitor):
    page = visitor.get("/check/", {"example": "no-emoji.flagged.0"})
    assert "Must not go out" in page.content.decode()
    assert "Thank you \U0001f60a" in page.content.decode()
    for nonsense in ("no-emoji.flagged.999", "no-emoji", "../x", "no-emoji.check.0"):
        assert visitor.get("/check/", {"example": nonsense}).status_code == 200


def test_markup_in_a_text_is_shown_and_never_obeyed(visitor):
    text = asked(visitor, f"<p>{CLEAN} <script>alert(1)</script><b>\U0001f60a</b></p>")
    assert "<script>alert" not in text


def test_who_asks_too_fast_is_asked_to_wait_and_keeps_the_text(visitor, settings):
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "check_page_anyone": "2/min"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    answers = [visitor.post("/check/", typed(BRIBE)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert "Your text is kept" in answers[2].content.decode()
    assert "we refund 10 dollars" in answers[2].content.decode()
    assert visitor.post("/check/", typed(BRIBE), REMOTE_ADDR="10.0.0.9").status_code == 200  # another visitor


def test_nothing_is_stored_and_nothing_of_it_is_logged(visitor, caplog):
    with caplog.at_level(logging.DEBUG):
        asked(visitor, BRIBE)
    assert not Check.objects.exists()
    assert not Case.objects.exists()
    assert "refund 10 dollars" not in caplog.text
