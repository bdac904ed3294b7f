"""One order's page, writing to it by hand, and the do-not-write list."""

from campaigns.models import Message, Suppression
from tests.factories.campaigns import make_campaign, make_message, suppress
from tests.factories.orders import make_order
from tests.pages.conftest import said


def test_an_order_tells_its_story_and_every_campaigns_answer(owner, amazon):
    order = make_order(items=[{"title": "<b>Pad</b>"}])
    campaign = make_campaign(name="<i>Ask</i>")
    make_message(order, campaign, state="held", reason="campaign_paused")
    text = owner.get("order", order=order.amazon_order_id).text
    assert "The order was placed." in text
    assert "Held: the campaign is paused." in text
    assert "Every condition" in text
    assert "&lt;b&gt;Pad" in text
    assert "<b>Pad" not in text
    assert "<i>Ask" not in text


def test_an_order_without_a_campaign_offers_to_begin_one_only_to_those_who_may(owner, viewer):
    order = make_order()
    assert "Begin with a starter" in owner.get("order", order=order.amazon_order_id).text
    assert "Begin with a starter" not in viewer.get("order", order=order.amazon_order_id).text


def test_the_order_page_asks_as_often_for_one_item_as_for_twenty(owner, django_assert_max_num_queries):
    make_campaign()
    small, large = make_order(), make_order(items=[{} for _ in range(20)])
    owner.get("order", order=small.amazon_order_id)
    with django_assert_max_num_queries(60) as few:
        owner.get("order", order=small.amazon_order_id)
    with django_assert_max_num_queries(len(few)):
        owner.get("order", order=large.amazon_order_id)


def test_an_unknown_or_impossible_order_is_nothing(owner):
    assert owner.get("order", order="302-0000000-0000000").status_code == 404
    assert owner.client.get(owner.url("orders") + "%00/").status_code == 404
    assert owner.client.get(owner.url("orders") + "x" * 500 + "/").status_code == 404


def test_an_order_is_put_on_the_list_and_says_so(owner):
    order = make_order()
    make_message(order, make_campaign())
    answer = owner.post("order_suppress", order=order.amazon_order_id)
    assert "one waiting message was stopped" in said(answer)
    assert "Nobody writes to this order" in owner.get("order", order=order.amazon_order_id).text


def test_the_list_takes_an_order_names_an_unknown_one_and_gives_it_back(owner):
    order = make_order()
    wrong = owner.post("suppressions", {"order_id": "302-9999999-9999999", "note": "They <asked>"})
    assert wrong.status_code == 422
    assert "There is no order" in wrong.text
    assert 'value="302-9999999-9999999"' in wrong.text
    assert 'value="They &lt;asked&gt;"' in wrong.text
    right = owner.post("suppressions", {"order_id": f" {order.amazon_order_id.lower()} "})
    assert f"{order.amazon_order_id} is on the list" in said(right)
    row = Suppression.objects.get(value=order.amazon_order_id)
    assert "Taken off the list" in said(owner.post("suppression_remove", suppression=row.pk))
    assert not Suppression.objects.exists()


def test_a_viewer_sees_no_buttons_and_is_refused(viewer):
    order = make_order()
    row = suppress(order.amazon_order_id)
    page = viewer.get("order", order=order.amazon_order_id).text
    assert "Write a message" not in page
    assert "<button" not in viewer.get("suppressions").text.split("<main")[1].replace("<button>Search", "")
    assert viewer.post("order_suppress", order=order.amazon_order_id).status_code == 403
    assert viewer.post("suppressions", {"order_id": order.amazon_order_id}).status_code == 403
    assert viewer.post("suppression_remove", suppression=row.pk).status_code == 403
    assert viewer.get("message_new", order=order.amazon_order_id).status_code == 403
    assert Suppression.objects.count() == 1


WORDS = {
    "channel": "relay_email",
    "purpose": "order_problem",
    "language": "en",
    "subject": "About your order",
}


def test_a_message_by_hand_is_queued_and_says_so(owner, amazon):
    order = make_order()
    body = f"Your order {order.amazon_order_id} will arrive a day later than promised."
    answer = owner.post("message_new", {**WORDS, "body": body}, order=order.amazon_order_id)
    assert answer.status_code == 302, answer.text
    [message] = Message.objects.all()
    assert message.body == body
    assert "goes out with the next turn" in said(answer) or "A person looks at it first" in said(answer)


def test_a_message_that_breaks_a_rule_is_kept_as_typed_with_its_findings(owner, amazon):
    order = make_order()
    body = f"About order {order.amazon_order_id}: a free gift if you leave a 5 star review! <b>Now</b>"
    answer = owner.post("message_new", {**WORDS, "body": body}, order=order.amazon_order_id)
    assert answer.status_code == 422
    assert "no-incentive" in answer.text
    assert "&lt;b&gt;Now" in answer.text
    assert "<b>Now" not in answer.text
    assert not Message.objects.exists()


def test_each_field_of_a_message_by_hand_says_what_is_missing(owner, amazon):
    order = make_order()
    amazon_kind = owner.post(
        "message_new", {**WORDS, "channel": "messaging", "body": "Hi"}, order=order.amazon_order_id
    )
    assert "Choose what the Amazon message is about." in amazon_kind.text
    no_subject = owner.post(
        "message_new", {**WORDS, "subject": " ", "body": "Hi"}, order=order.amazon_order_id
    )
    assert "Give the mail a subject." in no_subject.text
    nonsense = owner.post(
        "message_new", {"channel": "fax", "purpose": "x", "body": "\0"}, order=order.amazon_order_id
    )
    assert nonsense.status_code == 422
    assert not Message.objects.exists()
