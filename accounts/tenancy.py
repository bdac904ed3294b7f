"""Whose data we are in. A task enters its seller explicitly; nothing ever falls back to the public schema."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.database import connection
from accounts.models import Seller


class SellerGone(Exception):
    """The seller is unknown, closed or not ready: drop the work, there is nobody to do it for."""


class NoSeller(Exception):
    """Code that needs a seller runs outside one: wrap it in `with seller_context(...)`."""


@contextmanager
def seller_context(seller: Seller | int) -> Iterator[Seller]:
    """Work in a seller's schema; afterwards the connection is where it was, whatever happened inside.

    A number is looked up afresh. Raises SellerGone.
    """
    entered = seller if isinstance(seller, Seller) else _find(seller)
    if entered.state != Seller.State.READY:
        raise SellerGone(f"Seller {entered.pk} is {entered.get_state_display().lower()}")
    before, included = connection.tenant, connection.include_public_schema
    connection.set_tenant(entered)
    try:
        yield entered
    finally:
        connection.set_tenant(before, included)


def _find(seller_id: int) -> Seller:
    found = Seller.objects.filter(pk=seller_id).first()
    if found is None:
        raise SellerGone(f"Seller {seller_id} does not exist")
    return found


def current_seller() -> Seller:
    """The seller whose schema is entered. Raises NoSeller in the public schema."""
    tenant = connection.tenant
    if isinstance(tenant, Seller):
        return tenant
    entered = Seller.objects.filter(
        schema_name=connection.schema_name
    ).first()  # entered by name, as migrations do
    if entered is None:
        raise NoSeller(f"No seller is entered (schema {connection.schema_name!r})")
    return entered
