"""What the desk answered on this seller's texts, taken in: which version may send, within which limits, and telling the author.

An answer may come more than once on the same version: an appeal or a correction overturns the first. So every version that
was ever handed in is compared with the last answer that counts, by the verdict's id.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts import due
from accounts.models import User
from accounts.services import mail
from accounts.tenancy import current_seller
from campaigns.models import Template, TemplateVersion
from campaigns.services import settle
from compliance import selectors as reviews
from compliance.models import Verdict

V = TemplateVersion.State
_A = Verdict.Answer
_ANSWERED = (V.IN_REVIEW, V.APPROVED, V.PAUSED, V.CHANGES_REQUESTED, V.REJECTED)
_STATE_OF: Mapping[str, TemplateVersion.State] = {
    _A.APPROVED: V.APPROVED,
    _A.APPROVED_LIMITED: V.APPROVED,
    _A.CHANGES_REQUESTED: V.CHANGES_REQUESTED,
    _A.REJECTED: V.REJECTED,
}
_FIELDS = (
    "state", "note", "decided_at", "verdict_id", "limit_marketplaces", "limit_volume", "limit_until", "pauses",
    "paused_until",
)  # fmt: skip


@transaction.atomic
def read_verdicts(now: datetime) -> int:
    """Apply what was decided since on the entered seller's versions; answers how many changed. May run twice.

    Versions that a later one replaced stay replaced.
    """
    rows = TemplateVersion.objects.select_for_update(of=("self",)).select_related("template")
    versions = {v.public_id: v for v in rows.filter(state__in=_ANSWERED).order_by("number")}
    verdicts = reviews.latest_verdicts(current_seller(), versions.keys())
    fresh = [
        (versions[i], verdict) for i, verdict in verdicts.items() if versions[i].verdict_id != verdict.pk
    ]
    for version, verdict in sorted(fresh, key=lambda pair: pair[0].number):
        _apply(version, verdict)
    if fresh:
        due.lower(current_seller().pk, "messages.due", now)
    return len(fresh)


def _apply(version: TemplateVersion, verdict: Verdict) -> None:
    was_approved = version.state in (V.APPROVED, V.PAUSED)
    version.state, version.note = _STATE_OF[verdict.answer], verdict.reason
    version.decided_at, version.verdict_id = verdict.decided_at, verdict.pk
    version.limit_marketplaces, version.limit_volume = verdict.marketplaces, verdict.volume
    version.limit_until = verdict.until
    version.pauses, version.paused_until = 0, None  # a person looked: trouble counts anew
    version.save(update_fields=_FIELDS)
    if version.state == V.APPROVED:
        _let_send(version)
    elif was_approved:
        _stop(version)
    if verdict.reviewer_id is not None:
        _tell(version, verdict)


def _let_send(version: TemplateVersion) -> None:
    newer = version.template.versions.filter(state=V.APPROVED, number__gt=version.number)
    if newer.exists():
        TemplateVersion.objects.filter(pk=version.pk).update(state=V.SUPERSEDED)
        return
    older = version.template.versions.filter(state__in=(V.APPROVED, V.PAUSED), number__lt=version.number)
    older.update(state=V.SUPERSEDED, note=f"Version {version.number} took its place.")
    Template.objects.filter(pk=version.template_id).update(approved=version)
    for campaign in version.template.campaigns.all():
        settle.release_blocked(campaign.pk)  # the words that stopped them may be gone


def _stop(version: TemplateVersion) -> None:
    """An approval was taken back: nothing more goes out under it, and no older version comes back to life by itself."""
    Template.objects.filter(pk=version.template_id, approved=version).update(approved=None)


def _tell(version: TemplateVersion, verdict: Verdict) -> None:
    """The author, by mail, of a person's answer."""
    author = User.objects.filter(pk=version.author_id or 0, is_active=True).first()
    if author is not None:
        mail.send(
            "text_decided", [author.email], seller=current_seller(), version=version, verdict=verdict,
            limits=limit_words(version),
        )  # fmt: skip


def limit_words(version: TemplateVersion) -> str:
    """The limits of an approval as one sentence, or ""."""
    parts = [
        f"in {', '.join(version.limit_marketplaces)} only" if version.limit_marketplaces else "",
        f"{version.limit_volume} messages at most" if version.limit_volume else "",
        f"until {version.limit_until:%-d %B %Y}" if version.limit_until else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"Approved with limits: {told}." if told else ""
