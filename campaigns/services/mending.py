"""Mending a text by one click: every rewrite the rules hold for safe, and the sentences a reviewer marked left out.

What changed is said in words and stored as a draft; submitting is a step of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from campaigns.domain import striking
from campaigns.errors import AuthoringError
from campaigns.models import Template, TemplateVersion
from campaigns.services import templates
from campaigns.services.templates import TextInput
from compliance.desk.reasons import Given
from compliance.engine.types import Finding, Fix


@dataclass(frozen=True)
class Mended:
    """`changes`: a sentence each, for the author; empty where nothing can be mended without a person."""

    texts: tuple[TextInput, ...]
    changes: tuple[str, ...]


class NothingToMend(AuthoringError):
    def __init__(self) -> None:
        super().__init__(
            "There is nothing here that can be mended without you. Change the marked words yourself, then submit."
        )


def mended(version: TemplateVersion, marked: Sequence[Given] = ()) -> Mended:
    """What one click would change; nothing is stored. `marked` are a verdict's reasons tied to words of this version."""
    texts, changes = [], []
    for text in version.texts.order_by("pk"):
        typed = TextInput(text.language, text.subject, text.body, text.body_format)
        typed, struck = _struck(typed, [g for g in marked if g.language == text.language])
        typed, fixed = _fixed(version.template, typed)
        texts.append(typed)
        changes += [*struck, *fixed]
    return Mended(tuple(texts), tuple(dict.fromkeys(changes)))


@transaction.atomic
def mend(
    template: Template, *, based_on: int, marked: Sequence[Given] = (), user: User | None
) -> tuple[TemplateVersion, Mended]:
    """Store the mended text as a draft. Raises NothingToMend, or StaleEdit where somebody saved meanwhile."""
    newest = templates.newest_version(template)
    done = mended(newest, marked)
    if not done.changes:
        raise NothingToMend
    return templates.save_draft(template, done.texts, based_on=based_on, user=user), done


def _struck(typed: TextInput, marked: Sequence[Given]) -> tuple[TextInput, list[str]]:
    """Later words first, so that the earlier ones' offsets stay right."""
    body, changes = typed.body, []
    for given in sorted(marked, key=lambda g: -g.start):
        is_there = given.where == "body" and body[given.start : given.end] == given.text != ""
        left = striking.strike(body, given.start, given.end) if is_there else None
        if left is not None and given.reason.is_fixable:
            changes.append(f"The sentence with “{given.text}” was left out ({given.reason.title}).")
            body = left
    return TextInput(typed.language, typed.subject, body, typed.body_format), changes[::-1]


def _fixed(template: Template, typed: TextInput) -> tuple[TextInput, list[str]]:
    typed, applied = templates.rewritten(template, typed)
    return typed, [_said(finding, finding.fix) for finding in applied if finding.fix]


def _said(finding: Finding, fix: Fix) -> str:
    """ "“Unsubscribe”: leave the sentence out." """
    words = " ".join(finding.text.split())
    quoted = f"“{words[:80]}{'…' if len(words) > 80 else ''}”: " if words else ""
    return f"{quoted}{fix.label.lower() if quoted else fix.label}."
