"""The API's description and the API agree, whatever is sent."""

import json

import jsonschema
import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.api.check import EXAMPLE

pytestmark = pytest.mark.django_db


def described() -> dict:
    return Client().get("/api/v1/schema?format=json").json()


def schema_of(name: str) -> dict:
    """A component, its references resolvable."""
    spec = described()
    return {"$ref": f"#/components/schemas/{name}", "components": spec["components"]}


def test_the_description_is_open_and_names_the_check():
    operation = described()["paths"]["/api/v1/check"]["post"]
    assert operation["operationId"] == "check"
    assert {"200", "400", "413", "429"} <= set(operation["responses"])


def test_one_answer_and_many_are_as_described():
    cache.clear()
    one = Client().post("/api/v1/check", json.dumps(EXAMPLE), content_type="application/json").json()
    many = (
        Client()
        .post("/api/v1/check", json.dumps({"drafts": [EXAMPLE]}), content_type="application/json")
        .json()
    )
    jsonschema.validate(one, schema_of("Answer"))
    jsonschema.validate(many, schema_of("BatchAnswer"))


def test_the_example_is_as_described():
    jsonschema.validate(EXAMPLE, schema_of("Draft"))


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False)
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
MEDIUM = st.sampled_from(["relay_email", "messaging_api", "insert_card"])
PURPOSE = st.sampled_from(["review_request", "invoice", "order_problem", "warranty"])
SOUND = st.fixed_dictionaries(
    {
        "medium": MEDIUM, "purpose": PURPOSE, "marketplace": st.sampled_from(["US", "DE", "JP"]),
        "language": st.sampled_from(["en-US", "de-DE", "ja-JP", "xx"]), "body": st.text(max_size=200),
        "body_format": st.sampled_from(["html", "text"]), "subject": st.text(max_size=30),
        "stage": st.sampled_from(["rendered", "template"]),
    }
)  # fmt: skip
NEARLY = st.builds(
    lambda sound, name, value: {**sound, name: value},
    SOUND, st.sampled_from([*EXAMPLE, "attachments", "product_titles", "api_type", "drafts", "id"]), ANYTHING,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=SOUND | NEARLY | ANYTHING)
def test_whatever_is_sent_is_answered_as_described_or_refused_by_field(data, monkeypatch):
    monkeypatch.setattr("accounts.throttling.Polite.allow_request", lambda *args: True)
    answer = Client().post("/api/v1/check", json.dumps(data), content_type="application/json")
    assert answer.status_code in (200, 400)
    told = answer.json()
    if answer.status_code == 400:
        assert told
    else:
        jsonschema.validate(told, ANSWERS["many" if "answers" in told else "one"])


@pytest.fixture(autouse=True, scope="module")
def _schemas(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        ANSWERS.update(one=schema_of("Answer"), many=schema_of("BatchAnswer"))


ANSWERS: dict[str, dict] = {}
