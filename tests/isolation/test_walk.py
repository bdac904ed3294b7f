"""Walk every address with every role, asking for one's own objects and everybody else's.

What belongs to another seller (a sibling in the same agency, a stranger's) must answer like what never was,
byte for byte.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Seller
from accounts.roles import IN_SELLER, Role
from accounts.services import schemas
from tests.architecture.test_urls import every_pattern
from tests.isolation.objects import MAKERS, Made, canary

METHODS = ("get", "post")
#: Asked only by an owner: no page takes them differently from `post`.
RARE_METHODS = ("put", "patch", "delete")
#: Others' pages, which guard themselves and know no seller; ours that name a secret instead of an object.
NOT_WALKED = re.compile(r"^(account|operator|health|static)/")
BY_SECRET = {"accept_invitation"}
#: Pages of the rulebook: everybody's, and no seller's object.
OF_EVERYBODY = {"rule"}


def addresses() -> list[Any]:
    found = []
    for route, names, pattern in every_pattern():
        if not NOT_WALKED.match(route):
            found.append(pytest.param(pattern.name, names, id=route or "/"))
    return found


def of_place(place: str) -> list[Any]:
    return [param for param in addresses() if place in param.values[1]]


def with_objects(params: list[Any]) -> list[Any]:
    return [
        param
        for param in params
        if param.values[1] - {"seller", "agency"} and param.values[0] not in BY_SECRET | OF_EVERYBODY
    ]


@contextmanager
def undone() -> Iterator[None]:
    """What a request changes is taken back before the next one."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make(name: str, place: Any) -> Made:
    maker = MAKERS.get(name)
    assert maker, (
        f"tests/isolation/objects.py has no maker for the address {name!r}: add one, so that it is walked"
    )
    with schemas.inside(place.schema_name) if isinstance(place, Seller) else nullcontext():
        return maker(place)


def named(name: str, place: Any) -> dict[str, Any]:
    made = make(name, place)
    return made.kwargs | made.verbs


def missing(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Kwargs of the same form that name nothing."""

    def other(value: Any) -> Any:
        if isinstance(value, int):
            return 999_999_999
        try:
            uuid.UUID(str(value))
        except ValueError:
            return "no-such-thing"
        return uuid.UUID(int=7) if isinstance(value, uuid.UUID) else str(uuid.UUID(int=7))

    return {name: other(value) for name, value in kwargs.items()}


def deleted(made: Made, place: Any) -> dict[str, Any] | None:
    if made.row is None:
        return None
    with schemas.inside(place.schema_name) if isinstance(place, Seller) else nullcontext():
        made.row.delete()
    return made.kwargs


#: They reach `own`; of the others one stands for all where the object is in question.
INSIDE = {role.value for role in IN_SELLER} | {"nobody in particular"}


def methods_for(role: str) -> tuple[str, ...]:
    return METHODS + RARE_METHODS if role == Role.SELLER_OWNER else METHODS


def ask(user: Any, method: str, url: str) -> HttpResponse:
    client = _client_of(user)
    with undone():
        answer = getattr(client, method)(url)
        list(answer.streaming_content) if answer.streaming else None
    connection.set_schema_to_public()
    return answer


def _client_of(user: Any) -> Client:
    """One for each person: signing in and loading the middleware cost more than the page."""
    if not hasattr(user, "browser"):
        user.browser = Client(raise_request_exception=False)
        if user.is_active:
            user.browser.force_login(user)
    return user.browser


def seen(answer: HttpResponse, url: str) -> tuple[Any, ...]:
    """All that a visitor could tell answers apart by; the address they typed themselves is taken out."""
    headers = {
        name: value.replace(url, "<url>") for name, value in answer.headers.items() if name != "Expires"
    }
    content = b"" if answer.streaming else answer.content.replace(url.encode(), b"<url>")
    return answer.status_code, content, tuple(sorted(headers.items()))


@pytest.mark.parametrize(("name", "names"), addresses())
def test_every_address_has_a_name(name, names):
    assert name


@pytest.mark.parametrize(("name", "names"), with_objects(of_place("seller")))
def test_an_object_of_another_seller_is_like_one_that_never_was(world, name, names):
    own, sibling, foreign, gone = (
        make(name, s) for s in (world.own, world.sibling, world.foreign, world.own)
    )
    others = {"sibling": sibling.kwargs, "foreign": foreign.kwargs, "deleted": deleted(gone, world.own)}
    if len(own.kwargs) > 1:  # our text, their file
        last = list(own.kwargs)[-1]
        others["half foreign"] = {**own.kwargs, last: foreign.kwargs[last]}
    for role, user in world.people.items():
        for method in methods_for(role) if role in INSIDE else ():
            never = reverse(name, kwargs={"seller": world.own.slug, **own.verbs, **missing(own.kwargs)})
            expected = seen(ask(user, method, never), never)
            assert expected[0] in {302, 403, 404, 405}, f"{role} {method} {never} answered {expected[0]}"
            for whose, kwargs in others.items():
                if kwargs is not None:
                    url = reverse(name, kwargs={"seller": world.own.slug, **own.verbs, **kwargs})
                    assert seen(ask(user, method, url), url) == expected, (
                        f"{role} {method} tells a {whose} object"
                    )


@pytest.mark.parametrize(("name", "names"), with_objects(of_place("seller")))
def test_the_maker_makes_what_the_page_finds(world, name, names):
    """Otherwise every comparison would hold for the wrong reason."""
    url = reverse(name, kwargs={"seller": world.own.slug, **named(name, world.own)})
    owner = world.people[Role.SELLER_OWNER.value]
    answers = [ask(owner, method, url).status_code for method in METHODS]
    assert any(status not in {404, 405} for status in answers), f"{url} answered {answers}"


@pytest.mark.parametrize(("name", "names"), of_place("seller"))
def test_another_sellers_pages_are_like_those_of_nobody(world, name, names):
    objects = named(name, world.foreign) if names - {"seller"} else {}
    for role, user in world.people.items():
        for method in METHODS if role in {Role.SELLER_OWNER, Role.AGENCY_OWNER} else METHODS[:1]:
            urls = [
                reverse(name, kwargs={"seller": slug, **objects})
                for slug in ("no-such-seller", "rival", "closed")
            ]
            answers = [seen(ask(user, method, url), url) for url in urls]
            assert answers[0][0] in {302, 401, 404}, f"{role} {method} {urls[0]} answered {answers[0][0]}"
            assert answers[1] == answers[0], f"{role} tells a foreign seller from none by {method} {name}"
            assert answers[2] == answers[0], f"{role} tells a closed seller from none by {method} {name}"


@pytest.mark.parametrize(("name", "names"), of_place("seller"))
def test_an_agency_manager_does_not_reach_an_unassigned_sibling(world, name, names):
    objects = named(name, world.sibling) if names - {"seller"} else {}
    user = world.people[Role.AGENCY_MANAGER.value]
    urls = [reverse(name, kwargs={"seller": slug, **objects}) for slug in ("no-such-seller", "sibling")]
    answers = [seen(ask(user, "get", url), url) for url in urls]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(("name", "names"), of_place("agency"))
def test_another_agencys_pages_are_like_those_of_nobody(world, name, names):
    objects = named(name, world.south) if names - {"agency"} else {}
    for role, user in world.people.items():
        for method in METHODS:
            urls = [reverse(name, kwargs={"agency": slug, **objects}) for slug in ("no-such-agency", "south")]
            answers = [seen(ask(user, method, url), url) for url in urls]
            assert answers[0][0] in {302, 401, 404}
            assert answers[0] == answers[1], f"{role} tells a foreign agency from none by {method} {name}"


@pytest.mark.parametrize(("name", "names"), with_objects(of_place("agency")))
def test_an_object_of_another_agency_is_like_one_that_never_was(world, name, names):
    own, foreign, gone = make(name, world.north), make(name, world.south), make(name, world.north)
    others = [foreign.kwargs, deleted(gone, world.north)]
    for role, user in world.people.items():
        for method in methods_for(role):
            never = reverse(name, kwargs={"agency": "north", **own.verbs, **missing(own.kwargs)})
            expected = seen(ask(user, method, never), never)
            for kwargs in filter(None, others):
                url = reverse(name, kwargs={"agency": "north", **kwargs})
                assert seen(ask(user, method, url), url) == expected, f"{role} {method} {name}"


def placeless() -> list[Any]:
    return [param for param in addresses() if not {"seller", "agency"} & param.values[1]]


@pytest.mark.parametrize(("name", "names"), with_objects(placeless()))
def test_without_a_place_foreign_and_missing_are_one_answer_too(world, name, names):
    kwargs = make(name, world.foreign).kwargs
    for role, user in world.people.items():
        for method in METHODS:
            urls = [reverse(name, kwargs=chosen) for chosen in (missing(kwargs), kwargs)]
            answers = [seen(ask(user, method, url), url) for url in urls]
            # Reviewers see every seller's texts, operators what every place pays.
            if "reviewer" not in role and role != Role.OPERATOR_ADMIN.value:
                assert answers[0] == answers[1], f"{role} {method} {name}"


def test_no_page_shows_another_sellers_words(world):
    """Every maker's objects in every seller; whoever may see `own` finds nothing of the others on any
    page."""
    own: dict[str, Made] = {}
    for name in (param.values[0] for param in with_objects(of_place("seller"))):
        own[name], *_ = [make(name, seller) for seller in (world.own, world.sibling, world.foreign)]
    shown = 0
    for name, _ in (param.values for param in of_place("seller")):
        made = own.get(name, Made({}))
        url = reverse(name, kwargs={"seller": world.own.slug, **made.verbs, **made.kwargs})
        words = ask(world.people["agency_owner"], "get", url).content.decode(errors="replace")
        shown += canary(world.own) in words
        for stranger in (world.sibling, world.foreign):
            assert canary(stranger) not in words, f"{stranger}'s words are on {url}"
    assert shown, "no page shows even our own words: the canaries prove nothing"


def test_support_sees_every_seller_and_changes_none(world):
    from tests.accounts.makers import make_member

    support = make_member(Role.SUPPORT)
    for param in of_place("seller"):
        name, names = param.values
        objects = named(name, world.foreign) if names - {"seller"} else {}
        url = reverse(name, kwargs={"seller": world.foreign.slug, **objects})
        for method in METHODS[1:]:
            assert ask(support, method, url).status_code in {403, 405}, f"support {method} {url}"


def test_the_roles_here_are_all_there_are(world):
    expected = {role.value for role in Role} - {Role.SUPPORT.value}
    assert expected <= set(world.people)
    assert set(IN_SELLER) <= set(Role)
