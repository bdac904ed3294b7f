"""The public checker as a visitor uses it: a text pasted, its words underlined while he types, a rewrite put in by one click."""

import re

import pytest

ORDER = "112-4830917-2265401"
TEXT = f"Hello,\n\nthis is about order {ORDER}.\n\nPlease leave us a five star review \U0001f600.\n"
CARD = (
    "Thank you for buying our lamp.\n\nSend us a screenshot of your 5 star review and get a $10 gift card.\n"
)


@pytest.fixture
def page(chromium, site):
    """Of nobody signed in; an error in the page's script fails the test."""
    context, errors = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900}), []
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/check/")
    yield page
    context.close()
    assert not errors


def paste(page, text):
    area = page.locator("textarea[name=body]")
    area.fill(text)
    return area


def underlined(page):
    page.locator(".paper-marks mark").first.wait_for(state="attached")
    return page.locator(".paper-marks mark").all_text_contents()


def answer_of(page):
    return page.locator("#answer")


def test_pasted_words_are_underlined_and_the_rule_named(page):
    paste(page, TEXT)
    assert any("five star review" in words for words in underlined(page))
    answer_of(page).get_by_role(
        "link", name=re.compile("no-positive-only|No particular rating")
    ).first.wait_for()


def test_an_offered_rewrite_is_put_into_the_text_and_the_text_looked_at_again(page):
    area = paste(page, TEXT)
    answer_of(page).get_by_role("button", name="Ask neutrally").click()
    answer_of(page).get_by_role("button", name="Ask neutrally").wait_for(state="detached")
    mended = area.input_value()
    assert "five star" not in mended
    assert "positive or critical" in mended
    assert ORDER in mended


def test_all_rewrites_leave_a_text_that_may_go_out_and_one_undo_brings_words_back(page):
    area = paste(page, TEXT.replace("Hello,", "Hello \U0001f44b,"))
    answer_of(page).get_by_role("button", name=re.compile("Apply all")).click()
    answer_of(page).locator("[data-fix]").first.wait_for(state="detached")
    assert "\U0001f44b" not in area.input_value()
    assert page.locator(".paper-marks mark.block").count() == 0
    area.press("Control+z")
    assert area.input_value() != ""


def test_an_insert_card_is_checked_as_one(page):
    page.locator("select[name=medium]").select_option("insert_card")
    paste(page, CARD)
    words = " ".join(underlined(page))
    assert "gift card" in words
    assert page.locator(".only-mail").is_hidden()


def test_the_words_of_a_finding_are_shown_in_the_text(page):
    area = paste(page, TEXT)
    underlined(page)
    page.locator("#answer button[data-show]").first.click()
    page.wait_for_function("document.activeElement.name == 'body'")
    selected = area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert selected.strip()
    assert selected in TEXT


def test_without_the_script_the_server_does_the_same(chromium, site):
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/check/")
    page.locator("textarea[name=body]").fill(TEXT)
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("button", name="Ask neutrally").click()
    assert "positive or critical" in page.locator("textarea[name=body]").input_value()
    context.close()
