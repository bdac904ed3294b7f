"""POST /api/v1/check: answers as the rules do, names what is wrong, and keeps its pace."""

import json

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from compliance import pack
from compliance.api.check import EXAMPLE
from compliance.api.parsers import LARGEST
from compliance.engine.run import check
from compliance.engine.types import Draft

pytestmark = pytest.mark.django_db
URL = "/api/v1/check"


@pytest.fixture
def client() -> Client:
    cache.clear()
    return Client()


def ask(client: Client, data: object, **headers: str):
    return client.post(URL, json.dumps(data), content_type="application/json", **headers)


@pytest.fixture
def rates(settings):
    def set_to(**given: str) -> None:
        known = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {**known, **given}}

    return set_to


def test_one_text_is_answered_with_what_the_rules_say(client):
    answer = ask(client, {**EXAMPLE, "id": "mine"})
    told = answer.json()
    assert answer.status_code == 200
    assert (told["id"], told["outcome"], told["pack"]) == ("mine", "block", pack.version())
    report = check(
        Draft("relay_email", "review_request", EXAMPLE["body"], "en-US", "US", order_id=EXAMPLE["order_id"])
    )
    assert [(f["rule"], f["start"], f["end"]) for f in told["findings"]] == [
        (f.rule, f.start, f.end) for f in report.findings
    ]


def test_a_finding_has_its_words_its_place_its_sentence_and_its_rewrite(client):
    [emoji] = [f for f in ask(client, EXAMPLE).json()["findings"] if f["rule"] == "no-emoji"]
    assert EXAMPLE["body"][emoji["start"] : emoji["end"]] == emoji["text"] == "\U0001f60a"
    assert (emoji["code"], emoji["outcome"], emoji["where"]) == ("D2", "block", "body")
    assert emoji["fix"] == {
        "text": "",
        "label": "Remove the emoji",
        "start": emoji["start"] - 1,  # with the space before it
        "end": emoji["end"],
    }
    assert emoji["visible_start"] == emoji["start"]


def test_spaces_and_line_breaks_are_taken_as_they_are(client):
    [emoji] = [
        f
        for f in ask(client, {**EXAMPLE, "body": "  \r\n Hello \U0001f60a  "}).json()["findings"]
        if f["rule"] == "no-emoji"
    ]
    assert emoji["start"] == 11


def test_a_batch_is_answered_in_its_order(client):
    drafts = [{**EXAMPLE, "id": str(n), "body": body} for n, body in enumerate(("\U0001f60a", "Hello"))]
    told = ask(client, {"drafts": drafts}).json()
    assert [one["id"] for one in told["answers"]] == ["0", "1"]
    assert told["answers"][0]["outcome"] == "block"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"medium": "fax"}, "medium"),
        ({"purpose": None}, "purpose"),
        ({"body": 3.5j.__class__.__name__ * 200_000}, "body"),
        ({"marketplace": "usa"}, "marketplace"),
        ({"language": "English!"}, "language"),
        ({"stage": []}, "stage"),
        ({"attachments": [{"filename": "a.pdf", "content_type": "x", "size_bytes": -1}]}, "attachments"),
        ({"product_titles": "lamp"}, "product_titles"),
    ],
)
def test_a_wrong_field_is_named(client, change, field):
    answer = ask(client, {**EXAMPLE, **change})
    assert answer.status_code in (400, 413)
    assert answer.status_code == 413 or list(answer.json()) == [field]


def test_what_is_missing_is_named_all_at_once(client):
    assert set(ask(client, {}).json()) == {"medium", "purpose", "language", "marketplace", "body"}


def test_a_batch_with_one_wrong_text_names_it_and_checks_none(client):
    answer = ask(client, {"drafts": [EXAMPLE, {**EXAMPLE, "medium": "fax"}]})
    assert answer.status_code == 400
    assert "medium" in json.dumps(answer.json()["drafts"])


@pytest.mark.parametrize("drafts", [[], [EXAMPLE] * 51, "none", {}, None])
def test_a_batch_has_one_text_to_fifty(client, drafts):
    answer = ask(client, {"drafts": drafts})
    assert answer.status_code == 400
    assert list(answer.json()) == ["drafts"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"body": "\\ud800"}', b"NaN", b"[1, 2]", b"3"]
)
def test_what_is_no_json_or_no_object_is_told_so(client, content):
    assert client.post(URL, content, content_type="application/json").status_code == 400


def test_a_request_may_not_be_larger_than_it_says(client):
    answer = client.post(URL, b'"' + b"x" * LARGEST + b'"', content_type="application/json")
    assert answer.status_code == 413
    assert "at most" in answer.json()["detail"]


def test_other_methods_and_other_media_are_refused(client):
    assert client.get(URL).status_code == 405
    assert client.post(URL, EXAMPLE).status_code == 415


def test_the_pace_counts_texts_and_says_when_to_come_back(client, rates):
    rates(check_anyone="5/min")
    assert ask(client, {"drafts": [EXAMPLE] * 4}).status_code == 200
    refused = ask(client, {"drafts": [EXAMPLE] * 2})
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
    assert ask(client, EXAMPLE).status_code == 200  # one still fits
    assert ask(client, EXAMPLE, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_people_signed_in_have_a_pace_of_their_own(client, rates):
    rates(check_anyone="1/min", check_user="3/min")
    client.force_login(User.objects.create(email="a@permitted.example"))
    assert [ask(client, EXAMPLE).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_visitor_behind_no_proxy_cannot_choose_an_address(client, rates):
    rates(check_anyone="1/min")
    asked = [ask(client, EXAMPLE, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(2)]
    assert asked == [200, 429]


def test_no_address_is_kept_in_the_cache(client):
    ask(client, EXAMPLE, REMOTE_ADDR="203.0.113.77")
    keys = [key.decode() for key in cache._cache.get_client().keys("*")]
    assert any("throttle:" in key for key in keys)
    assert not any("203.0.113.77" in key for key in keys)


def test_everybody_passes_while_the_cache_is_down(client, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    assert ask(client, EXAMPLE).status_code == 200
