"""What report rows say about an order, whatever language and order their columns come in."""

from datetime import UTC, datetime

import pytest

from amazon import reports as api
from orders.reporting import KINDS, Fact, ReportKind, headed, merged, moment

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BY_NAME = {kind.name: kind for kind in KINDS}


def facts(name: str, text: str, countries: tuple[str, ...] = ("DE",)) -> list[Fact | None]:
    kind: ReportKind = BY_NAME[name]
    rows = api.rows(text.replace("|", "\t").splitlines())
    return [kind.read(row, countries, NOW) for row in headed(kind, rows)]


def test_shipments_tell_shipping_and_estimated_arrival() -> None:
    text = (
        "ship-city|estimated-arrival-date|amazon-order-id|shipment-date|buyer-email\n"
        "BAIT|2026-11-04T20:00:00+00:00|302-1|2026-11-02T10:00:00+00:00|BAIT\n"
        "BAIT||302-2||BAIT\n"
    )
    told, nothing = facts(api.FBA_SHIPMENTS, text)
    assert told == Fact(
        "302-1",
        shipped_at=datetime(2026, 11, 2, 10, tzinfo=UTC),
        estimated_arrival_at=datetime(2026, 11, 4, 20, tzinfo=UTC),
    )
    assert nothing is None


def test_only_wanted_columns_pass_the_header() -> None:
    rows = headed(
        BY_NAME[api.FBA_SHIPMENTS],
        [{"amazon-order-id": "302-1", "ship-postal-code": "BAIT", "buyer-email": "BAIT"}],
    )
    assert list(rows) == [{"order": "302-1"}]


def test_fba_return_is_dated_by_the_report() -> None:
    (told,) = facts(api.FBA_RETURNS, "return-date|order-id\n2026-11-10T00:00:00+00:00|302-1\n")
    assert told == Fact("302-1", returned_at=datetime(2026, 11, 10, tzinfo=UTC))


def test_fbm_return_is_refunded_when_an_amount_was_and_dated_by_the_first_sighting() -> None:
    text = (
        "Order ID|Return request date|Refunded Amount\n"
        "302-1|soon|12.50\n302-2|2026-11-03|0.00\n302-3|03-Nov-2026|\n"
    )
    first, second, third = facts(api.FBM_RETURNS, text)
    assert first == Fact("302-1", returned_at=NOW, refunded_at=NOW)
    day = datetime(2026, 11, 3, 12, tzinfo=UTC)
    assert (second, third) == (Fact("302-2", returned_at=day), Fact("302-3", returned_at=day))


@pytest.mark.parametrize(
    "text",
    [
        "Date|Rating|Comments|Your Response|Order ID|Rater Email\n2026-11-03|4|fine||302-1|BAIT\n",
        "Datum|Bewertung|Kommentare|Bestellnummer\n03.11.26|4|gut|302-1\n",
        "日付|評価|コメント|注文番号\n2026/11/3|4|良い|302-1\n",
    ],
)
def test_feedback_is_read_in_the_languages_known(text: str) -> None:
    (told,) = facts(api.SELLER_FEEDBACK, text)
    assert told == Fact("302-1", feedback_at=datetime(2026, 11, 3, 12, tzinfo=UTC), feedback_rating=4)


def test_feedback_without_a_rating_says_nothing() -> None:
    assert facts(api.SELLER_FEEDBACK, "Date|Rating|Order ID\n2026-11-03|great|302-1\n") == [None]


@pytest.mark.parametrize(
    ("text", "countries", "day"),
    [
        ("03/04/26", ("US",), (2026, 3, 4)),
        ("03/04/26", ("GB",), (2026, 4, 3)),
        ("2026/3/4", ("JP",), (2026, 3, 4)),
        ("3.4.2026", ("DE",), (2026, 4, 3)),
        ("2026年3月4日", ("JP",), (2026, 3, 4)),
        ("04-Mar-2026", ("US",), (2026, 3, 4)),
    ],
)
def test_days_are_read_as_they_are_written_there(
    text: str, countries: tuple[str, ...], day: tuple[int, int, int]
) -> None:
    assert moment(text, countries) == datetime(*day, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "31/31/2026", "0/0/0"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert moment(text) is None


def test_several_rows_of_an_order_become_one_fact() -> None:
    early, late = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC)
    told = merged(
        [
            Fact("1", estimated_arrival_at=early, returned_at=late),
            Fact("1", estimated_arrival_at=late, returned_at=early),
        ]
    )
    assert told == [Fact("1", estimated_arrival_at=late, returned_at=early)]
