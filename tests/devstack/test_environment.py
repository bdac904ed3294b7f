from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from config import env as settings_side
from devstack import environment
from devstack.console import Trouble

_KEPT = environment.Secrets("s", "k1:x", "pw", "vk")


def test_database_url_reads_back_as_it_was_meant_whatever_the_password(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", environment.postgres_url("p@s/s:w%rd", 21_000))
    read = settings_side.database("DATABASE_URL")
    assert (read["USER"], read["PASSWORD"]) == ("permitted", "p@s/s:w%rd")
    assert (read["HOST"], read["PORT"], read["NAME"]) == ("127.0.0.1", "21000", "permitted")


def test_broker_and_cache_are_two_databases_of_one_server():
    broker, cache = (urlsplit(environment.valkey_url("a/b", 22_000, number)) for number in (0, 1))
    assert broker.netloc == cache.netloc
    assert unquote(broker.password) == "a/b"
    assert (broker.path, cache.path) == ("/0", "/1")


@pytest.mark.parametrize(
    ("broker", "cache"),
    [
        ("redis://:pw@queue.example:6380/0", "redis://:pw@queue.example:6380/1"),
        (
            "rediss://queue.example/5?ssl_cert_reqs=required",
            "rediss://queue.example/1?ssl_cert_reqs=required",
        ),
    ],
)
def test_cache_is_found_beside_a_given_broker(broker, cache):
    assert environment.cache_url_beside(broker) == cache


def test_broker_that_cannot_cache_asks_for_a_cache():
    with pytest.raises(Trouble, match="set CACHE_URL"):
        environment.cache_url_beside("amqp://queue.example//")


def test_names_of_a_real_installation_are_not_passed_on():
    shell = {
        "AMAZON_LWA_CLIENT_SECRET": "real",
        "STRIPE_KEY": "real",
        "RELAY_SMTP_URL": "smtp://real",
        "PGHOST": "real",
    }
    assert environment.inherited(shell | {"PATH": "/bin", "PG_BIN": "/pg"}) == {
        "PATH": "/bin",
        "PG_BIN": "/pg",
    }


def test_product_is_told_nothing_of_a_sandbox_unless_there_is_one():
    told = environment.of_product(_KEPT, "http://testserver", Path("/media"))
    assert not {"SANDBOX_URL", "AMAZON_BASE_URL", "AMAZON_TOKEN_URL", "RELAY_SMTP_URL"} & told.keys()


def test_every_address_of_amazon_and_stripe_points_at_the_sandbox():
    told = environment.of_sandbox(23_000, 23_001)
    assert told.pop("RELAY_SMTP_URL") == "smtp://127.0.0.1:23001"
    assert told.pop("STRIPE_SECRET_KEY").startswith("sk_test_")
    assert told.pop("STRIPE_WEBHOOK_SECRET")
    assert {urlsplit(url).netloc for url in told.values()} == {"127.0.0.1:23000"}


def test_secrets_are_the_same_at_the_next_start_and_for_our_eyes_only(tmp_path):
    path = tmp_path / "secrets.json"
    first = environment.load_secrets(path)
    assert environment.load_secrets(path) == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_installations_share_no_secret(tmp_path):
    one, other = (vars(environment.load_secrets(tmp_path / name)) for name in ("one", "other"))
    assert not set(one.values()) & set(other.values())


def test_secrets_of_another_version_are_refused_with_a_way_out(tmp_path):
    (tmp_path / "secrets.json").write_text('{"secret_key": "x"}')
    with pytest.raises(Trouble, match="--fresh"):
        environment.load_secrets(tmp_path / "secrets.json")
