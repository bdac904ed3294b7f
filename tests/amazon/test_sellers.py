from amazon import sellers

from .conftest import Reply


def entry(marketplace, *, taking_part=True, domain="www.amazon.de"):
    return {
        "marketplace": {
            "id": marketplace,
            "countryCode": "DE",
            "name": "Amazon.de",
            "defaultCurrencyCode": "EUR",
            "defaultLanguageCode": "de_DE",
            "domainName": domain,
        },
        "participation": {"isParticipating": taking_part, "hasSuspendedListings": False},
        "storeName": "Haus",
    }


def test_a_seller_is_asked_where_it_sells(seller, stub):
    entries = [
        entry("A1PA6795UKMFR9"),
        entry("A1F83G8C2ARO7P", taking_part=False),
        entry("A2ZV50J4W1RKNI"),
        {},
    ]
    stub.on("/sellers/v1/marketplaceParticipations", Reply(200, {"payload": entries}))
    found = sellers.participations(seller)
    assert [shop.is_usable for shop in found] == [True, False, False, False]
    first = found[0]
    assert (first.domain, first.language, first.currency, first.store_name) == (
        "amazon.de",
        "de-DE",
        "EUR",
        "Haus",
    )


def test_a_seller_without_stores_has_none(seller, stub):
    stub.on("/sellers/v1/marketplaceParticipations", Reply(200, {"payload": []}))
    assert sellers.participations(seller) == ()
