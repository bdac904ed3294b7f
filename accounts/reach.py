"""Whom a user reaches, and as what. Asked afresh for each request, so access that was taken away is gone
with the next click."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import TABLES
from accounts.models import Agency, Membership, Seller, User
from accounts.roles import Permission, Place, Role


@dataclass(frozen=True)
class Reach:
    """What one user may do in one place. No roles: for this user the place does not exist."""

    place: Place
    roles: frozenset[Role]

    @property
    def permissions(self) -> frozenset[Permission]:
        table = TABLES[self.place]
        return frozenset().union(*(table.get(role, frozenset()) for role in self.roles))

    @property
    def is_only_support(self) -> bool:
        return self.roles == {Role.SUPPORT}


def seller_for(user: User, slug: str) -> tuple[Seller, Reach] | None:
    """One statement. None when there is no such seller, it is closed, or it is none of this user's
    business."""
    held = ArraySubquery(_held_in_seller(user).values("role"))
    found = _open_sellers().select_related("entitlement").filter(slug=slug).annotate(held=held).first()
    return (found, _reach(found, Place.SELLER)) if found and found.held else None


def agency_for(user: User, slug: str) -> tuple[Agency, Reach] | None:
    held = _of(user).filter(Q(agency=OuterRef("pk")) | _support())
    found = Agency.objects.filter(slug=slug).annotate(held=ArraySubquery(held.values("role"))).first()
    return (found, _reach(found, Place.AGENCY)) if found and found.held else None


def as_operator(user: User) -> Reach:
    roles = _of(user).filter(seller=None, agency=None).values_list("role", flat=True)
    return Reach(Place.OPERATOR, frozenset(map(Role, roles)))


def sellers_of(user: User) -> QuerySet[Seller]:
    """Every seller the user may enter, support's reach aside; by name."""
    mine = _held_in_seller(user).exclude(_support())
    found: QuerySet[Seller] = _open_sellers().filter(Exists(mine)).order_by("name", "pk")
    return found


def agencies_of(user: User) -> QuerySet[Agency]:
    return Agency.objects.filter(memberships__user=user).order_by("name", "pk")


def _reach(found: Any, place: Place) -> Reach:
    return Reach(place, frozenset(Role(role) for role in found.held))


def _open_sellers() -> QuerySet[Seller]:
    return Seller.objects.exclude(state=Seller.State.CLOSED)


def _of(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user)


def _support() -> Q:
    return Q(seller=None, agency=None, role=Role.SUPPORT)


def _held_in_seller(user: User) -> QuerySet[Membership]:
    """The user's memberships that reach the outer seller: its own, its agency's (a manager only if
    assigned), support's."""
    assigned = Membership.assigned.through.objects.filter(
        membership_id=OuterRef("pk"), seller_id=OuterRef(OuterRef("pk"))
    )
    by_agency = Q(agency__isnull=False, agency=OuterRef("agency_id")) & (
        ~Q(role=Role.AGENCY_MANAGER) | Q(is_assigned=True)
    )
    return (
        _of(user)
        .annotate(is_assigned=Exists(assigned))
        .filter(Q(seller=OuterRef("pk")) | by_agency | _support())
    )
