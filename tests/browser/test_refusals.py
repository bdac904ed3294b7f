"""What comes too late, at the desk and for the seller: a sentence says what happened and what to do, and nothing changes."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.roles import Role
from accounts.tenancy import seller_context
from campaigns.domain.vocabulary import Channel
from campaigns.models import Template
from campaigns.services import templates, verdicts
from campaigns.services.templates import TextInput
from compliance.models import Appeal, Case, Verdict
from compliance.services import deciding, holding
from compliance.services.deciding import Decision
from tests.compliance.desk.makers import DOUBTFUL

A = Verdict.Answer


@pytest.fixture
def people(crew, live_seller):
    return {
        "author": crew(Role.SELLER_MANAGER, live_seller), "rita": crew(Role.REVIEWER), "omar": crew(Role.REVIEWER),
    }  # fmt: skip


@pytest.fixture
def text(people, live_seller, settings) -> Template:
    """Handed in, and waiting."""
    settings.REVIEW_KNOWN_EVERY = 0
    made = templates.create(
        "Ask", channel=Channel.RELAY_EMAIL, purpose="review_request", user=people["author"],
        texts=[TextInput("en", "Order {{ order_id }}", DOUBTFUL, "html")],
    )  # fmt: skip
    templates.submit(templates.newest_version(made), user=people["author"], now=timezone.now())
    connection.set_schema_to_public()
    return made


@pytest.fixture
def rita(people, text, browse):
    """At the case's page, which she holds."""
    page = browse(people["rita"])
    page.goto("/review/")
    page.keyboard.press("j")
    page.wait_for_url(re.compile(r"/review/cases/[0-9a-f-]+/"))
    return page


def case_of(text: Template) -> Case:
    return Case.objects.filter(series_id=text.public_id).earliest("pk")


def resubmit(text: Template, people, seller) -> None:
    changed = TextInput("en", "Order {{ order_id }}", DOUBTFUL.replace("page", "site"), "html")
    with seller_context(seller.pk):
        version = templates.save_draft(text, [changed], based_on=1, user=people["author"])
        templates.submit(version, user=people["author"], now=timezone.now())


def lapse(text: Template, people, seller) -> None:
    Case.objects.filter(pk=case_of(text).pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def decide_elsewhere(text: Template, people, seller) -> None:
    lapse(text, people, seller)
    holding.take(case_of(text).pk, people["omar"])
    decision = Decision(A.REJECTED, "A short link.")
    deciding.decide(case_of(text).pk, decision, reviewer=people["omar"], now=timezone.now())


def take_elsewhere(text: Template, people, seller) -> None:
    lapse(text, people, seller)
    holding.take(case_of(text).pk, people["omar"])


@pytest.mark.parametrize(
    ("happen", "told", "to_do"),
    [
        (resubmit, "a newer version took its place", "go on to the next"),
        (lapse, "ended after five minutes without activity", "take it again"),
        (decide_elsewhere, "was decided meanwhile", "open it again to see how"),
        (take_elsewhere, "works on “Ask v1”", "Take another one"),
    ],
)
def test_a_decision_that_comes_too_late(rita, text, people, live_seller, happen, told, to_do):
    happen(text, people, live_seller)
    before = Case.objects.filter(pk=case_of(text).pk).values().get(), case_of(text).verdicts.count()
    rita.keyboard.press("a")
    refusal = rita.locator(".notice.bad[role=alert]")
    refusal.wait_for()
    assert "Nothing was decided." in refusal.inner_text()
    assert told in refusal.inner_text()
    assert to_do in refusal.inner_text()
    assert (Case.objects.filter(pk=case_of(text).pk).values().get(), case_of(text).verdicts.count()) == before


def test_a_lapsed_hold_is_taken_again_by_a_key_with_what_was_typed(rita, text, people, live_seller):
    lapse(text, people, live_seller)
    for key in ("r", "w"):
        rita.keyboard.press(key)
    rita.keyboard.type("It hides a shop.")
    rita.keyboard.press("Control+Enter")
    rita.locator(".notice.bad[role=alert]").wait_for()
    rita.keyboard.press("t")
    rita.get_by_text("You hold it until").wait_for()
    assert holding.held(people["rita"]) == case_of(text)
    assert rita.locator("#words-c").input_value() == "It hides a shop."
    rita.locator("#words-c").focus()
    rita.keyboard.press("Control+Enter")
    rita.locator(".notice.undo").wait_for()
    assert "It hides a shop." in case_of(text).verdicts.get().reason


def test_an_appeal_that_comes_too_late_or_twice(rita, text, people, live_seller, browse):
    decide_elsewhere(text, people, live_seller)
    with seller_context(live_seller.pk):
        verdicts.read_verdicts(timezone.now())
    author = browse(people["author"])
    form = f"/s/{live_seller.slug}/texts/{text.public_id}/appeal/"
    author.goto(form)
    other = author.context.new_page()  # the same form, open twice
    other.goto(form)
    send(author, "It is ours.")
    author.locator(".told", has_text="Your appeal waits").wait_for()
    send(other, "It is ours, really.")
    other.get_by_text("This verdict was appealed before.").wait_for()
    assert other.locator("textarea[name=words]").input_value() == "It is ours, really."
    assert Appeal.objects.filter(case=case_of(text)).count() == 1


def test_an_appeal_after_fourteen_days(text, people, live_seller, browse):
    holding.take(case_of(text).pk, people["omar"])
    long_ago = timezone.now() - timedelta(days=15)
    decision = Decision(A.REJECTED, "A short link.")
    deciding.decide(case_of(text).pk, decision, reviewer=people["omar"], now=long_ago)
    with seller_context(live_seller.pk):
        verdicts.read_verdicts(timezone.now())
    author = browse(people["author"])
    author.goto(f"/s/{live_seller.slug}/texts/{text.public_id}/")
    author.get_by_text("A verdict can be appealed for 14 days.").wait_for()
    assert author.get_by_role("link", name="Appeal").count() == 0
    author.goto(f"/s/{live_seller.slug}/texts/{text.public_id}/appeal/")
    send(author, "It is ours.")
    author.get_by_text("Change the text and submit it anew instead.").first.wait_for()
    assert not Appeal.objects.filter(case=case_of(text)).exists()


def send(page, words: str) -> None:
    page.locator("textarea[name=words]").fill(words)
    page.get_by_role("button", name="Send the appeal").click()
