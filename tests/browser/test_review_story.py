"""One text from its first doubtful words to its buyers, and an answer that another person overturned: both sides in browsers.

The author writes, mends and appeals; two reviewers decide by keyboard; what beat and workers do is done by their own code in
this process; the mail goes out through the sandbox's relay.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts import fuse
from accounts.models import Connection, Seller, SellerDue, User
from accounts.roles import Role
from accounts.tenancy import seller_context
from campaigns.models import Campaign, Message, Template, TemplateVersion
from campaigns.services import starting
from compliance.models import Case, Verdict
from compliance.selectors import records
from compliance.services import holding
from compliance.views.desk import acts
from tests.support import living
from tests.support.sandbox import SandboxControl, running_sandbox

pytestmark = pytest.mark.timeout(240)

GB = "A1F83G8C2ARO7P"
SUBJECT = "Your order {{ order_id }}"
#: Two doubts: a link that hides where it leads, which is sent back, and an appeal to sympathy, which is let be.
BODY = (
    "<p>Your order {{ order_id }} has arrived.</p>"
    '<p>Look at <a href="https://amzn.to/3xyzabc">the page of your order</a>.</p>'
    "<p>Our small family team packed it by hand.</p><p>You can leave a review on Amazon.</p>"
)
MORE = "<p>It would mean the world to us.</p>"
STEP = timedelta(hours=1)  # of the ramp, in which one message goes at a time
SECONDS = 1  # of the window for undoing, so that nobody waits for ten


@pytest.fixture(scope="module")
def box() -> Iterator[SandboxControl]:
    with running_sandbox() as started:
        yield started


@pytest.fixture
def people(crew: Callable[..., User], live_seller: Seller) -> dict[str, User]:
    return {
        "author": crew(Role.SELLER_MANAGER, live_seller),
        "rita": crew(Role.REVIEWER),
        "omar": crew(Role.REVIEWER),
    }


@pytest.fixture
def shop(
    people: dict[str, User], live_seller: Seller, box: SandboxControl, settings: Any, tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Connection]:  # fmt: skip
    living.live_in(box, settings, tmp_path)
    settings.REVIEW_KNOWN_EVERY = 0
    settings.RAMP_STEP, settings.RAMP_EVERY = 1, STEP
    monkeypatch.setattr(acts, "UNDO_WINDOW", timedelta(seconds=SECONDS))
    mail.outbox.clear()
    yield living.connect(live_seller, box, (GB,))
    connection.set_tenant(live_seller)
    fuse.disarm()


def delivered_order(box: SandboxControl, account: Connection) -> str:
    def days_ago(days: int) -> str:
        return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds").replace("+00:00", "Z")

    told = box.make_order(
        account.selling_partner_id, marketplace=GB, fulfilled_by="MERCHANT", status="SHIPPED", created_at=days_ago(13),
        shipped_at=days_ago(12), delivered_at=days_ago(9), items=[{"title": "Copper kettle, 2 litres", "quantity": 1}],
    )  # fmt: skip
    return str(told["order_id"])


def a_campaign(seller: Seller, text: Template) -> Campaign:
    """A draft that mails the text five days after delivery, at any hour."""
    with seller_context(seller.pk):
        made = starting.begin("review-mail-fbm-day-5", actor=None, now=timezone.now())
        always = {"window_from": clock(0), "window_until": clock.max, "window_days": [1, 2, 3, 4, 5, 6, 7]}
        Campaign.objects.filter(pk=made.pk).update(template=text, **always)
        return made


def time_passes(seller: Seller, span: timedelta = timedelta()) -> None:
    """The window for undoing is over, `span` since the first message went, and what was planned for later has become due."""
    time.sleep(SECONDS + 0.2)
    living.work()
    with seller_context(seller.pk):
        TemplateVersion.objects.update(first_sent_at=F("first_sent_at") - span)
        Message.objects.filter(state="planned").update(due_at=timezone.now() - timedelta(seconds=1))
    SellerDue.objects.filter(kind="messages.due", seller=seller).update(due_at=timezone.now())
    living.work()


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def get_next(page: Any) -> str:
    """*Next* on the desk, by keyboard; the case's heading."""
    page.goto("/review/")
    press(page, "j")
    page.wait_for_url(re.compile(r"/review/cases/[0-9a-f-]+/"))
    return str(page.get_by_role("heading", level=1).inner_text())


def decided(page: Any) -> None:
    """It was taken, and can be undone from whatever page followed: its address says so, also when the window is over."""
    page.wait_for_url(re.compile(r"[?]undo=[0-9a-f-]+$"))


def submit(page: Any, body: str) -> None:
    page.locator("textarea[data-marked]").fill(body)
    page.get_by_role("button", name="Save and submit").click()


def mails_to_buyers(box: SandboxControl) -> list[dict[str, Any]]:
    return [row for row in box.ledger("mails") if not row.get("silently_blocked")]


def reasons(seller: Seller) -> list[tuple[str, str]]:
    """Why something did not go out, should this fail."""
    with seller_context(seller.pk):
        return list(Message.objects.values_list("state", "reason"))


def test_from_doubtful_words_to_the_buyer_and_an_appeal_that_is_heard(
    shop: Connection,
    live_seller: Seller,
    people: dict[str, User],
    browse: Callable[[User], Any],
    box: SandboxControl,
):
    connection.set_schema_to_public()
    author, rita, omar = (browse(people[name]) for name in ("author", "rita", "omar"))
    author.on("dialog", lambda dialog: dialog.accept())
    place = f"/s/{live_seller.slug}"
    orders = {delivered_order(box, shop), delivered_order(box, shop)}

    # The author writes a doubtful text, sees why while typing, and submits it.
    author.goto(f"{place}/texts/new/")
    author.get_by_label("Name").fill("Review by mail")
    author.get_by_label("Purpose").select_option("review_request")
    author.get_by_role("button", name="Begin").click()
    author.locator("input[name$=subject]").fill(SUBJECT)
    author.locator("textarea[data-marked]").fill(BODY)
    author.get_by_text("A person will look").wait_for()
    author.locator(".finding", has_text="hides where it leads").wait_for()
    author.locator(".finding", has_text="family team").wait_for()
    author.get_by_role("button", name="Save and submit").click()
    author.get_by_text("Waiting for a person").wait_for()
    author.get_by_text("Expected by").wait_for()
    with seller_context(live_seller.pk):
        text = Template.objects.get()
    editor = f"{place}/texts/{text.public_id}/"

    # A reviewer gets it with Next, lets the family be, and asks for the link to be changed.
    assert get_next(rita) == "Review by mail v1"
    press(rita, "c")
    assert rita.locator(".choice[open] .given input:checked").count() == 2
    press(rita, "2", "c")
    decided(rita)
    time_passes(live_seller)
    asked = Verdict.objects.get(case__seller=live_seller)
    assert asked.answer == Verdict.Answer.CHANGES_REQUESTED
    assert [reason["text"] for reason in asked.reasons] == ["https://amzn.to/3xyzabc"]

    # The author is told by mail and on the page, and mends it with one click.
    assert [m.to for m in mail.outbox] == [[people["author"].email]]
    author.goto(editor)
    author.locator(".told mark", has_text="https://amzn.to/3xyzabc").wait_for()
    author.get_by_role("button", name="Fix and resubmit").click()
    author.get_by_text("Mended, as version 2.").wait_for()
    mended = author.locator("textarea[data-marked]").input_value()
    assert "3xyzabc" not in mended
    assert "family team" in mended

    # The reviewer approves what is left.
    assert get_next(rita) == "Review by mail v2"
    press(rita, "a")
    decided(rita)
    time_passes(live_seller)
    author.goto(editor)
    author.locator(".told", has_text="Approved").wait_for()

    # Messages go out: of a new version one at a time.
    campaign = a_campaign(live_seller, text)
    author.goto(f"{place}/campaigns/{campaign.public_id}/")
    author.get_by_role("button", name="Switch on").click()
    author.get_by_text("Switched on.").wait_for()
    time_passes(live_seller)
    [first] = mails_to_buyers(box)
    author.goto(f"{place}/messages/?state=sent")
    author.get_by_text(first["order_id"]).wait_for()

    # A second version is edited while the first sends.
    author.goto(editor)
    submit(author, mended + MORE)
    author.get_by_text("is approved and keeps sending").first.wait_for()
    time_passes(live_seller, STEP)
    assert {row["order_id"] for row in mails_to_buyers(box)} == orders, reasons(live_seller)
    with seller_context(live_seller.pk):
        sent = set(Message.objects.filter(state="sent").values_list("version__number", flat=True))
    assert sent == {2}

    # It is rejected in the reviewer's own words; the first version goes on.
    assert get_next(rita) == "Review by mail v3"
    press(rita, "r", "w")
    rita.keyboard.type("Buyers are not there to please you.")
    press(rita, "Control+Enter")
    decided(rita)
    time_passes(live_seller)
    author.goto(editor)
    author.locator(".told.bad", has_text="Buyers are not there to please you.").wait_for()
    author.get_by_text("Version 2 is approved and keeps sending").wait_for()

    # The author appeals; who rejected it is not handed it, and does not hear it.
    author.get_by_role("link", name="Appeal").click()
    author.locator("textarea[name=words]").fill("It thanks, and asks for nothing.")
    author.get_by_role("button", name="Send the appeal").click()
    author.locator(".told", has_text="Your appeal waits").wait_for()
    appealed = Case.objects.get(seller=live_seller, title="Review by mail v3")
    rita.goto("/review/")
    press(rita, "j")
    rita.get_by_text("Nothing waits for you here").wait_for()
    rita.goto(f"/review/cases/{appealed.public_id}/")
    rita.get_by_text("now another person has to").wait_for()

    # Another person does, and overturns it.
    assert get_next(omar) == "Review by mail v3"
    omar.get_by_text("It thanks, and asks for nothing.").first.wait_for()
    assert holding.held(people["omar"]) == appealed
    press(omar, "a")
    decided(omar)
    time_passes(live_seller)
    author.goto(editor)
    author.locator(".told", has_text="Approved").wait_for()
    assert author.locator(".told", has_text="Rejected").count() == 0
    overturning = appealed.verdicts.latest("pk")
    assert overturning.corrects.reviewer == people["rita"]
    assert overturning.reviewer == people["omar"]
    assert "approved" in mail.outbox[-1].subject
    record = records.record_of(live_seller, timezone.now())
    assert (record.overturned, record.recent_sent_back) == (1, 1), (
        "only the first version's changes count against it"
    )
