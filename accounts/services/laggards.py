"""Bringing every seller's schema up to the code's migrations, touching only those that lag."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import Seller
from accounts.services import provisioning, schemas

_log = logging.getLogger(__name__)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Migrated:
    current: int  # nothing to do
    done: list[str]  # slugs
    failed: dict[str, str]  # slug: what went wrong


def migrate_laggards(tell: Tell = lambda line: None) -> Migrated:
    """May be interrupted and run again. The first laggard is the canary: if it fails nobody else is touched;
    later ones fail alone."""
    provisioning.resume_unfinished()
    ready = list(Seller.objects.exclude(state=Seller.State.PREPARING).order_by("pk"))
    behind = set(schemas.laggards(seller.schema_name for seller in ready))
    result = Migrated(len(ready) - len(behind), [], {})
    for seller in (seller for seller in ready if seller.schema_name in behind):
        _migrate_one(seller, result, tell)
        if result.failed and not result.done:
            break
    return result


def _migrate_one(seller: Seller, result: Migrated, tell: Tell) -> None:
    try:
        schemas.migrate(seller.schema_name, note=lambda step: tell(f"{seller.slug}: {step}"))
    except Exception as problem:  # noqa: BLE001  # kept for the summary; the others go on
        _log.exception("The schema of %s could not be migrated", seller.slug)
        result.failed[seller.slug] = f"{type(problem).__name__}: {problem}"
    else:
        result.done.append(seller.slug)
        tell(f"{seller.slug}: current")
