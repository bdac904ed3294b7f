import zoneinfo

import pytest

from amazon.regions import (
    ALL,
    BY_COUNTRY,
    MARKETPLACES,
    RELAY_DOMAINS,
    Region,
    in_region,
    marketplace_for_sales_channel,
)

# Amazon's list of marketplace ids, read 2026-11-23.
LISTED = {
    "NA": "CA A2EUQ1WTGCTBG2, US ATVPDKIKX0DER, MX A1AM78C64UM0Y8, BR A2Q3Y263D00KWC",
    "EU": "ES A1RKKUPIHCS9HS, GB A1F83G8C2ARO7P, FR A13V1IB3VIYZZH, BE AMEN7PMS3EDWL, NL A1805IZSGTT6HS, "
    "DE A1PA6795UKMFR9, IT APJ6JRA9NG5V4, SE A2NODRKZP88ZB9, PL A1C3SOZRARQ6R3, IE A28R8C7NBKEWEA, "
    "EG ARBP9OOSHTCHU, TR A33AVAJ2PDY3EV, SA A17E79C6D8DWNP, AE A2VIGQ35RCS4UG, IN A21TJRUUN4KGV, "
    "ZA AE08WJ6YKNBMC",
    "FE": "SG A19VAU5U5O7RUS, AU A39IBJ37TRP1C6, JP A1VC38T7YXB528",
}


@pytest.mark.parametrize("region", LISTED)
def test_every_store_amazon_lists_is_known_in_its_region(region):
    listed = {tuple(entry.split()) for entry in LISTED[region].split(", ")}
    assert {(store.country, store.id) for store in in_region(Region(region))} == listed


def test_ids_and_countries_name_one_store_each():
    assert len(MARKETPLACES) == len(BY_COUNTRY) == len(ALL) == len({store.domain for store in ALL}) == 23


@pytest.mark.parametrize("store", ALL, ids=lambda store: store.country)
def test_a_store_speaks_its_own_language_first_in_a_real_zone(store):
    assert store.languages[0] == store.default_language
    assert store.timezone in zoneinfo.available_timezones()
    assert len(store.currency) == 3
    assert store.seller_central.startswith("https://sellercentral")
    assert all(domain.startswith("marketplace.amazon.") for domain in store.relay_domains)


@pytest.mark.parametrize(
    ("channel", "country"),
    [
        ("Amazon.in", "IN"),
        ("amazon.com", "US"),
        ("Amazon.com.mx", "MX"),
        (" Amazon.co.uk ", "GB"),
        ("www.amazon.de", "DE"),
    ],
)
def test_a_sales_channel_names_its_store(channel, country):
    assert marketplace_for_sales_channel(channel).country == country


@pytest.mark.parametrize(
    "channel", ["Non-Amazon", "Non-Amazon US", "", "SI CA Prod Marketplace", "evilamazon.com"]
)
def test_an_order_from_elsewhere_names_no_store(channel):
    assert marketplace_for_sales_channel(channel) is None


def test_relay_domains_are_amazons_only():
    assert "marketplace.amazon.de" in RELAY_DOMAINS
    assert "amazon.de" not in RELAY_DOMAINS
