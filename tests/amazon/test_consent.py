from urllib.parse import parse_qs, urlsplit

import pytest

from amazon.consent import (
    Callback,
    ConsentRefused,
    LoginRequest,
    consent_url,
    is_amazons,
    login_answer,
    parse_callback,
    parse_login,
)
from amazon.regions import BY_COUNTRY
from amazon.settings import AmazonSettings

SETTINGS = AmazonSettings(client_id="c", client_secrets=("s",), application_id="amzn1.sp.solution.x")
BACK = {"state": "st", "selling_partner_id": "A1", "spapi_oauth_code": "co"}
LOGIN = {
    "amazon_callback_uri": "https://sellercentral.amazon.de/apps/authorize/confirm/x",
    "amazon_state": "as",
    "selling_partner_id": "A1",
}


def test_the_seller_is_sent_to_the_stores_consent_page():
    parts = urlsplit(consent_url(SETTINGS, BY_COUNTRY["JP"], "st&te", "https://here/back", is_draft=True))
    assert (
        f"{parts.scheme}://{parts.netloc}{parts.path}"
        == "https://sellercentral.amazon.co.jp/apps/authorize/consent"
    )
    assert parse_qs(parts.query) == {
        "application_id": ["amzn1.sp.solution.x"],
        "state": ["st&te"],
        "redirect_uri": ["https://here/back"],
        "version": ["beta"],
    }


def test_a_published_application_does_not_say_beta():
    assert "version" not in consent_url(SETTINGS, BY_COUNTRY["US"], "s")


def test_what_comes_back_is_read():
    assert parse_callback(BACK) == Callback("st", "A1", "co")


@pytest.mark.parametrize("name", BACK)
def test_an_answer_that_lacks_a_part_is_refused_by_name(name):
    with pytest.raises(ConsentRefused, match=name):
        parse_callback({key: value for key, value in BACK.items() if key != name})


def test_a_seller_may_decline():
    with pytest.raises(ConsentRefused, match="not granted"):
        parse_callback({"error": "access_denied", "state": "st"})


def test_codes_and_states_are_not_shown():
    assert "co" not in repr(Callback("st", "A1", "co")).replace("code", "")
    assert "as" not in repr(parse_login(LOGIN, SETTINGS)).replace("class", "")


def test_a_login_from_the_appstore_is_answered_at_amazons_address():
    request = parse_login(LOGIN, SETTINGS)
    assert request == LoginRequest(LOGIN["amazon_callback_uri"], "as", "A1")
    answer = login_answer(request, "ours", "https://here/back", is_draft=True)
    assert answer.startswith("https://sellercentral.amazon.de/apps/authorize/confirm/x?")
    assert parse_qs(urlsplit(answer).query) == {
        "amazon_state": ["as"],
        "state": ["ours"],
        "redirect_uri": ["https://here/back"],
        "version": ["beta"],
    }


def test_a_callback_with_a_query_keeps_it():
    request = LoginRequest("https://sellercentral.amazon.de/x?a=b", "as", "A1")
    assert login_answer(request, "ours").startswith("https://sellercentral.amazon.de/x?a=b&amazon_state=as")


@pytest.mark.parametrize("name", LOGIN)
def test_a_login_that_lacks_a_part_is_refused_by_name(name):
    with pytest.raises(ConsentRefused, match=name):
        parse_login({key: value for key, value in LOGIN.items() if key != name}, SETTINGS)


@pytest.mark.parametrize(
    "uri",
    [
        "https://amazon.com/x",
        "https://sellercentral.amazon.com/x",
        "https://sellercentral.amazon.com.mx:443/x",
        "https://SellerCentral-Europe.Amazon.com/x",
    ],
)
def test_amazons_hosts_are_known(uri):
    assert is_amazons(uri, SETTINGS)


@pytest.mark.parametrize(
    "uri",
    [
        "http://sellercentral.amazon.com/x",
        "https://evilamazon.com/x",
        "https://amazon.com.evil.example/x",
        "https://sellercentral.amazon.com@evil.example/x",
        "https://evil.example#.amazon.com",
        "https://evil.example/.amazon.com",
        "https://evil.example\\.amazon.com",
        "https://evil.example?x=.amazon.com",
        "https://user@amazon.com/x",
        "https://amazon.com:8443/x",
        "https://amazon.com:port/x",
        "//amazon.com/x",
        "javascript:alert(1)//amazon.com",
        "https://amazon.com/x\r\nSet-Cookie: a",
        "",
    ],
)
def test_everything_else_is_an_open_redirect(uri):
    assert not is_amazons(uri, SETTINGS)
    with pytest.raises(ConsentRefused):
        parse_login({**LOGIN, "amazon_callback_uri": uri}, SETTINGS)


def test_the_host_that_plays_amazon_here_is_taken_for_it():
    settings = AmazonSettings(client_id="c", client_secrets=("s",), consent_url="http://127.0.0.1:9001")
    assert is_amazons("http://127.0.0.1:9001/apps/x", settings)
    assert not is_amazons("http://127.0.0.1:9002/apps/x", settings)
    assert not is_amazons("ftp://127.0.0.1:9001/apps/x", settings)
