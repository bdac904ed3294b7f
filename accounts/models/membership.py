"""Who may act where, and the invitations that make it so."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.roles import Role

ROLE_CHOICES = [(role.value, role.title) for role in Role]


class Membership(models.Model):
    """One role of one user: in a seller, in an agency, or (neither set) among the operator's staff.

    An agency manager acts only for the sellers in `assigned`; every other agency role reaches all of the
    agency's sellers.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=24, choices=ROLE_CHOICES)
    seller = models.ForeignKey(
        "accounts.Seller", null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    agency = models.ForeignKey(
        "accounts.Agency", null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    assigned = models.ManyToManyField("accounts.Seller", blank=True, related_name="assigned_memberships")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(seller__isnull=True) | Q(agency__isnull=True), name="membership_in_one_place"
            ),
            models.UniqueConstraint(
                fields=("user", "seller"), condition=Q(seller__isnull=False), name="membership_seller_once"
            ),
            models.UniqueConstraint(
                fields=("user", "agency"), condition=Q(agency__isnull=False), name="membership_agency_once"
            ),
            models.UniqueConstraint(
                fields=("user", "role"),
                condition=Q(seller__isnull=True, agency__isnull=True),
                name="membership_operator_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display()}"


class Invitation(models.Model):
    """Single use, bound to an e-mail address; only the token's hash is kept."""

    email = models.EmailField()
    role = models.CharField(max_length=24, choices=ROLE_CHOICES)
    seller = models.ForeignKey(
        "accounts.Seller", null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    agency = models.ForeignKey(
        "accounts.Agency", null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"
