import pytest

from amazon.regions import BY_COUNTRY, Region
from amazon.settings import AmazonSettings, UnsafeAddress


def make(**fields):
    return AmazonSettings(client_id="c", client_secrets=("s",), **fields)


def test_each_region_has_amazons_own_endpoint():
    assert make().endpoint(Region.FE) == "https://sellingpartnerapi-fe.amazon.com"


def test_an_override_sends_every_region_to_one_address():
    settings = make(base_url="http://127.0.0.1:9001/")
    assert {settings.endpoint(region) for region in Region} == {"http://127.0.0.1:9001"}


def test_an_override_may_name_the_region_in_its_path():
    assert make(base_url="http://127.0.0.1:9001/{region}").endpoint(Region.EU) == "http://127.0.0.1:9001/eu"


@pytest.mark.parametrize("name", ["base_url", "token_url", "consent_url"])
@pytest.mark.parametrize(
    "address",
    ["http://amazon.example", "ftp://127.0.0.1/", "127.0.0.1:9001", "http://127.0.0.1.evil.example"],
)
def test_secrets_do_not_travel_in_the_clear(name, address):
    with pytest.raises(UnsafeAddress, match=name):
        make(**{name: address})


@pytest.mark.parametrize("address", ["http://127.0.0.1:9001", "http://localhost:9001", "http://[::1]:9001"])
def test_this_machine_may_be_spoken_to_in_the_clear(address):
    assert make(base_url=address).endpoint(Region.NA) == address


def test_a_development_machine_may_allow_more():
    assert make(base_url="http://sandbox:9001", allows_plain_http=True).base_url == "http://sandbox:9001"


def test_secrets_are_not_shown():
    assert "hush" not in repr(AmazonSettings(client_id="c", client_secrets=("hush",)))


def test_an_empty_next_secret_does_not_count():
    assert AmazonSettings(client_id="c", client_secrets=("now", "")).client_secrets == ("now",)


def test_the_consent_page_is_the_stores_own_unless_overridden():
    germany = BY_COUNTRY["DE"]
    assert make().consent_page(germany) == "https://sellercentral-europe.amazon.com/apps/authorize/consent"
    assert (
        make(consent_url="http://127.0.0.1:9/").consent_page(germany)
        == "http://127.0.0.1:9/apps/authorize/consent"
    )
    assert make(consent_url="http://127.0.0.1:9/ask").consent_page(germany) == "http://127.0.0.1:9/ask"


def test_a_user_agent_is_required():
    with pytest.raises(ValueError, match="user_agent"):
        make(user_agent="")
