"""How fast an approved text may go out just now, in sentences: its ramp, its limits, its rest."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from campaigns.domain.trouble import opens_in
from campaigns.models import Template, TemplateVersion
from campaigns.services import ramp
from campaigns.services.verdicts import limit_words


@dataclass(frozen=True)
class Pace:
    """Of the version that sends. `opens_at`: when the ramp's next messages may go; None: now, or there is no ramp any more."""

    version: TemplateVersion
    sentences: tuple[str, ...]
    opens_at: datetime | None
    rests: bool
    is_used_up: bool

    @property
    def tone(self) -> str:
        return "bad" if self.rests else "warn" if self.is_used_up else "info"


def pace_of(template: Template) -> Pace | None:
    """None where no text is approved, or nothing holds it back."""
    version = template.approved
    if version is None or version.state != TemplateVersion.State.APPROVED:
        return None
    now = timezone.now()
    rests = version.paused_until is not None and version.paused_until > now
    is_used_up = _is_used_up(version, now)
    limits, ramping = _limits(version, is_used_up), "" if is_used_up or rests else _ramp(version)
    if not (rests or limits or ramping):
        return None
    opens = opens_in(ramp.current(), version.sends, version.first_sent_at, now) if ramping else None
    told = tuple(sentence for sentence in (limits, ramping) if sentence)
    return Pace(version, told, now + opens if opens else None, rests, is_used_up)


def _is_used_up(version: TemplateVersion, now: datetime) -> bool:
    is_over = version.limit_until is not None and version.limit_until <= now
    return is_over or (version.limit_volume is not None and version.sends >= version.limit_volume)


def _limits(version: TemplateVersion, is_used_up: bool) -> str:
    told = limit_words(version)
    if not told:
        return ""
    so_far = f" {version.sends} so far." if version.limit_volume is not None else ""
    over = " Nothing more goes out under it: submit a new version." if is_used_up else ""
    return f"{told}{so_far}{over}"


def _ramp(version: TemplateVersion) -> str:
    """A version that has sent nothing yet says what is to come; one past its ramp nothing."""
    steps = ramp.current()
    if version.sends >= steps.sends:
        return ""
    seconds = int(steps.every.total_seconds())
    how = f"{steps.step} every {f'{seconds // 60} minutes' if seconds >= 120 else f'{seconds} seconds'}"
    if version.first_sent_at is None:
        return f"Its first {steps.sends} messages go out {how}, so that trouble shows early."
    return f"{version.sends} of its first {steps.sends} messages went; they go out {how}, so that trouble shows early."
