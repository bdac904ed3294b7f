"""Who to write to about a place."""

from accounts.models import Seller, User
from accounts.roles import Role


def owners(seller: Seller) -> list[str]:
    """The addresses of those who answer for a seller: its owners, and its agency's."""
    own = User.objects.filter(is_active=True, memberships__seller=seller, memberships__role=Role.SELLER_OWNER)
    agency = User.objects.filter(
        is_active=True,
        memberships__agency=seller.agency_id,
        memberships__agency__isnull=False,
        memberships__role=Role.AGENCY_OWNER,
    )
    return sorted(set(own.values_list("email", flat=True)) | set(agency.values_list("email", flat=True)))
