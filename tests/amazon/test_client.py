"""One call, and everything that can go wrong with it, against a server that misbehaves on purpose."""

import logging
import subprocess
import sys
import threading

import pytest

from amazon.breaker import Breaker, Policy
from amazon.client import Client
from amazon.errors import AmazonError, LimiterUnavailable, Outcome, Throttled
from amazon.limiter import Bucket, Limiter
from amazon.regions import Region

from .conftest import DEAD_TOKEN, Reply, oauth, refusal

ORDER, US = "111-1111111-1111111", "ATVPDKIKX0DER"
READ = f"/orders/2026-01-01/orders/{ORDER}"
SEND = f"/solicitations/v1/orders/{ORDER}/solicitations/productReviewAndSellerFeedback"
SOLICIT = "createProductReviewAndSellerFeedbackSolicitation"


def read(seller, **more):
    return seller.call("getOrder", order_id=ORDER, **more)


def send(seller, **more):
    return seller.call(SOLICIT, amazon_order_id=ORDER, marketplace_ids=[US], **more)


def outcome(call, *arguments, **more):
    with pytest.raises(AmazonError) as caught:
        call(*arguments, **more)
    return caught.value.outcome


def test_an_answer_keeps_fields_nobody_knows(seller, stub):
    stub.on(READ, Reply(200, {"order": {"brandNew": [1]}}, {"x-amzn-RateLimit-Limit": "0.5"}))
    answer = read(seller)
    assert answer.data == {"order": {"brandNew": [1]}}
    assert (answer.status, answer.request_id, answer.rate) == (200, "req-1", 0.5)


def test_a_call_carries_token_user_agent_and_exact_parameters(seller, stub):
    read(seller, included_data=["FULFILLMENT", "PACKAGES"])
    request = stub.calls(READ)[0]
    assert request.headers["x-amz-access-token"] == "Atza|first"
    assert request.headers["user-agent"].startswith("Permitted/")
    assert request.headers["accept"] == "application/json"
    assert request.query == {"includedData": ["FULFILLMENT,PACKAGES"]}


def test_a_solicitation_names_its_marketplace_in_the_query(seller, stub):
    stub.on(SEND, Reply(201, {}))
    send(seller)
    request = stub.calls(SEND)[0]
    assert (request.method, request.query, request.json()) == ("POST", {"marketplaceIds": [US]}, {})
    assert request.headers["accept"] == "application/hal+json"


def test_the_access_token_is_asked_for_once(seller, stub):
    for _ in range(3):
        read(seller)
    assert len(stub.calls("/token")) == 1


TROUBLE = [
    (Reply(500, {"errors": [{"code": "InternalFailure"}]}), "retry", "unknown"),
    (Reply(503, b"<html><body>Service Unavailable</body></html>"), "retry", "unknown"),
    (Reply(502, b""), "retry", "unknown"),
    (Reply(500, b"[]"), "retry", "unknown"),
    (Reply(503, {"message": "Service Unavailable"}), "retry", "unknown"),
    (Reply(trouble="reset"), "retry", "unknown"),
    (Reply(trouble="hang"), "retry", "unknown"),
    (Reply(500, b"x" * 100, trouble="truncate"), "retry", "unknown"),
    (Reply(403, b"<html>Forbidden</html>"), "retry", "retry"),
    (refusal(403, "Unauthorized", "Access to requested resource is denied."), "needs_role", "needs_role"),
    (
        Reply(403, {"errors": [{"code": "Unauthorized", "message": "x" * 50}]}, trouble="truncate"),
        "retry",
        "retry",
    ),
    (refusal(400, "InvalidInput", "Invalid Input"), "our_fault", "our_fault"),
    (refusal(404, "NotFound"), "not_offered", "not_offered"),
    (Reply(301, b"", {"Location": "/elsewhere"}), "our_fault", "our_fault"),
    (refusal(429, "QuotaExceeded"), "not_now", "not_now"),
]


@pytest.mark.parametrize(("reply", "read_means", "send_means"), TROUBLE)
def test_every_trouble_has_one_meaning(seller, stub, reply, read_means, send_means):
    stub.on(READ, reply)
    stub.on(SEND, reply)
    assert outcome(read, seller) == read_means
    assert outcome(send, seller) == send_means
    assert len(stub.calls(READ)) == len(stub.calls(SEND)) == 1


@pytest.mark.parametrize("body", [b'{"order": {"ord', b"<html>", b"\xff"])
def test_a_success_that_cannot_be_read_is_no_answer_to_a_question(seller, stub, body):
    stub.on(READ, Reply(200, body))
    assert outcome(read, seller) is Outcome.RETRY


def test_errors_under_a_success_status_are_errors(seller, stub):
    stub.on(READ, Reply(200, {"errors": [{"code": "InternalFailure", "message": "m"}]}))
    with pytest.raises(AmazonError, match="InternalFailure") as caught:
        read(seller)
    assert caught.value.outcome is Outcome.RETRY


@pytest.mark.parametrize(
    "reply",
    [
        Reply(201, b'{"a'),
        Reply(201, b""),
        Reply(201, b"<html>"),
        Reply(201, {"a": "x" * 99}, trouble="truncate"),
    ],
)
def test_a_send_that_was_accepted_is_sent_whatever_became_of_the_body(seller, stub, reply):
    stub.on(SEND, reply)
    assert send(seller).status == 201


def test_no_connection_is_never_a_doubt(valkey, settings, who, stub):
    client = Client(settings, Limiter(valkey), Breaker(valkey))
    seller = client.seller("NA", who, "r")
    client.tokens.for_seller("r")
    object.__setattr__(settings, "base_url", "http://127.0.0.1:9")
    with pytest.raises(AmazonError, match="No connection to Amazon could be made") as caught:
        send(seller, fence=lambda: pytest.fail("the fence fell without a connection"))
    assert caught.value.outcome is Outcome.RETRY


# -- the fence


def test_the_fence_falls_after_all_that_can_refuse_and_before_the_request(seller, stub, client):
    seen = []

    def fence():
        seen.append(len(stub.calls(SEND)))
        seen.append(seller.available(SOLICIT))

    stub.on(SEND, Reply(201, {}))
    send(seller, fence=fence)
    assert seen == [0, 3]  # nothing sent yet, and the rate token is already taken (4 less 1)


def test_a_fence_that_refuses_stops_the_call(seller, stub):
    class Stale(Exception):
        pass

    def refuse():
        raise Stale

    with pytest.raises(Stale):
        send(seller, fence=refuse)
    assert not stub.calls(SEND)
    send(seller)


def test_the_fence_does_not_fall_for_a_throttled_call(seller, client, who):
    client.limiter.take_many(Bucket(Region.EU, who, SOLICIT), 4)
    with pytest.raises(Throttled):
        send(seller, fence=lambda: pytest.fail("the fence fell"))


def test_the_fence_does_not_fall_without_a_token(seller, stub):
    stub.on("/token", oauth(400, "invalid_grant"))
    assert outcome(send, seller, fence=lambda: pytest.fail("the fence fell")) is Outcome.RECONNECT


def test_the_fence_falls_once_where_a_token_is_renewed(seller, stub):
    fallen = []
    stub.on(SEND, DEAD_TOKEN, Reply(201, {}))
    assert send(seller, fence=lambda: fallen.append(1)).status == 201
    assert fallen == [1]


# -- tokens that die


def test_a_rejected_token_is_renewed_once_and_the_call_repeated(seller, stub):
    stub.on("/token", *(Reply(200, {"access_token": f"Atza|{n}", "expires_in": 3600}) for n in (1, 2)))
    stub.on(READ, DEAD_TOKEN, Reply(200, {"order": {}}))
    read(seller)
    assert [request.headers["x-amz-access-token"] for request in stub.calls(READ)] == ["Atza|1", "Atza|2"]


def test_a_token_rejected_twice_means_reconnect(seller, stub):
    stub.on(READ, DEAD_TOKEN)
    with pytest.raises(AmazonError) as caught:
        read(seller)
    assert caught.value.outcome is Outcome.RECONNECT
    assert not caught.value.is_certain_disconnect
    assert len(stub.calls(READ)) == 2


def test_a_grant_the_token_server_calls_dead_is_dead_for_certain(seller, stub):
    ok = Reply(200, {"access_token": "Atza|1", "expires_in": 3600})
    stub.on("/token", ok, oauth(400, "invalid_grant", "User may have revoked"))
    stub.on(READ, DEAD_TOKEN)
    with pytest.raises(AmazonError) as caught:
        read(seller)
    assert caught.value.is_certain_disconnect
    assert len(stub.calls(READ)) == 1


def test_our_own_dead_credentials_are_not_the_sellers_matter(seller, stub):
    stub.on("/token", oauth(401, "invalid_client", "Client authentication failed"))
    assert outcome(read, seller) is Outcome.OUR_FAULT


# -- rates


def test_a_call_beyond_the_rate_is_not_made(seller, client, stub, who):
    client.limiter.take_many(Bucket(Region.EU, who, "getOrder"), 30)
    with pytest.raises(Throttled) as caught:
        read(seller)
    assert 0 < caught.value.retry_after.total_seconds() <= 2.1
    assert not stub.calls(READ)


def test_a_429_stops_the_calls_that_follow(seller, stub):
    stub.on(READ, refusal(429, "QuotaExceeded"))
    with pytest.raises(Throttled) as first:
        read(seller)
    assert first.value.status == 429
    assert first.value.retry_after.total_seconds() >= 2
    with pytest.raises(Throttled) as second:
        read(seller)
    assert second.value.status == 0
    assert len(stub.calls(READ)) == 1


def test_the_header_tunes_the_bucket(seller, stub, valkey, who):
    stub.on(READ, Reply(200, {}, {"x-amzn-RateLimit-Limit": "0.25"}))
    read(seller)
    assert float(valkey.hget(Bucket(Region.EU, who, "getOrder").key, "rate")) == pytest.approx(0.245)


def test_without_valkey_nothing_is_called(settings, dead_valkey, who, stub):
    seller = Client(settings, Limiter(dead_valkey), Breaker(dead_valkey)).seller("EU", who, "r")
    with pytest.raises(LimiterUnavailable):
        send(seller, fence=lambda: pytest.fail("the fence fell"))
    assert not stub.calls(SEND)


def test_an_accepted_send_stands_though_valkey_dies_meanwhile(settings, valkey, dead_valkey, who, stub):
    """Told "not now" after it was sent, a caller would send it again."""
    limiter, broken = Limiter(valkey), Limiter(dead_valkey)
    stub.on(SEND, Reply(201, {}, {"x-amzn-RateLimit-Limit": "0.7"}))
    seller = Client(settings, limiter, Breaker(dead_valkey)).seller("EU", who, "r")

    def die():
        limiter._tune, limiter._drain = broken._tune, broken._drain

    assert send(seller, fence=die).status == 201


def test_agency_and_seller_with_one_account_share_its_bucket(client, who, stub):
    one, other = client.seller("EU", who, "a"), client.seller("EU", who, "b")
    read(one)
    assert other.available("getOrder") == 28


# -- the circuit


def test_when_most_sellers_fail_nobody_asks_any_more(settings, valkey, who, stub):
    region = Region.FE  # of its own: other tests fail in EU
    client = Client(settings, Limiter(valkey), Breaker(valkey, Policy(sellers=5)))
    stub.on(READ, Reply(503, b"<html>"))
    for number in range(5):
        assert outcome(read, client.seller(region, f"{who}{number}", "r")) is Outcome.RETRY
    with pytest.raises(AmazonError) as caught:
        read(client.seller(region, f"{who}X", "r"))
    valkey.delete("amazon:breaker:{FE:getOrder}")
    assert (caught.value.outcome, caught.value.code) == (Outcome.NOT_NOW, "CircuitOpen")
    assert len(stub.calls(READ)) == 5


def test_dead_grants_do_not_open_the_circuit(settings, valkey, who, stub):
    client = Client(settings, Limiter(valkey), Breaker(valkey, Policy(sellers=2)))
    stub.on("/token", oauth(400, "invalid_grant"))
    for number in range(4):
        assert outcome(read, client.seller("NA", f"{who}{number}", f"{number}")) is Outcome.RECONNECT


# -- who calls


def test_the_application_calls_with_a_grantless_token(client, stub):
    client.application("EU").call("getDestinations")
    assert stub.calls("/token")[0].form()["scope"] == "sellingpartnerapi::notifications"


def test_a_rejected_grantless_token_is_renewed_too(client, stub):
    stub.on("/notifications/v1/destinations", DEAD_TOKEN, Reply(200, {"payload": []}))
    client.application("NA").call("getDestinations")
    assert len(stub.calls("/token")) == 2


def test_nobody_calls_with_the_wrong_kind_of_token(client, seller):
    with pytest.raises(ValueError, match=r"Client\.application"):
        seller.call("getDestinations")
    with pytest.raises(ValueError, match=r"Client\.seller"):
        client.application("EU").call("getOrder", order_id=ORDER)


def test_an_order_id_cannot_lead_elsewhere(seller, stub):
    seller.call("getOrder", order_id="../../sellers/v1/account?x=1")
    assert [request.path for request in stub.requests if request.path != "/token"] == [
        "/orders/2026-01-01/orders/..%2F..%2Fsellers%2Fv1%2Faccount%3Fx%3D1"
    ]


# -- threads, secrets, logs


def test_threads_share_a_client_and_get_their_own_answers(client, stub, who):
    def mine(request):
        return Reply(200, {"order": {"token": request.headers["x-amz-access-token"]}})

    stub.on(
        "/token",
        lambda request: Reply(200, {"access_token": request.form()["refresh_token"], "expires_in": 3600}),
    )
    stub.on(READ, mine)
    wrong = []

    def work(number):
        partner = client.seller("EU", f"{who}{number}", f"token-{number}")
        got = {read(partner).data["order"]["token"] for _ in range(10)}
        wrong.extend(got - {f"token-{number}"})

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong
    assert len(stub.calls(READ)) == 80


def test_neither_tokens_nor_bodies_are_logged(seller, stub, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("spapi").setLevel(logging.DEBUG)
    stub.on(READ, Reply(200, {"order": {"buyer": "hush"}}))
    read(seller)
    for word in ("Atza", "Atzr", "hush", "secret"):
        assert word not in caplog.text
        assert word not in repr(seller)


def test_the_official_client_leaves_logging_as_it_was():
    script = (
        "import logging; root = logging.getLogger(); before = list(root.handlers), root.level\n"
        "from amazon.sdk import _load\n"
        "spapi = _load(); [spapi.Configuration() for _ in range(50)]\n"
        "assert (list(root.handlers), root.level) == before, root.handlers\n"
        "for name in ('spapi', 'urllib3'):\n"
        "    assert not logging.getLogger(name).handlers\n"
        "    assert logging.getLogger(name).level == logging.WARNING\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_half_second_of_the_official_client_is_paid_on_first_use_only():
    script = "import sys, amazon.client, amazon.orders, amazon.messaging; assert 'spapi' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_amazon_knows_no_django():
    script = (
        "import sys, pkgutil, importlib, amazon\n"
        "for module in pkgutil.iter_modules(amazon.__path__):\n"
        "    importlib.import_module(f'amazon.{module.name}')\n"
        "assert 'django' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
