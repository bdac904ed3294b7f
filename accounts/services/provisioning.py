"""Making a seller: the row first, then its schema, so that a crash leaves something to resume and never
half a seller."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import slugs
from accounts.database import connection
from accounts.locks import Lock
from accounts.models import Agency, Membership, Seller, SellerDue, User
from accounts.roles import Role
from accounts.services import audit, schemas, template_schema
from accounts.services.billing import opening


def create_seller(
    name: str, slug: str, agency: Agency | None = None, timezone: str = "UTC", owner: User | None = None
) -> Seller:
    """A ready seller with its schema, in a fraction of a second; seconds where no template can be replayed.

    `timezone` is an IANA name. `owner` becomes seller owner, unless the agency's roles already say more.
    Raises ValidationError keyed by field; nothing is left behind then.
    After a crash the seller stays PREPARING and `resume` finishes it.
    """
    seller = reserve(name, slug, agency, timezone, owner)
    return resume(seller)


def reserve(name: str, slug: str, agency: Agency | None, timezone: str, owner: User | None) -> Seller:
    """The row alone, PREPARING: enough to show a page that says how far it is. `resume` does the rest."""
    public_id = uuid.uuid4()
    seller = Seller(name=name.strip(), slug=slug, agency=agency, timezone=timezone, public_id=public_id)
    seller.schema_name = f"seller_{public_id.hex[:16]}"  # hex: can not be taken for the template's name
    _refuse_bad_values(seller)
    with schemas.inside("public"), transaction.atomic():
        seller.save()  # type: ignore[no-untyped-call]  # django-tenants'
        if owner:
            Membership.objects.create(user=owner, seller=seller, role=Role.SELLER_OWNER)
        opening.open_seller(seller)
        audit.record("seller.created", actor=owner, seller=seller, agency=agency, target=slug)
    return seller


def _refuse_bad_values(seller: Seller) -> None:
    problems: dict[str, list[str]] = {}
    try:
        seller.full_clean(exclude=("schema_name",))
    except ValidationError as found:
        problems = found.message_dict
    if seller.timezone not in available_timezones():
        problems["timezone"] = [f"“{seller.timezone}” is not a time zone. Choose one such as Europe/Berlin."]
    if problems:
        raise ValidationError(problems)


def resume(seller: Seller) -> Seller:
    """Finish a seller that is being prepared. Safe to call twice and at the same time: one works, the other
    waits."""
    with schemas.inside("public"), _one_at_a_time(seller):
        seller.refresh_from_db()
        if seller.state == Seller.State.PREPARING:
            _build(seller)
    return seller


@contextmanager
def _one_at_a_time(seller: Seller) -> Iterator[None]:
    """A lock of the database session on one seller's preparation, so that steps may commit while it is
    held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [Lock.SELLER, seller.pk])
    try:
        yield
    finally:
        if (
            not connection.needs_rollback
        ):  # else the transaction is lost, and nothing can be said before it ends
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [Lock.SELLER, seller.pk])


def _build(seller: Seller) -> None:
    _note(seller, "making room")
    template = template_schema.statements()
    with transaction.atomic():
        schemas.drop(seller.schema_name)  # what an earlier attempt left
        schemas.create(seller.schema_name)
        if template:
            template_schema.replay(seller.schema_name, template)
            _ready(seller)
    if not template:
        schemas.migrate(seller.schema_name, note=lambda step: _note(seller, step))
        _ready(seller)


def _note(seller: Seller, step: str) -> None:
    seller.step = step
    Seller.objects.filter(pk=seller.pk).update(step=step)


def _ready(seller: Seller) -> None:
    seller.state, seller.step = Seller.State.READY, ""
    Seller.objects.filter(pk=seller.pk).update(state=seller.state, step=seller.step)


def resume_unfinished() -> int:
    """Finish every seller whose preparation a crash cut short; the number finished. A slow tick calls
    this."""
    unfinished = Seller.objects.filter(state=Seller.State.PREPARING)
    return sum(resume(seller).state == Seller.State.READY for seller in unfinished)


def close_seller(seller: Seller, actor: User | None = None) -> None:
    """Nobody reaches it any more and nothing is due; its data stays until it is deleted by the operator."""
    with schemas.inside("public"), transaction.atomic():
        Seller.objects.filter(pk=seller.pk).update(state=Seller.State.CLOSED)
        SellerDue.objects.filter(seller=seller).delete()
        audit.record("seller.closed", actor=actor, seller=seller)
    seller.state = Seller.State.CLOSED


def free_slug(name: str) -> str:
    return slugs.free_slug(Seller, name)
