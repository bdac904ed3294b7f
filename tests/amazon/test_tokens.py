import dataclasses
import threading

import pytest

from amazon.errors import AmazonError, Outcome, Throttled
from amazon.tokens import Lwa, TokenSource
from amazon.transport import Transport

from .conftest import Reply, oauth

REVOKED = (
    "The request has an invalid grant parameter : refresh_token. "
    "User may have revoked or didn't grant the permission."
)


@pytest.fixture
def lwa(settings):
    return Lwa(settings, Transport(settings.timeouts))


def counted(stub, **facts):
    """Tokens that tell how many were asked for before them."""
    stub.on(
        "/token",
        lambda _: Reply(200, {"access_token": f"Atza|{len(stub.requests)}", "expires_in": 3600, **facts}),
    )


def test_a_code_becomes_a_refresh_token(lwa, stub):
    grant = lwa.exchange_code("code-1", "https://here/back")
    assert (grant.access_token, grant.refresh_token, grant.expires_in) == ("Atza|first", "Atzr|x", 3600)
    assert stub.requests[0].form() == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://here/back",
        "client_id": "client",
        "client_secret": "secret",
    }


def test_a_grantless_token_names_its_scope(lwa, stub):
    lwa.grantless("sellingpartnerapi::notifications")
    form = stub.requests[0].form()
    assert (form["grant_type"], form["scope"]) == ("client_credentials", "sellingpartnerapi::notifications")


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (oauth(400, "invalid_grant", REVOKED), "reconnect"),
        (oauth(400, "invalid_grant", "The request has an invalid grant parameter : code"), "reconnect"),
        (oauth(401, "invalid_client", "Client authentication failed"), "our_fault"),
        (oauth(400, "unauthorized_client", "x"), "our_fault"),
        (oauth(400, "invalid_scope", "x"), "our_fault"),
        (oauth(400, "unsupported_grant_type", "x"), "our_fault"),
        (Reply(503, b"<html>"), "retry"),
        (Reply(400, b"<html>"), "retry"),
        (Reply(200, b"{"), "retry"),
        (Reply(200, {"nothing": 1}), "retry"),
        (Reply(200, [1]), "retry"),
        (Reply(429, {}), "not_now"),
        (Reply(trouble="reset"), "retry"),
        (Reply(trouble="hang"), "retry"),
        (Reply(200, {"access_token": "Atza|half", "expires_in": 3600}, trouble="truncate"), "retry"),
    ],
)
def test_each_refusal_of_the_token_server_has_one_meaning(lwa, stub, reply, outcome):
    stub.on("/token", reply)
    with pytest.raises(AmazonError) as caught:
        lwa.refresh("Atzr|mine")
    assert caught.value.outcome == outcome
    assert isinstance(caught.value, Throttled) == (outcome == "not_now")
    assert "Atz" not in str(caught.value)


def test_a_used_code_tells_the_user_what_to_do(lwa, stub):
    stub.on("/token", oauth(400, "invalid_grant", "The request has an invalid grant parameter : code"))
    with pytest.raises(AmazonError, match=r"older than five minutes\. Connect Amazon again"):
        lwa.exchange_code("old", "https://here")


def accept(stub, secret):
    def answer(request):
        if request.form()["client_secret"] == secret:
            return Reply(200, {"access_token": "Atza|ok", "expires_in": 3600})
        return oauth(401, "invalid_client", "Client authentication failed")

    stub.on("/token", answer)


@pytest.mark.parametrize("live", ["old", "new"])
def test_either_of_two_live_secrets_serves(settings, stub, live):
    accept(stub, live)
    lwa = Lwa(dataclasses.replace(settings, client_secrets=("old", "new")), Transport(settings.timeouts))
    assert lwa.refresh("r").access_token == "Atza|ok"


def test_the_secret_that_worked_goes_first(settings, stub):
    accept(stub, "new")
    lwa = Lwa(dataclasses.replace(settings, client_secrets=("old", "new")), Transport(settings.timeouts))
    for _ in range(3):
        lwa.refresh("r")
    assert [request.form()["client_secret"] for request in stub.requests] == ["old", "new", "new", "new"]


def test_a_dead_grant_is_not_tried_with_the_other_secret(settings, stub):
    stub.on("/token", oauth(400, "invalid_grant", REVOKED))
    lwa = Lwa(dataclasses.replace(settings, client_secrets=("old", "new")), Transport(settings.timeouts))
    with pytest.raises(AmazonError):
        lwa.refresh("r")
    assert len(stub.requests) == 1


def test_no_secret_at_all_is_our_fault(settings):
    lwa = Lwa(dataclasses.replace(settings, client_secrets=()), Transport(settings.timeouts))
    with pytest.raises(AmazonError, match="No client secret"):
        lwa.refresh("r")


def test_tokens_are_not_shown(lwa):
    assert "Atz" not in repr(lwa.refresh("Atzr|mine"))


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def source(lwa, clock):
    return TokenSource(lwa, clock)


def test_a_token_is_kept_until_a_minute_before_its_end(source, stub, clock):
    counted(stub)
    first = source.for_seller("r")
    clock.now += 3539
    assert source.for_seller("r") == first
    clock.now += 2
    assert source.for_seller("r") != first


def test_each_seller_and_scope_has_its_own(source, stub):
    counted(stub)
    assert len({source.for_seller("a"), source.for_seller("b"), source.for_application("s")}) == 3


def test_a_rejected_token_is_dropped_but_never_a_newer_one(source, stub):
    counted(stub)
    first = source.for_seller("r")
    source.discard(first, refresh_token="r")
    second = source.for_seller("r")
    source.discard(first, refresh_token="r")
    assert second != first
    assert source.for_seller("r") == second


def test_a_refusal_is_not_kept(source, stub):
    stub.on("/token", Reply(503, b""), Reply(200, {"access_token": "Atza|ok", "expires_in": 3600}))
    with pytest.raises(AmazonError) as caught:
        source.for_seller("r")
    assert caught.value.outcome is Outcome.RETRY
    assert source.for_seller("r") == "Atza|ok"


def test_many_threads_ask_the_token_server_once(source, stub):
    counted(stub)
    got = []
    workers = [threading.Thread(target=lambda: got.append(source.for_seller("r"))) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(stub.requests) == 1
    assert len(set(got)) == 1
