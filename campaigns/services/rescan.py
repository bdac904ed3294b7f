"""What is live under a changed rule pack, looked at again: texts here, whom campaigns write to (rescan_targeting), messages
written by hand (rescan_one_offs). A text that breaks a rule now is paused and its owners told, what is doubted waits for a
person while it goes on sending, and what was paused and passes again goes on by itself.

In small batches, each version in a transaction of its own that ends with the pack it was looked at under: a worker that dies
leaves the rest for the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import Seller
from accounts.services import mail, people
from campaigns.errors import AuthoringError
from campaigns.models import TemplateVersion
from campaigns.services import rescan_one_offs, rescan_targeting, sweep, templates
from campaigns.services.rescan_one_offs import Stopped
from compliance import pack, policy
from compliance.engine.types import Outcome
from compliance.services import review

V = TemplateVersion.State
BATCH = 20
PAUSED = "version_paused"


@dataclass(frozen=True)
class Paused:
    """A version that breaks a rule now, and the findings' sentences."""

    version: TemplateVersion
    sentences: Sequence[str]


@dataclass
class Scanned:
    """What one batch came to. `doubted` counts cases opened for versions that go on sending."""

    looked_at: int = 0
    doubted: int = 0
    resumed: int = 0
    paused: list[Paused] = field(default_factory=list)
    campaigns: list[rescan_targeting.Paused] = field(default_factory=list)
    one_offs: list[Stopped] = field(default_factory=list)


def rescan(seller: Seller, now: datetime, limit: int = BATCH) -> Scanned:
    """The entered seller's next live versions that the running pack has not seen. May run twice."""
    done = Scanned()
    for pk in list(unscanned().order_by("pk").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            version = unscanned().select_for_update(of=("self",)).filter(pk=pk).first()
            if version is not None:
                _look(seller, version, now, done)
    if done.paused:
        mail.send("text_paused", people.owners(seller), seller=seller, paused=done.paused)
    if done.resumed:
        sweep.release_held([PAUSED])
    done.campaigns = rescan_targeting.rescan(seller, now, limit)
    if not is_left():
        done.one_offs = rescan_one_offs.rescan(seller, now)
    return done


def is_left() -> bool:
    """Whether anything live of the entered seller was not looked at under the running pack."""
    return unscanned().exists() or rescan_targeting.unscanned().exists()


def unscanned() -> QuerySet[TemplateVersion]:
    """What sends, or would if it were not paused, and was last looked at under another pack."""
    live = TemplateVersion.objects.filter(state__in=(V.APPROVED, V.PAUSED), template__archived_at=None)
    return live.filter(template__approved=F("pk")).exclude(pack=pack.version()).select_related("template")


def _look(seller: Seller, version: TemplateVersion, now: datetime, done: Scanned) -> None:
    version.pack = pack.version()
    done.looked_at += 1
    try:
        submission = templates.submission_of(version)
    except AuthoringError:  # nothing of it could be filled in; the gate holds its messages and says so
        version.save(update_fields=["pack"])
        return
    judged = review.judge_live(seller, submission)
    case = review.rescan(seller, submission, now=now)
    if judged.outcome is Outcome.BLOCK:
        _pause(version, judged, done)
    else:
        _let_go_on(version, done)
        done.doubted += case is not None
    version.save(update_fields=["pack", "state", "note"])


def _pause(version: TemplateVersion, judged: policy.Verdict, done: Scanned) -> None:
    sentences = list(
        dict.fromkeys(f"{f.message} (rule {f.rule})" for f in judged.reasons if f.outcome is Outcome.BLOCK)
    )
    if version.state != V.PAUSED:
        done.paused.append(Paused(version, sentences))
    version.state = V.PAUSED
    version.note = "\n".join(["A rule has changed, and the text breaks it now:", *sentences])


def _let_go_on(version: TemplateVersion, done: Scanned) -> None:
    if version.state == V.PAUSED:
        version.state, version.note = V.APPROVED, "The rules pass it again."
        done.resumed += 1
