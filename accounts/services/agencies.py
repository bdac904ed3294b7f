"""Agencies: companies whose staff manage several sellers."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import slugs
from accounts.models import Agency, Membership, Seller, User
from accounts.reach import agency_for
from accounts.roles import Permission, Role
from accounts.services import audit, provisioning
from accounts.services.billing import following, opening


def create_agency(name: str, slug: str, owner: User) -> Agency:
    """An agency with its first owner. Raises ValidationError keyed by field."""
    agency = Agency(name=name.strip(), slug=slug)
    agency.full_clean()
    with transaction.atomic():
        agency.save()
        Membership.objects.create(user=owner, agency=agency, role=Role.AGENCY_OWNER)
        opening.open_agency(agency)
        audit.record("agency.created", owner, agency=agency, target=slug)
    return agency


def add_seller(agency: Agency, name: str, slug: str, timezone: str, actor: User) -> Seller:
    """A new seller of the agency. Raises ValidationError."""
    found = agency_for(actor, agency.slug)
    if found is None or Permission.AGENCY_MANAGE not in found[1].permissions:
        raise ValidationError("Only an agency's owner adds sellers. Ask an owner.")
    return provisioning.create_seller(name, slug, agency=agency, timezone=timezone)


def release_seller(seller: Seller, actor: User) -> None:
    """The seller leaves its agency, whose staff is out with the next request. It needs an owner of its own.

    Raises ValidationError."""
    own = seller.memberships.filter(role=Role.SELLER_OWNER, user__is_active=True)
    if not own.exists():
        raise ValidationError("The seller has no owner of its own. Invite one before it leaves the agency.")
    agency = seller.agency
    with transaction.atomic():
        Seller.objects.filter(pk=seller.pk).update(agency=None)
        seller.assigned_memberships.clear()
        opening.leave_agency(seller, actor)
        audit.record("agency.seller_released", actor, seller=seller, agency=agency)
    seller.agency = None
    if agency:
        following.follow_quietly(opening.open_agency(agency))


def free_slug(name: str) -> str:
    return slugs.free_slug(Agency, name)
