import pytest
from django.test import Client

from config import health


def test_alive_without_a_database(client: Client):
    assert client.get("/health/live").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_every_part_answers(client: Client):
    assert client.get("/health/ready").json() == {
        "status": "ok",
        "database": "ok",
        "cache": "ok",
        "migrations": "ok",
    }


@pytest.mark.django_db
def test_a_part_that_fails_is_named_without_details(client: Client, monkeypatch):
    def fail():
        raise RuntimeError("password=hunter2")

    monkeypatch.setitem(health._CHECKS, "cache", fail)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["cache"], answer.json()["database"]) == (503, "failed", "ok")
    assert "hunter2" not in answer.text
