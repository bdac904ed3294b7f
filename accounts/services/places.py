"""A place people belong to: a seller, an agency, or (None) the operator's staff."""

from typing import Any

from django.db.models import Q

from accounts.models import Agency, Membership, Seller, User
from accounts.reach import agency_for, as_operator, seller_for
from accounts.roles import MAY_INVITE, Place, Role

Where = Seller | Agency | None


def kind_of(where: Where) -> Place:
    if isinstance(where, Seller):
        return Place.SELLER
    return Place.AGENCY if isinstance(where, Agency) else Place.OPERATOR


def fields(where: Where) -> dict[str, Any]:
    """The columns that say where a membership, an invitation or an audit entry belongs."""
    return {
        "seller": where if isinstance(where, Seller) else None,
        "agency": where if isinstance(where, Agency) else None,
    }


def memberships(where: Where) -> Any:
    return Membership.objects.filter(_q(where)).select_related("user").order_by("user__email")


def _q(where: Where) -> Q:
    return Q(**fields(where))


def name_of(where: Where) -> str:
    return where.name if where else "the operator's staff"


def roles_of(user: User, where: Where) -> frozenset[Role]:
    """Every role the user acts with here, by membership in the place itself or through an agency."""
    if where is None:
        return as_operator(user).roles
    found = seller_for(user, where.slug) if isinstance(where, Seller) else agency_for(user, where.slug)
    return found[1].roles if found else frozenset()


def roles_to_give(user: User, where: Where) -> list[Role]:
    """The roles this user may hand out here: never above their own."""
    given = frozenset().union(*(MAY_INVITE.get(role, frozenset()) for role in roles_of(user, where)))
    return [role for role in Role if role in given and role.place == kind_of(where)]
