"""A reviewer's hour at the desk, by keyboard alone."""

import re

import pytest
from django.db import connection

from accounts.roles import Role
from compliance.models import Case, SellerNote, Verdict
from compliance.services import holding
from tests.compliance.desk.makers import draft, submit


@pytest.fixture
def rita(crew):
    return crew(Role.REVIEWER)


@pytest.fixture
def desk(rita, live_seller, browse):
    """The reviewer's first page, with three texts waiting; the first two say the same."""
    for title, body in (
        ("First", None),
        ("Second", None),
        ("Third", "<p>{{ order_id }}: <a href='https://amzn.to/9'>see</a></p>"),
    ):
        submit(live_seller, *([draft(body)] if body else []), title=title)
    connection.set_schema_to_public()
    page = browse(rita)
    page.goto("/review/")
    return page


def case(title: str) -> Case:
    return Case.objects.get(title=title)


def at_case(page, title: str) -> None:
    page.wait_for_url(re.compile(r"/review/cases/[0-9a-f-]+/"))
    page.get_by_role("heading", name=title, level=1).wait_for()


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_next_hands_out_the_first_and_its_keys_decide_it(desk, rita):
    press(desk, "j")
    at_case(desk, "First")
    assert holding.held(rita) == case("First")
    press(desk, "c")  # opens the reasons, the fitting one ticked
    assert desk.locator(".choice[open] .given input:checked").count() == 1
    press(desk, "c")
    at_case(desk, "Second")
    verdict = case("First").verdicts.get()
    assert verdict.answer == Verdict.Answer.CHANGES_REQUESTED
    assert verdict.reasons[0]["text"].startswith("https://amzn.to/")


def test_undo_within_the_window_brings_it_back(desk, rita):
    press(desk, "j")
    at_case(desk, "First")
    press(desk, "a")
    at_case(desk, "Second")
    press(desk, "u")
    at_case(desk, "First")
    assert "waits again" in desk.locator(".notices").inner_text()
    assert holding.held(rita) == case("First")
    assert case("First").approval == "none"


def test_a_rejection_takes_the_reviewers_words_and_sends_by_control_enter(desk):
    press(desk, "j")
    at_case(desk, "First")
    press(desk, "r", "w")
    desk.keyboard.type("It hides a shop. a c r j")  # letters are words in a field
    press(desk, "Control+Enter")
    at_case(desk, "Second")
    verdict = case("First").verdicts.get()
    assert verdict.answer == Verdict.Answer.REJECTED
    assert "It hides a shop. a c r j" in verdict.reason


def test_limits_are_asked_for_and_what_was_typed_stays(desk):
    press(desk, "j")
    at_case(desk, "First")
    press(desk, "l")
    press(desk, "Escape", "l")  # out of the field; once more sends it, without a limit
    desk.get_by_text("Say what limits the approval").wait_for()
    assert not case("First").verdicts.exists()
    desk.locator("#volume").fill("50")
    press(desk, "Control+Enter")
    at_case(desk, "Second")
    assert case("First").verdicts.get().volume == 50


def test_escalating_skipping_and_noting(desk, live_seller):
    press(desk, "j")
    at_case(desk, "First")
    press(desk, "n")
    desk.keyboard.type("Asks for reviews by short link.")
    press(desk, "Control+Enter")
    desk.locator(".note").wait_for()
    assert SellerNote.objects.get(seller=live_seller).text == "Asks for reviews by short link."
    press(desk, "e")
    desk.keyboard.type("Is this link fine?")
    press(desk, "Control+Enter")
    at_case(desk, "Second")
    press(desk, "j")  # skip
    at_case(desk, "Third")
    assert case("First").queue == "escalated"


def test_findings_light_up_in_the_source_and_the_rule_is_a_key_away(desk):
    press(desk, "j")
    at_case(desk, "First")
    press(desk, "f")
    assert desk.locator("mark.lit").inner_text().startswith("https://amzn.to/")
    with desk.context.expect_page() as opened:
        press(desk, "o")
    assert "/rules/link-external/" in opened.value.url


def test_words_marked_in_the_source_are_tied_to_the_reason(desk):
    press(desk, "j")
    at_case(desk, "First")
    press(desk, "c")
    desk.evaluate(
        """() => {
            const pre = document.querySelector('pre.source[data-where=body]'), node = pre.firstChild;
            const range = document.createRange();
            range.setStart(node, 3); range.setEnd(node, 8);
            const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range);
        }"""
    )
    desk.get_by_text("Tied to “Order”").wait_for()
    desk.locator("#code").select_option("101")
    desk.get_by_role("button", name="Request changes").click()
    at_case(desk, "Second")
    given = {reason["code"]: reason for reason in case("First").verdicts.get().reasons}
    assert (given[101]["text"], given[101]["start"], given[101]["end"]) == ("Order", 3, 8)


def test_help_opens_and_no_key_decides_behind_it(desk):
    press(desk, "j")
    at_case(desk, "First")
    press(desk, "?")
    assert desk.locator("#keys").is_visible()
    press(desk, "a")
    press(desk, "Escape")
    assert not desk.locator("#keys").is_visible()
    assert not case("First").verdicts.exists()


def test_the_message_is_shown_in_a_frame_that_runs_nothing(desk):
    press(desk, "j")
    at_case(desk, "First")
    frame = desk.locator("iframe.mail")
    assert frame.get_attribute("sandbox") == ""
    assert "302-4830917-2265401" in desk.frame_locator("iframe.mail").locator("body").inner_text()


def test_a_phone_shows_everything_without_scrolling_sideways(desk):
    desk.set_viewport_size({"width": 390, "height": 844})
    for path in ("/review/", "/review/cases/", "/review/figures/", "/review/audits/", "/review/reasons/"):
        desk.goto(path)
        assert desk.evaluate("document.documentElement.scrollWidth") <= 390, path
