"""What every list keeps: rows, emptiness, search, pages there and back, and a number of queries that does not grow."""

from datetime import timedelta

import pytest

from campaigns.models import Campaign, Suppression
from orders.models import OrderImport
from tests.accounts.makers import make_connection
from tests.factories.campaigns import make_campaign, make_mail_campaign, make_message, make_template, suppress
from tests.factories.orders import NOW, make_order

EVIL = "<script>alert(1)</script>"
EMPTY = {
    "orders": "No orders yet",
    "campaigns": "No campaigns yet",
    "templates": "No texts yet",
    "messages": "No messages yet",
    "suppressions": "Nobody is on the list",
    "order_imports": "No file yet",
    "connection": "No Amazon account is connected",
    "home": "Nothing was sent yet",
}


def one_more(n: int) -> None:
    """A row for every list, each with markup in its words."""
    order = make_order(purchased_at=NOW - timedelta(hours=n), items=[{"title": EVIL}, {"title": "Pad"}])
    campaign = make_mail_campaign(name=f"{EVIL} {n}", template=make_template(name=f"{EVIL} {n}"))
    make_message(order, campaign)
    suppress(order.amazon_order_id)
    Suppression.objects.filter(value=order.amazon_order_id).update(note=EVIL)
    OrderImport.objects.create(file_name=f"{EVIL}.txt", stored_as="x", size_bytes=1, state="done")


@pytest.mark.parametrize(("name", "words"), EMPTY.items())
def test_an_empty_list_says_what_comes_and_what_to_do(owner, name, words):
    assert words in owner.get(name).text


@pytest.mark.parametrize("name", [n for n in EMPTY if n != "connection"])
def test_rows_are_shown_and_their_markup_is_not_obeyed(owner, name):
    one_more(1)
    page = owner.get(name)
    assert page.status_code == 200
    assert EMPTY[name] not in page.text or name == "home"
    assert EVIL not in page.text
    if name != "suppressions":
        assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("name", list(EMPTY))
def test_the_number_of_queries_does_not_grow_with_the_rows(
    owner, amazon, name, django_assert_max_num_queries
):
    one_more(1)
    owner.get(name)
    with django_assert_max_num_queries(60) as few:
        owner.get(name)
    for n in range(2, 8):
        one_more(n)
    with django_assert_max_num_queries(len(few)):
        owner.get(name)


def test_orders_are_found_by_number_asin_and_title_and_narrowed_by_status(owner):
    wanted = make_order(items=[{"title": "Oak shelf", "asin": "B000000001", "sku": "OAK"}])
    other = make_order(items=[{"title": "Felt pad", "asin": "B000000002", "sku": "PAD"}], status="UNSHIPPED")
    for query in (f"?q={wanted.amazon_order_id[:14]}", "?q=b000000001", "?q=oak+SHELF", "?status=SHIPPED"):
        text = owner.get("orders", query).text
        assert wanted.amazon_order_id in text, query
        if "q=3" not in query:  # both numbers begin alike
            assert other.amazon_order_id not in text, query


@pytest.mark.parametrize("name", ["orders", "campaigns", "templates", "messages", "suppressions"])
def test_a_search_without_a_hit_says_so_and_offers_to_clear_it(owner, name):
    one_more(1)
    text = owner.get(name, "?q=zzz-no-such-thing").text
    assert "matches" in text
    assert "Clear" in text
    assert 'value="zzz-no-such-thing"' in text


@pytest.mark.parametrize(
    "name", ["orders", "campaigns", "templates", "messages", "suppressions", "order_imports"]
)
@pytest.mark.parametrize(
    "query",
    [
        "?q=%00", "?state=%00&status=%00&channel=%00&marketplace=%00&reason=%00", "?campaign=nonsense", "?q=" + "x" * 5000,
        "?after=!!!", "?after=W10", "?before=WyIyMDI2Iiwx", "?after=" + "W1tb" * 400, "?after=eyJhIjoxfQ",
        # ["0001-01-01T00:00:00+14:00", 1], ["2026-01-01T00:00:00+00:00", Infinity], and a number beyond any
        "?after=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgMV0", "?after=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgSW5maW5pdHld",
        "?before=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTldIA",
    ],
)  # fmt: skip
def test_an_address_somebody_edited_is_answered_like_any_other(owner, name, query):
    one_more(1)
    assert owner.get(name, query).status_code == 200


def test_pages_go_there_and_back_and_keep_the_search(owner):
    orders = [make_order(purchased_at=NOW - timedelta(minutes=n)) for n in range(120)]
    numbers = [order.amazon_order_id for order in orders]

    def shown(page):
        return [number for number in numbers if number in page.text]

    first = owner.get("orders", "?status=SHIPPED")
    second = owner.get("orders", _link(first, "Older"))
    third = owner.get("orders", _link(second, "Older"))
    assert shown(first) + shown(second) + shown(third) == numbers
    assert "Older" not in third.text
    assert shown(owner.get("orders", _link(third, "Newer"))) == shown(second)
    assert shown(owner.get("orders", _link(second, "Newer"))) == shown(first)
    assert "status=SHIPPED" in _link(first, "Older")


def test_a_place_with_nothing_beyond_it_shows_the_first_page(owner):
    order = make_order(purchased_at=NOW)
    before_all = "?after=WyIyMDAxLTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgMV0"  # ["2001-01-01T00:00:00+00:00", 1]
    assert order.amazon_order_id in owner.get("orders", before_all).text


def test_messages_are_narrowed_by_state_channel_campaign_and_reason(owner):
    one, two = make_campaign(name="One"), make_mail_campaign(name="Two")
    kept = make_message(make_order(), one, state="held", reason="campaign_paused")
    gone = make_message(make_order(), two)
    for query in (
        "?state=held", "?channel=solicitation", f"?campaign={one.public_id}", "?reason=campaign_paused",
        f"?q={kept.order.amazon_order_id.lower()}",
    ):  # fmt: skip
        text = owner.get("messages", query).text
        assert kept.order.amazon_order_id in text, query
        assert gone.order.amazon_order_id not in text, query
    assert "The campaign is paused." in owner.get("messages", "?reason=campaign_paused").text


def test_campaigns_show_what_they_planned_and_sent_of_late(owner):
    campaign = make_campaign()
    make_message(make_order(), campaign)
    from django.utils import timezone

    now = timezone.now()
    make_message(make_order(), campaign, state="sent", sent_at=now)
    make_message(make_order(), campaign, state="sent", sent_at=now - timedelta(days=40))
    cells = owner.get("campaigns").text
    assert 'data-label="Planned">1<' in cells
    assert 'data-label="Sent, 30 days">1<' in cells


def test_times_are_on_the_sellers_clock_and_the_page_says_which(owner, seller):
    type(seller).objects.filter(pk=seller.pk).update(timezone="America/New_York")
    make_order(purchased_at=NOW.replace(hour=3))
    text = owner.get("orders").text
    assert "22 Nov, 22:00" in text
    assert "Times are in America/New_York." in text


def test_several_accounts_are_told_apart(owner, seller):
    make_connection(seller, store_name="North store", region="NA")
    make_connection(seller, store_name="South store")
    text = owner.get("orders").text
    assert "North store: " in text
    assert "South store: " in text


def test_an_ended_campaign_leaves_the_overview(owner):
    make_campaign(name="Still there")
    make_campaign(name="Long gone", state=Campaign.State.ENDED)
    text = owner.get("home").text
    assert "Still there" in text
    assert "Long gone" not in text


def _link(page, title: str) -> str:
    """The address behind "← Newer" or "Older →"."""
    [line] = [line for line in page.text.splitlines() if title in line and "href" in line]
    part = line.split(title)[0].rsplit('href="', 1)[1]
    return part.split('"')[0].replace("&amp;", "&")
