"""One message's page: its reason, its words, what happened, and what a person may do."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Message, MessageEvent
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message
from tests.factories.orders import GB, make_order
from tests.pages.conftest import said


def uncertain(**fields) -> Message:
    return make_message(
        make_order(), make_mail_campaign(), state="uncertain", reason="outcome_unknown",
        **{"expires_at": timezone.now() + timedelta(days=5), **fields},
    )  # fmt: skip


def test_a_sent_message_is_shown_in_a_frame_that_can_run_nothing(owner):
    body = '<p>Hello</p><script>alert(1)</script>" onload="alert(2)'
    message = make_message(
        make_order(), make_mail_campaign(), state="sent", sent_at=timezone.now(), subject="A <b>subject</b>",
        body=body, body_format="html",
    )  # fmt: skip
    text = owner.get("message", message=message.public_id).text
    assert "As it was sent" in text
    [frame] = list(text.split("<iframe")[1:])
    frame = frame.split("</iframe>")[0]
    assert " sandbox " in frame
    assert "allow-scripts" not in frame
    assert "&lt;script&gt;" in frame
    assert "<script" not in frame
    assert '"alert(2)' not in frame
    assert "A &lt;b&gt;subject" in text


def test_a_plain_message_is_escaped(owner):
    message = make_message(
        make_order(),
        make_mail_campaign(),
        state="sent",
        sent_at=timezone.now(),
        body="Hi <img src=x>",
        body_format="text",
    )
    text = owner.get("message", message=message.public_id).text
    assert "Hi &lt;img src=x&gt;" in text


def test_a_blocked_message_shows_the_words_and_where_they_come_from(owner, amazon):
    campaign = make_mail_campaign()
    text_of_it = campaign.template.approved.texts.get()
    text_of_it.body = "About your order {{ order_id }}: {{ product_title }}. Is everything well?"
    text_of_it.save()
    order = make_order(marketplace_id=GB, items=[{"title": "Glow lamp \N{PARTY POPPER} <b>new</b>"}])
    message = make_message(
        order, campaign, version=campaign.template.approved, state="blocked", reason="text_blocked",
        reason_detail={"findings": [{"rule": "no-emoji", "message": "An emoji."}]},
    )  # fmt: skip
    text = owner.get("message", message=message.public_id).text
    assert "breaks a rule" in text
    assert "<mark" in text
    assert "\N{PARTY POPPER}</mark>" in text
    assert "They come from a product" in text
    assert "<b>new" not in text
    assert owner.url("template_edit", text=campaign.template.public_id) in text


def test_a_message_whose_words_are_forgotten_says_so(owner):
    message = make_message(make_order(), make_mail_campaign(), state="sent", sent_at=timezone.now())
    assert "forgotten" in owner.get("message", message=message.public_id).text


@pytest.mark.parametrize(
    "state", ["planned", "held", "skipped", "blocked", "refused", "expired", "cancelled"]
)
@pytest.mark.parametrize("make", [make_campaign, make_mail_campaign])
def test_every_state_has_a_page_with_its_reason(owner, state, make):
    reason = "" if state == "planned" else "campaign_paused"
    campaign = make()
    version = campaign.template.approved if campaign.template else None
    message = make_message(make_order(), campaign, version=version, state=state, reason=reason)
    page = owner.get("message", message=message.public_id)
    assert page.status_code == 200
    assert ("The campaign is paused." in page.text) == bool(reason)


def test_a_reason_nobody_knows_any_more_does_not_break_the_page(owner):
    message = make_message(
        make_order(),
        make_campaign(),
        state="skipped",
        reason="from_long_ago",
        reason_detail={"findings": [{}]},
    )
    assert owner.get("message", message=message.public_id).status_code == 200
    assert "From long ago." in owner.get("messages").text


def test_history_names_who_did_it_in_one_query(owner, django_assert_max_num_queries):
    message = uncertain()
    for _ in range(2):
        MessageEvent.objects.create(
            message=message, before="on_wire", after="uncertain", actor_id=owner.user.pk
        )
    owner.get("message", message=message.public_id)
    with django_assert_max_num_queries(60) as few:
        page = owner.get("message", message=message.public_id)
    assert f"by {owner.user.email}" in page.text
    for _ in range(10):
        MessageEvent.objects.create(
            message=message, before="on_wire", after="uncertain", actor_id=owner.user.pk
        )
    with django_assert_max_num_queries(len(few)):
        owner.get("message", message=message.public_id)


@pytest.mark.parametrize(
    ("move", "state", "words"),
    [
        ("it-went", "sent", "it counts as sent"),
        ("send-again", "planned", "goes out again with the next turn"),
        ("leave", "uncertain", "asks for no attention any more"),
    ],
)
def test_a_person_settles_an_uncertain_message_and_is_told_what_happened(owner, move, state, words):
    message = uncertain()
    assert words in said(owner.post("message_move", message=message.public_id, move=move))
    message.refresh_from_db()
    assert message.state == state


def test_what_is_settled_offers_nothing_more_and_refuses_a_second_time(owner):
    message = uncertain()
    owner.post("message_move", message=message.public_id, move="leave")
    assert "Send again" not in owner.get("message", message=message.public_id).text
    sent = make_message(make_order(), make_campaign(), state="sent", sent_at=timezone.now())
    assert "Nothing was changed." in said(owner.post("message_move", message=sent.public_id, move="it-went"))
    assert "no such action" in said(owner.post("message_move", message=sent.public_id, move="dance"))


def test_what_is_out_of_time_is_not_offered_to_be_sent_again(owner):
    message = uncertain(expires_at=timezone.now() - timedelta(days=1))
    text = owner.get("message", message=message.public_id).text
    assert "It went" in text
    assert "Send again</button>" not in text


def test_a_viewer_settles_nothing(viewer):
    message = uncertain()
    assert "It went" not in viewer.get("message", message=message.public_id).text.split("<main")[1].replace(
        "“It went”", ""
    )
    assert viewer.post("message_move", message=message.public_id, move="it-went").status_code == 403


def test_no_such_message_is_nothing(owner):
    assert owner.get("message", message=uuid.uuid4()).status_code == 404
