"""Every address says whom it is for, and asks for what its place can give."""

from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.access import Access, Audience, access_of, place_of
from accounts.roles import AS_OPERATOR, IN_AGENCY, IN_SELLER, Place


def every_pattern(patterns: Any = None, prefix: str = "", kwargs: frozenset[str] = frozenset()):
    """(route, kwargs in it, pattern) of every address of the product."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route, names = (
            prefix + str(pattern.pattern),
            kwargs | set(pattern.pattern.converters) | set(getattr(pattern.pattern.regex, "groupindex", {})),
        )
        if isinstance(pattern, URLResolver):
            yield from every_pattern(pattern.url_patterns, route, names)
        else:
            assert isinstance(pattern, URLPattern)
            yield route, names, pattern


EVERY = [pytest.param(route, names, pattern.callback, id=route) for route, names, pattern in every_pattern()]


@pytest.mark.parametrize(("route", "names", "view"), EVERY)
def test_every_address_declares_whom_it_is_for(route, names, view):
    assert isinstance(access_of(view), Access)


@pytest.mark.parametrize(("route", "names", "view"), EVERY)
def test_a_place_in_the_address_is_always_asked_for_a_permission(route, names, view):
    """`public` and `login_only` do not look at the kwarg: the page would be open to everybody."""
    access = access_of(view)
    if {"seller", "agency"} & names:
        assert access.audience is Audience.PERMITTED, f"{route} names a place but asks for no permission"


@pytest.mark.parametrize(("route", "names", "view"), EVERY)
def test_a_permission_is_one_that_somebody_can_have_there(route, names, view):
    access = access_of(view)
    if access.audience is Audience.PERMITTED:
        tables = {Place.SELLER: IN_SELLER, Place.AGENCY: IN_AGENCY, Place.OPERATOR: AS_OPERATOR}
        for permission in (access.read, access.write):
            table = tables[place_of(permission, dict.fromkeys(names))]
            assert any(permission in granted for granted in table.values())


def test_no_two_addresses_share_a_name():
    names = [
        pattern.name
        for route, _, pattern in every_pattern()
        if pattern.name and not route.startswith("operator/")
    ]
    assert sorted(names) == sorted(set(names))
