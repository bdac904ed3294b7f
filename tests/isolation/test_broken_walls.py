"""A walk that has never been seen to fail proves nothing: break a wall on purpose and see it noticed."""

import pytest
from django.db import connection

from accounts import middleware
from accounts.access import Access
from accounts.models import Membership, Seller
from accounts.reach import Reach
from accounts.roles import Place, Role
from tests.isolation import test_walk as walk


def test_a_middleware_that_lets_anybody_into_any_seller_is_noticed(world, monkeypatch):
    def careless(user, slug):
        found = Seller.objects.filter(slug=slug).first()
        return (found, Reach(Place.SELLER, frozenset({Role.SELLER_VIEWER}))) if found else None

    monkeypatch.setattr(middleware, "seller_for", careless)
    with pytest.raises(AssertionError, match="tells a foreign seller from none"):
        walk.test_another_sellers_pages_are_like_those_of_nobody(world, "team", frozenset({"seller"}))


def test_a_middleware_that_says_403_for_foreign_and_404_for_missing_is_noticed(world, monkeypatch):
    def honest(user, slug):
        found = Seller.objects.filter(slug=slug).first()
        return (found, Reach(Place.SELLER, frozenset())) if found else None

    monkeypatch.setattr(middleware, "seller_for", honest)
    with pytest.raises(AssertionError, match="tells a foreign seller from none"):
        walk.test_another_sellers_pages_are_like_those_of_nobody(world, "team", frozenset({"seller"}))


def test_a_view_that_finds_everybodys_rows_is_noticed(world, monkeypatch):
    from accounts.views import team

    monkeypatch.setattr(team, "_member", lambda request, pk: Membership.objects.filter(pk=pk).get())
    with pytest.raises(AssertionError):
        walk.test_an_object_of_another_seller_is_like_one_that_never_was(
            world, "team_role", frozenset({"seller", "member"})
        )


def test_a_search_path_that_stays_with_the_first_seller_is_noticed(world, monkeypatch):
    """What a cached search path did: every seller's pages show one seller's data."""
    entered = connection.set_tenant

    def stuck(tenant, include_public=True):
        entered(world.foreign if isinstance(tenant, Seller) else tenant, include_public)

    monkeypatch.setattr(connection._connections[connection._alias], "set_tenant", stuck)
    with pytest.raises(AssertionError):
        walk.test_no_page_shows_another_sellers_words(world)


def test_a_page_without_a_declared_permission_is_noticed(monkeypatch):
    from tests.architecture import test_urls as urls

    def forgotten(request):
        """A view as somebody in a hurry writes it."""

    with pytest.raises(Exception, match="declares no permission"):
        urls.test_every_address_declares_whom_it_is_for("s/<slug:seller>/x", frozenset({"seller"}), forgotten)
    monkeypatch.setattr(forgotten, "access", Access(urls.Audience.USERS), raising=False)
    with pytest.raises(AssertionError, match="asks for no permission"):
        urls.test_a_place_in_the_address_is_always_asked_for_a_permission(
            "s/<slug:seller>/x", frozenset({"seller"}), forgotten
        )
