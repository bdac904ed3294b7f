"""Writing texts: draft, check as you type, freeze and submit, and take in what the reviewers said."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from accounts.models import Connection, Seller, User
from accounts.tenancy import current_seller
from amazon.regions import MARKETPLACES
from campaigns.domain import drafting, markup, render
from campaigns.domain.vocabulary import Channel
from campaigns.errors import AuthoringError, NotEditable, StaleEdit, TextFaulty
from campaigns.models import Template, TemplateText, TemplateVersion
from campaigns.services.verdicts import read_verdicts
from compliance import looking, pack, rewriting
from compliance.engine.types import Attachment, Draft, Finding
from compliance.looking import Look
from compliance.models import Case
from compliance.policy import Accepted
from compliance.services import appealing, review

V = TemplateVersion.State


@dataclass(frozen=True)
class TextInput:
    """One language as typed. `language` is a BCP 47 tag, `body_format` html or text."""

    language: str
    subject: str
    body: str
    body_format: str = "text"


@dataclass(frozen=True)
class Examined:
    """What the editor shows: faults that stop saving as ready, and what the rules saw."""

    faults: tuple[render.TemplateFault, ...]
    look: Look

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(noted.finding for noted in self.look.noted)

    @property
    def outcome(self) -> str:
        return self.look.outcome


def examine(template: Template, text: TextInput, accepted: Collection[Accepted] = ()) -> Examined:
    """Check a text as typed, what was `accepted` of it left out. Nothing is stored."""
    return Examined(tuple(_faults(text)), looking.look(_draft(template, text), accepted))


def mend(template: Template, text: TextInput, fix_id: str) -> TextInput | None:
    """The text with one of the rewrites that the checker offered, or all (`looking.EVERY_FIX`). None: the words are gone."""
    draft = looking.apply_fix(_draft(template, text), fix_id)
    return None if draft is None else replace(text, subject=draft.subject, body=draft.body)


def rewritten(template: Template, text: TextInput) -> tuple[TextInput, tuple[Finding, ...]]:
    """The text with every rewrite that is safe, until none is left, and the findings whose rewrite that was."""
    done = rewriting.rewrite(_draft(template, text))
    return replace(text, subject=done.draft.subject, body=done.draft.body), done.applied


@transaction.atomic
def create(
    name: str,
    *,
    channel: Channel,
    purpose: str,
    texts: Sequence[TextInput],
    user: User | None,
    message_type: str = "",
) -> Template:
    if channel is Channel.SOLICITATION:
        raise AuthoringError("Amazon writes its review request itself; there is no text to make.")
    template = Template.objects.create(name=name, channel=channel, purpose=purpose, message_type=message_type)
    _write(_new_version(template, user), texts)
    return template


@transaction.atomic
def save_draft(
    template: Template, texts: Sequence[TextInput], *, based_on: int, user: User | None
) -> TemplateVersion:
    """Store what was typed: into the draft, or, when the newest version is frozen, into a new one.

    `based_on` is the number of the version the author saw; raises StaleEdit when a newer one exists.
    Faulty placeholders are stored (a draft keeps what was typed); only submitting refuses them.
    """
    Template.objects.select_for_update().get(pk=template.pk)
    newest = newest_version(template)
    if newest.number != based_on:
        raise StaleEdit(newest.number)
    version = newest if newest.state == V.DRAFT else _copy_attachments(newest, _new_version(template, user))
    _write(version, texts)
    return version


@transaction.atomic
def open_draft(template: Template, *, user: User | None) -> TemplateVersion:
    """The draft to work on: the newest version, or a copy of it where that is frozen."""
    Template.objects.select_for_update().get(pk=template.pk)
    newest = newest_version(template)
    if newest.state == V.DRAFT:
        return newest
    version = _copy_attachments(newest, _new_version(template, user))
    _write(version, [TextInput(t.language, t.subject, t.body, t.body_format) for t in newest.texts.all()])
    return version


@dataclass(frozen=True)
class Against:
    """The verdict a changed text appeals against, and what the author says of it ("I changed it")."""

    verdict_id: int
    words: str


@transaction.atomic
def submit(
    version: TemplateVersion, *, user: User | None, now: datetime, against: Against | None = None
) -> Case:
    """Freeze the version and hand it to review, or to an appeal; a clean text is approved at once.

    Raises TextFaulty, NotEditable, compliance's NotSubmittable or, of an appeal, DeskError; the draft stays a draft then.
    """
    version = TemplateVersion.objects.select_for_update().select_related("template").get(pk=version.pk)
    if version.state != V.DRAFT:
        raise NotEditable(f"{version} is no longer a draft: {version.get_state_display().lower()}.")
    submission = submission_of(version)
    case = _hand_in(submission, against, user, now)
    _give_way(version)
    version.state, version.submitted_at = V.IN_REVIEW, now
    version.content_hash, version.pack = _content_hash(submission.drafts), pack.version()
    version.save(update_fields=["state", "submitted_at", "content_hash", "pack"])
    read_verdicts(now)
    return case


def submission_of(version: TemplateVersion) -> review.Submission:
    """The version as reviewers see it. Raises TextFaulty or AuthoringError."""
    return review.Submission(
        Case.Subject.TEMPLATE_VERSION,
        version.public_id,
        str(version),
        _drafts_of(version),
        version.template.public_id,
    )


def _hand_in(
    submission: review.Submission, against: Against | None, user: User | None, now: datetime
) -> Case:
    seller = current_seller()
    if against is None:
        return review.submit(seller, submission, user=user, now=now)
    made = appealing.hand_in_changed(
        seller, against.verdict_id, submission, against.words, user=user, now=now
    )
    return made.case


@transaction.atomic
def withdraw(version: TemplateVersion, *, now: datetime) -> None:
    """Take a submitted version back to a draft, before anyone decided it."""
    version = TemplateVersion.objects.select_for_update().get(pk=version.pk)
    if version.state != V.IN_REVIEW:
        raise NotEditable(f"{version} does not wait for review.")
    if version.decided_at is not None:  # it was sent under this text: it stays as it was
        raise NotEditable(f"{version} was approved once and is looked at again; write a new version instead.")
    review.withdraw(current_seller(), Case.Subject.TEMPLATE_VERSION, version.public_id, now=now)
    version.state, version.submitted_at = V.DRAFT, None
    version.save(update_fields=["state", "submitted_at"])


def newest_version(template: Template) -> TemplateVersion:
    return template.versions.order_by("-number")[0]


def _give_way(version: TemplateVersion) -> None:
    """Older versions that wait: the desk has withdrawn their cases in favour of this one."""
    older = version.template.versions.filter(state=V.IN_REVIEW, number__lt=version.number)
    older.update(state=V.SUPERSEDED, note=f"Version {version.number} was submitted in its place.")


def _new_version(template: Template, user: User | None) -> TemplateVersion:
    last = template.versions.aggregate(last=Max("number"))["last"] or 0
    return TemplateVersion.objects.create(
        template=template, number=last + 1, author_id=user.pk if user else None
    )


def _copy_attachments(before: TemplateVersion, after: TemplateVersion) -> TemplateVersion:
    for attachment in before.attachments.all():
        attachment.pk, attachment.version = None, after
        attachment.save(force_insert=True)
    return after


def _write(version: TemplateVersion, texts: Sequence[TextInput]) -> None:
    languages = [text.language for text in texts]
    if len(set(languages)) != len(languages):
        raise AuthoringError("Each language may appear once; merge the two.")
    version.texts.all().delete()
    TemplateText.objects.bulk_create(
        TemplateText(
            version=version, language=t.language, subject=t.subject, body=t.body, body_format=t.body_format
        )
        for t in texts
    )


def _drafts_of(version: TemplateVersion) -> list[Draft]:
    texts = [
        TextInput(t.language, t.subject, t.body, t.body_format) for t in version.texts.order_by("language")
    ]
    if not texts:
        raise AuthoringError("Write the text in at least one language first.")
    for text in texts:
        if faults := _faults(text):
            raise TextFaulty(text.language, faults)
    files = [Attachment(a.file_name, a.content_type, a.size_bytes, a.kind) for a in version.attachments.all()]
    return [_draft(version.template, text, files) for text in texts]


def _faults(text: TextInput) -> list[render.TemplateFault]:
    faults = render.find_faults(text.subject, text.body, text.body_format)
    return faults + (markup.find_faults(text.body) if text.body_format == "html" else [])


def _draft(template: Template, text: TextInput, files: Sequence[Attachment] = ()) -> Draft:
    seller = current_seller()
    written = drafting.Text(
        template.channel, template.purpose, template.message_type, text.language, text.subject, text.body, text.body_format,
        _store_name(seller), files,
    )  # fmt: skip
    return drafting.template_draft(written, country=_country_for(seller, text.language))


def _store_name(seller: Seller) -> str:
    return (
        Connection.objects.filter(seller=seller).values_list("store_name", flat=True).first() or seller.name
    )


def _country_for(seller: Seller, language: str) -> str:
    """The store a text in this language most likely speaks to: one of the seller's own, by language."""
    ids = [i for c in Connection.objects.filter(seller=seller) for i in c.marketplace_ids]
    stores = [MARKETPLACES[i] for i in ids if i in MARKETPLACES]
    primary = language.split("-")[0].lower()
    fitting = [s for s in stores if s.default_language.split("-")[0].lower() == primary]
    return (fitting or stores or [MARKETPLACES["ATVPDKIKX0DER"]])[0].country


def _content_hash(drafts: Sequence[Draft]) -> str:
    canonical = json.dumps(
        [[d.language, d.subject, d.body, d.body_format, [a.filename for a in d.attachments]] for d in drafts]
    )
    return hashlib.sha256(canonical.encode()).hexdigest()
