"""Texts that draw trouble stop by themselves: paused for three hours, for a day, then off and back to the desk.

Looked at after each refusal and with each sweep; what was counted for one pause is not counted for the next.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts import due
from accounts.models import Membership, Seller, User
from accounts.roles import Role
from accounts.services import audit, mail
from accounts.tenancy import current_seller
from campaigns.domain.trouble import TROUBLE_COUNTS, Trouble, pause_for, trouble_words
from campaigns.models import Template, TemplateVersion
from campaigns.services import templates
from compliance.models import Incident
from compliance.services import review

#: Reasons of refused messages that speak of the words or the seller's standing, not of one order.
BLOCKS = ("amazon_refused", "relay_refused")
COMPLAINTS = ("opted_out",)

_TROUBLED = """
SELECT v.id, v.sends, count(*) FILTER (WHERE m.reason = ANY(%(blocks)s)), count(*) FILTER (WHERE m.reason = ANY(%(complaints)s))
FROM campaigns_message m JOIN campaigns_templateversion v ON v.id = m.version_id
WHERE m.state = 'refused' AND m.updated_at > %(since)s AND v.state = 'approved'
  AND m.updated_at > greatest(coalesce(v.paused_until, v.decided_at), v.decided_at)
GROUP BY v.id
"""


def watch(now: datetime) -> int:
    """Pause the entered seller's versions that draw trouble; answers how many. One statement where there is none."""
    parameters: dict[str, Any] = {
        "blocks": list(BLOCKS), "complaints": list(COMPLAINTS), "since": now - TROUBLE_COUNTS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_TROUBLED, parameters)
        rows = cursor.fetchall()
    found = [(pk, Trouble(max(sends, blocks + wishes), blocks, wishes)) for pk, sends, blocks, wishes in rows]
    return sum(_pause(pk, trouble, now) for pk, trouble in found if trouble_words(trouble))


@transaction.atomic
def _pause(version_id: int, trouble: Trouble, now: datetime) -> bool:
    rows = TemplateVersion.objects.select_for_update(of=("self",)).select_related("template")
    version = rows.get(pk=version_id)
    if version.state != TemplateVersion.State.APPROVED or (
        version.paused_until and version.paused_until > now
    ):
        return False
    rest = pause_for(version.pauses)
    version.pauses += 1
    version.pause_note = trouble_words(trouble)
    if rest is None:
        _send_back(version, now)
    else:
        version.paused_until = now + rest
        due.lower(current_seller().pk, "messages.due", version.paused_until)
    version.save(update_fields=["pauses", "pause_note", "paused_until", "state", "note"])
    _tell(version, trouble, now)
    return True


def _send_back(version: TemplateVersion, now: datetime) -> None:
    """Off: nothing goes out under it before a person has looked again."""
    version.state, version.paused_until = TemplateVersion.State.IN_REVIEW, None
    version.note = f"Paused twice, and again trouble: {version.pause_note} A person looks at it again."
    Template.objects.filter(pk=version.template_id, approved=version).update(approved=None)
    review.reopen(current_seller(), templates.submission_of(version), why=[version.note], user=None, now=now)


def _tell(version: TemplateVersion, trouble: Trouble, now: datetime) -> None:
    seller = current_seller()
    kind = Incident.Kind.BLOCKED if trouble.blocks >= trouble.complaints else Incident.Kind.COMPLAINT
    review.report_incident(
        seller, kind, reference=f"{version.public_id}:{version.pauses}", at=now, subject_id=version.public_id,
        note=version.pause_note,
    )  # fmt: skip
    audit.record("text.paused", actor=None, seller=seller, target=str(version.public_id))
    mail.send("text_rests", _owners(seller, version), seller=seller, version=version)


def _owners(seller: Seller, version: TemplateVersion) -> list[str]:
    """Who wrote it, and the seller's owners."""
    owners = Membership.objects.filter(seller=seller, role=Role.SELLER_OWNER, user__is_active=True)
    ids = [version.author_id or 0, *owners.values_list("user_id", flat=True)]
    return sorted(User.objects.filter(pk__in=ids, is_active=True).values_list("email", flat=True))


@transaction.atomic
def resume(version: TemplateVersion, *, actor: User | None, now: datetime) -> bool:
    """A person ends the rest early; False: it rests no more. How often it was paused stays counted."""
    changed = TemplateVersion.objects.filter(pk=version.pk, paused_until__gt=now).update(paused_until=now)
    if changed:
        audit.record("text.resumed", actor=actor, seller=current_seller(), target=str(version.public_id))
        due.lower(current_seller().pk, "messages.due", now)
    return bool(changed)
