"""What rules on trial would have held: read from the stored checks, which keep their findings beside those that count."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from compliance import pack
from compliance.models import Check


@dataclass(frozen=True)
class WouldHold:
    """Of the texts checked under the present rule pack: how many a shadow rule would have held, of how many sellers."""

    rule: str
    texts: int
    sellers: int
    checked: int
    #: Texts that no live rule holds: the ones that would be held anew.
    anew: int
    last_at: datetime | None

    @property
    def share(self) -> float:
        return self.texts / self.checked if self.checked else 0.0


def would_hold(rule: str, version: str = "") -> WouldHold:
    """Advice holds nothing and is not counted. Three statements."""
    checks = Check.objects.filter(pack=version or pack.version())
    held = checks.filter(_by(rule, "block") | _by(rule, "review"))
    told = held.aggregate(
        texts=Count("pk"), sellers=Count("seller", distinct=True), last_at=Max("created_at")
    )
    anew = held.filter(outcome__in=("pass", "advice")).count()
    return WouldHold(rule, checked=checks.count(), anew=anew, **told)


def _by(rule: str, outcome: str) -> Q:
    return Q(findings__contains=[{"rule": rule, "shadow": True, "outcome": outcome}])
