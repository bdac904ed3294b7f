from datetime import UTC, datetime, timedelta, timezone

import pytest

from amazon.errors import AmazonError, Outcome
from amazon.orders import STANDARD, DataSet, Window, get_order, search_orders, search_orders_reduced

from .conftest import DEAD_TOKEN, Reply, refusal

PATH = "/orders/2026-01-01/orders"
SINCE = datetime(2026, 11, 1, 12, tzinfo=UTC)
WINDOW = Window(SINCE)
PERSONAL = {
    "buyer": {"buyerEmail": "x@marketplace.amazon.de", "buyerName": "Bait"},
    "recipient": {"name": "Bait"},
}
BARE = {"orderId": "302-1", "lastUpdatedTime": "2026-11-02T00:00:00Z"}


def page(orders=(), token=None, until="2026-11-02T10:00:00Z"):
    return Reply(
        200,
        {
            "orders": list(orders),
            "pagination": {"nextToken": token} if token else {},
            "lastUpdatedBefore": until,
        },
    )


def refuse(*names):
    """Amazon refusing some data sets, as it did on 26 August 2026."""

    def answer(request):
        asked = request.query.get("includedData", [""])[0].split(",")
        return refusal(400, "InvalidInput", "Invalid Input") if set(asked) & set(names) else page([BARE])

    return answer


def test_a_page_is_asked_for_by_the_time_of_the_last_change(seller, stub):
    stub.on(PATH, page([BARE]))
    window = Window(
        datetime(2026, 11, 1, 13, tzinfo=timezone(timedelta(hours=1))), SINCE + timedelta(hours=1)
    )
    search_orders(seller, window, marketplace_ids=["B", "A"])
    assert stub.calls(PATH)[0].query == {
        "lastUpdatedAfter": ["2026-11-01T12:00:00Z"],
        "lastUpdatedBefore": ["2026-11-01T13:00:00Z"],
        "maxResultsPerPage": ["100"],
        "includedData": ["CANCELLATION,FULFILLMENT,PACKAGES,PROCEEDS"],
        "marketplaceIds": ["A,B"],
    }


def test_a_page_names_the_next_and_how_far_it_is_complete(seller, stub):
    stub.on(PATH, page([BARE], token="next"))
    found = search_orders(seller, WINDOW)
    assert (found.orders, found.next_token) == ([BARE], "next")
    assert found.complete_until == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert found.unknown_facts == frozenset()


def test_a_page_token_travels_with_everything_else_unchanged(seller, stub):
    search_page = page([BARE])
    stub.on(PATH, search_page)
    search_orders(seller, WINDOW)
    search_orders(seller, WINDOW, page_token="t")
    first, second = (request.query for request in stub.calls(PATH))
    assert second == {**first, "paginationToken": ["t"]}


def test_orders_may_be_asked_for_by_creation(seller, stub):
    stub.on(PATH, page())
    search_orders(seller, Window(SINCE, by="created"))
    assert stub.calls(PATH)[0].query["createdAfter"] == ["2026-11-01T12:00:00Z"]


@pytest.mark.parametrize(
    "window",
    [
        {"after": SINCE.replace(tzinfo=None)},
        {"after": SINCE, "before": SINCE - timedelta(1)},
        {"after": SINCE, "by": "x"},
    ],
)
def test_a_window_that_makes_no_sense_is_refused(window):
    with pytest.raises(ValueError, match=r"time zone|earlier|neither"):
        Window(**window)


@pytest.mark.parametrize("name", ["BUYER", "RECIPIENT"])
@pytest.mark.parametrize(
    "ask", [lambda s, sets: search_orders(s, WINDOW, sets), lambda s, sets: get_order(s, "1", sets)]
)
def test_people_are_never_asked_for_by_accident(seller, stub, name, ask):
    with pytest.raises(ValueError, match=name):
        ask(seller, [*STANDARD, name])
    assert not stub.requests


def test_the_recipient_is_never_asked_for(seller):
    with pytest.raises(ValueError, match="RECIPIENT"):
        search_orders(seller, WINDOW, ["RECIPIENT"], with_buyer_email=True)


def test_people_sent_unasked_are_dropped(seller, stub):
    stub.on(PATH, page([{**BARE, **PERSONAL}]))
    assert search_orders(seller, WINDOW).orders == [BARE]


def test_the_relay_address_alone_is_kept_where_it_was_asked_for(seller, stub):
    stub.on(PATH, page([{**BARE, **PERSONAL}]))
    found = search_orders(seller, WINDOW, with_buyer_email=True)
    assert found.orders == [{**BARE, "buyer": {"buyerEmail": "x@marketplace.amazon.de"}}]
    assert "BUYER" in stub.calls(PATH)[0].query["includedData"][0]


@pytest.mark.parametrize("body", [{}, {"orders": None}, {"pagination": {}}])
def test_an_answer_without_orders_is_no_empty_page(seller, stub, body):
    """Taken for the end, it would move the cursor over orders nobody saw."""
    stub.on(PATH, Reply(200, body))
    with pytest.raises(AmazonError) as caught:
        search_orders(seller, WINDOW)
    assert caught.value.outcome is Outcome.RETRY


def test_one_order_is_read_without_people(seller, stub):
    stub.on(f"{PATH}/302-1", Reply(200, {"order": {**BARE, **PERSONAL}}))
    assert get_order(seller, "302-1") == BARE


# -- reduced mode


def test_nothing_is_reduced_where_amazon_grants_all(seller, stub):
    stub.on(PATH, page([BARE]))
    found = search_orders_reduced(seller, WINDOW)
    assert (found.included, found.unknown_facts) == (STANDARD, frozenset())
    assert len(stub.calls(PATH)) == 1


def test_the_refused_data_set_is_left_out_and_its_facts_are_unknown(seller, stub):
    stub.on(PATH, refuse("FULFILLMENT"))
    found = search_orders_reduced(seller, WINDOW)
    assert found.included == STANDARD - {DataSet.FULFILLMENT}
    assert found.unknown_facts == {"status", "fulfilled_by", "promised_window", "ship_window"}


def test_the_bare_order_is_better_than_none(seller, stub):
    stub.on(PATH, refuse("FULFILLMENT", "PACKAGES"))
    found = search_orders_reduced(seller, WINDOW)
    assert found.included == frozenset()
    assert {"delivered", "status", "amount"} <= found.unknown_facts
    assert "includedData" not in stub.calls(PATH)[-1].query


def test_without_the_role_for_buyers_only_the_address_is_missing(seller, stub):
    stub.on(PATH, refuse("BUYER"))
    found = search_orders_reduced(seller, WINDOW, with_buyer_email=True)
    assert (found.included, found.unknown_facts) == (STANDARD, {"buyer_email"})
    assert len(stub.calls(PATH)) == 2


def test_where_even_the_bare_order_is_refused_the_first_refusal_stands(seller, stub):
    stub.on(PATH, refusal(400, "InvalidInput", "first"), refusal(403, "AccessDenied", "later"))
    with pytest.raises(AmazonError, match="first"):
        search_orders_reduced(seller, WINDOW)
    assert len(stub.calls(PATH)) == 4


@pytest.mark.parametrize("reply", [Reply(503, b""), DEAD_TOKEN, refusal(429, "QuotaExceeded")])
def test_trouble_that_is_not_about_data_sets_reduces_nothing(seller, stub, reply):
    stub.on(PATH, reply)
    with pytest.raises(AmazonError) as caught:
        search_orders_reduced(seller, WINDOW)
    assert caught.value.outcome in {Outcome.RETRY, Outcome.RECONNECT, Outcome.NOT_NOW}
    assert len(stub.calls(PATH)) <= 2
