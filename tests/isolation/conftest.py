"""A small world: two agencies, two sellers in the first, one in the second, and somebody in every role."""

from dataclasses import dataclass

import pytest
from django.db import connection

from accounts.models import Agency, Seller, User
from accounts.roles import Place, Role
from accounts.services import provisioning
from tests.accounts.makers import give, make_agency, make_member, make_user


@dataclass
class World:
    north: Agency
    south: Agency
    own: Seller  # north's
    sibling: Seller  # north's
    foreign: Seller  # south's
    closed: Seller  # north's once
    people: dict[str, User]  # everybody who has something to do with `own`, by role


@pytest.fixture
def world(db) -> World:
    north, south = make_agency("north"), make_agency("south")
    own, foreign = Seller.objects.get(slug="acme"), Seller.objects.get(slug="rival")
    Seller.objects.filter(pk=own.pk).update(agency=north)
    Seller.objects.filter(pk=foreign.pk).update(agency=south)
    sibling = provisioning.create_seller("Sibling", "sibling", agency=north)
    closed = Seller.objects.create(
        slug="closed", name="Closed", schema_name="seller_closed", agency=north, state=Seller.State.CLOSED
    )
    own.refresh_from_db()
    foreign.refresh_from_db()
    for number, seller in enumerate((own, sibling, foreign), 1):
        _number_from(seller, number * 1_000_000)
    return World(north, south, own, sibling, foreign, closed, _people(own, north))


def _people(own: Seller, agency: Agency) -> dict[str, User]:
    people = {role.value: make_member(role, own) for role in Role if role.place is Place.SELLER}
    for role in (Role.AGENCY_OWNER, Role.AGENCY_ANALYST):
        people[role.value] = make_member(role, agency)
    manager = people[Role.AGENCY_MANAGER.value] = make_user()
    give(manager, Role.AGENCY_MANAGER, agency).assigned.add(own)
    for role in Role:
        if role.place is Place.OPERATOR and role is not Role.SUPPORT:
            people[role.value] = make_member(role)
    people["nobody in particular"] = make_user()
    suspended = people["suspended"] = make_member(Role.SELLER_OWNER, own)
    suspended.is_active = False
    suspended.save()
    return people


def _number_from(seller: Seller, start: int) -> None:
    """Rows of different sellers never share an id: a foreign id that happened to exist here would prove
    nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = %s", [seller.schema_name])
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER SEQUENCE "{seller.schema_name}"."{name}" RESTART WITH {start}')
