"""Small makers of people and places."""

from itertools import count

from django.utils import timezone

from accounts.models import Agency, Connection, Membership, Seller, User
from accounts.roles import Place, Role

_numbers = count(1)


def make_user(**fields) -> User:
    return User.objects.create_user(
        f"user{next(_numbers)}@example.com", **fields
    )  # no password: hashing takes half a second


def make_agency(slug: str = "", **fields) -> Agency:
    slug = slug or f"agency-{next(_numbers)}"
    return Agency.objects.create(slug=slug, name=slug.title(), **fields)


def give(user: User, role: Role, where: Seller | Agency | None = None) -> Membership:
    fields = {"seller": where} if isinstance(where, Seller) else {"agency": where}
    return Membership.objects.create(user=user, role=role, **fields)


def make_member(role: Role, where: Seller | Agency | None = None) -> User:
    """A user with one role: in the place given, or among the operator's staff."""
    assert where or role.place is Place.OPERATOR
    user = make_user()
    give(user, role, where)
    return user


def make_connection(seller: Seller, **fields) -> Connection:
    values = {
        "region": "EU",
        "selling_partner_id": f"A{next(_numbers):013d}",
        "marketplace_ids": ["A1PA6795UKMFR9"],
        "authorised_at": timezone.now(),
        "refresh_token_sealed": "s1.x.x",
    }
    return Connection.objects.create(seller=seller, **{**values, **fields})
