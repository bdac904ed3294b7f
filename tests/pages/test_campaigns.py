"""Campaigns from starter to end, as a person meets them."""

import pytest

from campaigns.models import Campaign
from campaigns.services import lifecycle, readiness, targeting_review
from campaigns.starters.campaigns import STARTERS
from campaigns.views import campaigns as views
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message
from tests.factories.orders import NOW, make_order
from tests.pages.conftest import said


def typed(campaign: Campaign, **changes) -> dict[str, object]:
    """The edit form as it is shown, with some fields typed over."""
    days = campaign.delay_hours // 24
    shown = {
        "revision": campaign.revision, "name": campaign.name, "trigger": campaign.trigger, "delay": days, "delay_unit": "days",
        "window_days": ["1", "2", "3", "4", "5"], "window_from": "09:00", "window_until": "19:00",
        "window_clock": "marketplace", "priority": 0, "when_no_language": "skip",
    }  # fmt: skip
    return {**shown, **changes}


@pytest.fixture
def draft(owner) -> Campaign:
    answer = owner.post("campaign_new", {"starter": STARTERS[0].slug})
    assert "A draft" in said(answer)
    return Campaign.objects.get()


def test_every_starter_can_be_begun_and_its_page_opens(owner, amazon):
    text = owner.get("campaign_new").text
    for starter in STARTERS:
        assert f'value="{starter.slug}"' in text
        owner.post("campaign_new", {"starter": starter.slug})
    assert Campaign.objects.count() == len(STARTERS)
    for campaign in Campaign.objects.all():
        assert owner.get("campaign", campaign=campaign.public_id).status_code == 200
        assert owner.get("campaign_edit", campaign=campaign.public_id).status_code == 200


def test_a_starter_that_does_not_exist_is_named(owner):
    assert "no such starter" in said(owner.post("campaign_new", {"starter": "\0nonsense"}))
    assert not Campaign.objects.exists()


def test_before_it_can_be_switched_on_it_says_what_is_missing_and_where(owner, draft):
    text = owner.get("campaign", campaign=draft.public_id).text
    assert "Before it can be switched on" in text
    assert "No Amazon account is connected" in text
    assert owner.url("connection") in text
    refused = owner.post("campaign_move", campaign=draft.public_id, move="activate")
    assert "No Amazon account is connected" in said(refused)


def test_on_pause_on_again_and_end_each_say_what_they_did(owner, amazon, draft):
    for move, state, words in (
        ("activate", "active", "Switched on."), ("pause", "paused", "Paused."),
        ("resume", "active", "Resumed."), ("end", "ended", "Ended."),
    ):  # fmt: skip
        assert words in said(owner.post("campaign_move", campaign=draft.public_id, move=move))
        draft.refresh_from_db()
        assert draft.state == state
        assert owner.get("campaign", campaign=draft.public_id).status_code == 200
    refused = said(owner.post("campaign_move", campaign=draft.public_id, move="activate"))
    assert "ended" in refused
    assert "no such action" in said(owner.post("campaign_move", campaign=draft.public_id, move="fly"))


def test_the_forecast_counts_orders_and_names_some_that_are_left_out(owner, amazon, draft):
    from datetime import timedelta

    from django.utils import timezone

    bought = timezone.now() - timedelta(days=9)
    make_order(purchased_at=bought, delivered_at=bought + timedelta(days=1), relay_address_sealed="")
    gone = make_order(purchased_at=bought, status="CANCELLED")
    text = owner.get("campaign", campaign=draft.public_id).text
    assert "of 2 orders would get it" in text
    assert gone.amazon_order_id in text


def test_an_edit_is_saved_and_counted(owner, amazon):
    campaign = make_campaign()
    answer = owner.post(
        "campaign_edit", typed(campaign, name="Renamed <b>", delay=9), campaign=campaign.public_id
    )
    assert answer.status_code == 302, answer.text
    assert "Saved." in said(answer)
    campaign.refresh_from_db()
    assert (campaign.name, campaign.delay_hours) == ("Renamed <b>", 9 * 24)
    text = owner.get("campaign", campaign=campaign.public_id).text
    assert "Renamed &lt;b&gt;" in text
    assert "Renamed <b>" not in text


@pytest.mark.parametrize(
    ("field", "changes", "words"),
    [
        ("name", {"name": ""}, "This field is required."),
        ("delay", {"delay": "soon"}, "Enter a whole number."),
        ("delay", {"delay": 40}, "choose a delay below 30 days"),
        ("window_until", {"window_from": "20:00", "window_until": "08:00"}, "must close after it opens"),
        ("window_days", {"window_days": []}, "This field is required."),
        ("include_asins", {"include_asins": "nope"}, "is no ASIN"),
        ("price_currency", {"price_min": "10"}, "currency"),
        ("price_min", {"price_min": "NaN", "price_currency": "EUR"}, "Enter a number."),
        ("price_min", {"price_min": "1e400", "price_currency": "EUR"}, ""),
        ("quantity_max", {"quantity_min": "5", "quantity_max": "2"}, ""),
        ("marketplaces", {"marketplaces": ["MOON"]}, "Select a valid choice"),
        ("include_skus", {"include_skus": "a\0b"}, "Null characters are not allowed."),
        ("priority", {"priority": "99999999999"}, "less than or equal"),
        ("revision", {"revision": ""}, ""),
    ],
)
def test_wrong_input_keeps_what_was_typed_and_names_the_field(owner, amazon, field, changes, words):
    campaign = make_campaign()
    answer = owner.post(
        "campaign_edit", typed(campaign, **{"name": "Typed by me", **changes}), campaign=campaign.public_id
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text or field == "revision"
    assert f'id="id_{field}_error"' in answer.text or field == "revision"
    assert "Typed by me" in answer.text or field == "name"
    campaign.refresh_from_db()
    assert campaign.name == "Review request"


def test_a_field_is_tied_to_its_help_and_to_what_is_wrong_with_it(owner, amazon):
    campaign = make_campaign()
    text = owner.post(
        "campaign_edit", typed(campaign, include_asins="nope"), campaign=campaign.public_id
    ).text
    assert 'aria-describedby="id_include_asins_helptext id_include_asins_error"' in text
    assert 'id="id_include_asins_helptext"' in text


def test_an_edit_of_what_somebody_else_changed_is_refused_with_the_words_kept(owner, amazon):
    campaign = make_campaign()
    stale = typed(campaign, name="Mine")
    owner.post("campaign_edit", typed(campaign, name="Theirs"), campaign=campaign.public_id)
    answer = owner.post("campaign_edit", stale, campaign=campaign.public_id)
    assert answer.status_code == 422
    assert "changed meanwhile" in answer.text
    assert 'value="Mine"' in answer.text


def test_choosing_buyers_by_satisfaction_goes_to_a_person(owner, amazon, draft):
    owner.post("campaign_edit", typed(draft, skip_refunded="on"), campaign=draft.public_id)
    page = owner.get("campaign", campaign=draft.public_id).text
    assert "Submit for review" in page
    answer = owner.post("campaign_move", campaign=draft.public_id, move="submit")
    assert "A person looks" in said(answer)
    waiting = owner.get("campaign", campaign=draft.public_id).text
    assert "A person looks at whom it writes to" in waiting
    assert "Submit the campaign for review" not in waiting


def test_the_page_works_out_once_what_stands_in_the_way(owner, amazon, draft, monkeypatch):
    asked = []

    def counted(campaign):
        asked.append(campaign)
        return readiness.activation_problems(campaign)

    for module in (lifecycle, targeting_review):
        monkeypatch.setattr(module, "activation_problems", counted)
    assert views.lifecycle is lifecycle
    owner.get("campaign", campaign=draft.public_id)
    assert len(asked) == 1


def test_the_page_costs_the_same_with_many_messages(owner, amazon, django_assert_max_num_queries):
    campaign = make_mail_campaign()
    make_message(make_order(), campaign)
    owner.get("campaign", campaign=campaign.public_id)
    with django_assert_max_num_queries(60) as few:
        owner.get("campaign", campaign=campaign.public_id)
    for _ in range(10):
        make_message(make_order(), campaign)
    with django_assert_max_num_queries(len(few)):
        owner.get("campaign", campaign=campaign.public_id)


def test_stored_filters_that_cannot_be_read_do_not_break_the_page(owner, amazon):
    campaign = make_campaign()
    Campaign.objects.filter(pk=campaign.pk).update(filters={"by_moon": 1}, state="draft")
    page = owner.get("campaign", campaign=campaign.public_id)
    assert page.status_code == 200
    assert "cannot be read" in page.text


def test_a_viewer_looks_an_author_writes_and_neither_switches(viewer, browse, amazon):
    from accounts.roles import Role

    author = browse(Role.SELLER_AUTHOR)
    campaign = make_campaign(state="draft")
    seen = viewer.get("campaign", campaign=campaign.public_id).text
    assert "Switch on" not in seen
    assert ">Edit<" not in seen
    assert viewer.get("campaign_new").status_code == 403
    assert viewer.get("campaign_edit", campaign=campaign.public_id).status_code == 403
    assert viewer.post("campaign_move", campaign=campaign.public_id, move="activate").status_code == 403
    written = author.get("campaign", campaign=campaign.public_id).text
    assert ">Edit<" in written
    assert "Switch on</button>" not in written
    refused = author.post("campaign_move", campaign=campaign.public_id, move="activate")
    assert "Your role may not switch campaigns" in said(refused)
    campaign.refresh_from_db()
    assert campaign.state == "draft"


def test_why_somebody_is_left_out_is_kept_and_reaches_the_reviewer(owner, amazon, draft):
    reason = "Refunds are settled by our service desk."
    owner.post("campaign_edit", typed(draft, skip_refunded="on", note=reason), campaign=draft.public_id)
    draft.refresh_from_db()
    assert draft.note == reason
    assert reason in owner.get("campaign_edit", campaign=draft.public_id).text
    assert reason in owner.get("campaign", campaign=draft.public_id).text
    [problem] = [p for p in readiness.activation_problems(draft) if p.code == "targeting_needs_review"]
    assert reason in problem.sentence


def test_a_campaign_that_asks_for_no_opinion_needs_no_reason(owner, amazon):
    invoice = make_mail_campaign(purpose="invoice", state="draft")
    assert "Why these orders" not in owner.get("campaign_edit", campaign=invoice.public_id).text


def test_whether_returned_and_refunded_orders_are_asked_is_said_either_way(owner, amazon, draft):
    form = owner.get("campaign_edit", campaign=draft.public_id).text
    assert "Leave out returned orders" in form
    assert "a person looks" in form
    assert 'name="skip_returned" id="id_skip_returned" checked' not in form.replace("  ", " ")
    page = owner.get("campaign", campaign=draft.public_id).text
    assert "Who sent something back or got money back is asked like everybody else" in page
    owner.post(
        "campaign_edit",
        typed(draft, skip_returned="on", note="There is no product."),
        campaign=draft.public_id,
    )
    page = owner.get("campaign", campaign=draft.public_id).text
    assert "Returned orders are left out" in page
    assert "Who got money back is asked like everybody else" in page
    assert "There is no product." in page


def test_an_order_left_out_for_its_return_says_so(owner, amazon):
    make_campaign(filters={"returned": "exclude"}, name="Choosy")
    make_campaign(name="Everybody", priority=-1)
    order = make_order(returned_at=NOW)
    text = owner.get("order", order=order.amazon_order_id).text
    assert "and the campaign is set to leave returned orders out" in text
    assert "the campaign leaves nobody out for it" in text
