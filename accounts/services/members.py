"""Who works where: inviting, accepting, changing a role, leaving.

Every refusal is a ValidationError keyed by field. Nobody gives, changes or takes away a role they could not
invite to.
"""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import Agency, Invitation, Membership, Seller, User
from accounts.roles import Role
from accounts.services import audit, mail
from accounts.services.places import Where, fields, memberships, name_of, roles_to_give

_OWNERS = {Role.SELLER_OWNER, Role.AGENCY_OWNER}


def members_of(where: Where) -> QuerySet[Membership]:
    found: QuerySet[Membership] = memberships(where)
    return found


def open_invitations(where: Where) -> QuerySet[Invitation]:
    waiting = Invitation.objects.filter(
        **fields(where), accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )
    return waiting.order_by("-created_at")


def invite(where: Where, email: str, role: Role, inviter: User) -> Invitation:
    """Mail a link that works once, for this address, for INVITATION_LIFETIME; an older one to the same
    address ends."""
    email = _checked(email)
    _refuse_above(inviter, where, role)
    if memberships(where).filter(user__email__iexact=email).exists():
        raise ValidationError(
            {"email": f"{email} works for {name_of(where)} already. Change the role in the list instead."}
        )
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        open_invitations(where).filter(email__iexact=email).update(revoked_at=timezone.now())
        invitation = Invitation.objects.create(
            email=email, role=role, token_hash=_hashed(token), invited_by=inviter,
            expires_at=timezone.now() + settings.INVITATION_LIFETIME, **fields(where),
        )  # fmt: skip
        audit.record("member.invited", inviter, **fields(where), target=str(invitation.pk), role=role)
        _mail(invitation, token, where, inviter)
    return invitation


def _checked(email: str) -> str:
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as problem:
        raise ValidationError({"email": problem.messages}) from None
    return email


def _refuse_above(actor: User, where: Where, *roles: str) -> None:
    allowed = roles_to_give(actor, where)
    beyond = [Role(role).title for role in roles if Role(role) not in allowed]
    if beyond:
        titles = ", ".join(role.title for role in allowed) or "none"
        raise ValidationError(
            {"role": f"You may not decide about {', '.join(beyond)} here. Roles you may give: {titles}."}
        )


def _mail(invitation: Invitation, token: str, where: Where, inviter: User) -> None:
    context = {"inviter": inviter, "place": name_of(where), "role": Role(invitation.role).title.lower()}
    mail.send(
        "invitation", [invitation.email], link=link_to(token), expires_at=invitation.expires_at, **context
    )


def link_to(token: str) -> str:
    try:
        return settings.SITE_URL.rstrip("/") + reverse("accept_invitation", kwargs={"token": token})
    except NoReverseMatch:
        return f"{settings.SITE_URL.rstrip('/')}/invitations/{token}"


def find_invitation(token: str) -> Invitation | None:
    """An invitation that may still be accepted."""
    open_ = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    return open_.select_related("seller", "agency", "invited_by").filter(token_hash=_hashed(token)).first()


def accept(token: str, user: User) -> Membership:
    """Become a member. The address must be the user's; the inviter must still be allowed to give the role."""
    with transaction.atomic():
        found = find_invitation(token)
        invitation = (
            found
            and Invitation.objects.select_for_update()
            .filter(pk=found.pk, accepted_at=None, revoked_at=None)
            .first()
        )
        if not found or not invitation:
            raise ValidationError("This invitation was used, withdrawn or has expired. Ask for a new one.")
        _refuse_other_person(invitation, user)
        where = found.seller or found.agency
        if found.invited_by is None or Role(invitation.role) not in roles_to_give(found.invited_by, where):
            raise ValidationError(
                "Whoever invited you may no longer do so. Ask an owner for a new invitation."
            )
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())
        return _join(user, where, Role(invitation.role), invitation)


def _refuse_other_person(invitation: Invitation, user: User) -> None:
    if invitation.email.casefold() != user.email.casefold():
        raise ValidationError(
            f"This invitation is for {invitation.email}; you are signed in as {user.email}. "
            "Sign in with the invited address."
        )


def _join(user: User, where: Where, role: Role, invitation: Invitation) -> Membership:
    key: dict[str, Any] = {"user": user, **fields(where)}
    if where is None:  # staff may hold several roles
        key["role"] = role
    membership, _ = Membership.objects.get_or_create(**key, defaults={"role": role})
    audit.record("member.joined", user, **fields(where), target=str(invitation.pk), role=membership.role)
    return membership


def revoke(invitation: Invitation, actor: User) -> None:
    where = invitation.seller or invitation.agency
    _refuse_above(actor, where, invitation.role)
    with transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(revoked_at=timezone.now())
        audit.record("member.invitation_revoked", actor, **fields(where), target=str(invitation.pk))


def change_role(membership: Membership, role: Role, actor: User) -> Membership:
    """Takes effect with the member's next request. The last owner stays owner."""
    where = membership.seller or membership.agency
    _refuse_above(actor, where, membership.role, role)
    with transaction.atomic():
        _keep_an_owner(membership, where, role)
        before, membership.role = membership.role, role
        membership.save(update_fields=["role"])
        if role != Role.AGENCY_MANAGER:
            membership.assigned.clear()
        audit.record(
            "member.role_changed",
            actor,
            **fields(where),
            target=str(membership.user_id),
            before=before,
            after=role,
        )
    return membership


def remove(membership: Membership, actor: User) -> None:
    """Out with the next request. Anybody may leave by themselves; the last owner may not."""
    where = membership.seller or membership.agency
    if membership.user_id != actor.pk:
        _refuse_above(actor, where, membership.role)
    with transaction.atomic():
        _keep_an_owner(membership, where, None)
        audit.record(
            "member.removed", actor, **fields(where), target=str(membership.user_id), role=membership.role
        )
        membership.delete()


def _keep_an_owner(membership: Membership, where: Where, becomes: Role | None) -> None:
    """Rows are locked, so that two owners can not remove each other at once. A seller of an agency may do
    without its own."""
    if Role(membership.role) not in _OWNERS or becomes == membership.role:
        return
    if isinstance(where, Seller) and where.agency_id:
        return
    owners = Membership.objects.select_for_update().filter(
        **fields(where), role=membership.role, user__is_active=True
    )
    if not [owner for owner in owners if owner.pk != membership.pk]:
        last = f"{membership.user} is the last owner of {name_of(where)}."
        raise ValidationError({"role": f"{last} Make somebody else owner first."})


def assign(membership: Membership, sellers: QuerySet[Seller] | list[Seller], actor: User) -> None:
    """The sellers an agency manager acts for; all of them must be the agency's."""
    agency = membership.agency
    if not isinstance(agency, Agency) or membership.role != Role.AGENCY_MANAGER:
        why = "Only an agency's managers are assigned to sellers; its other roles reach all of them."
        raise ValidationError({"assigned": why})
    _refuse_above(actor, agency, membership.role)
    chosen = list(sellers)
    foreign = [seller.name for seller in chosen if seller.agency_id != agency.pk]
    if foreign:
        raise ValidationError({"assigned": f"Not among the agency's sellers: {', '.join(foreign)}."})
    with transaction.atomic():
        membership.assigned.set(chosen)
        audit.record(
            "member.assigned",
            actor,
            agency=agency,
            target=str(membership.user_id),
            sellers=[s.pk for s in chosen],
        )


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
