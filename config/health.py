"""Is the process alive, and can it do its work? For load balancers and the demo's supervisor."""

import logging
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from accounts.access import public

_log = logging.getLogger(__name__)


@public
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked, so a database that is away does not restart every web
    server."""
    return JsonResponse({"status": "ok"})


@public
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, else 503 naming those that do not. No details: anybody may ask."""
    parts = {name: _works(check) for name, check in _CHECKS.items()}
    all_work = all(parts.values())
    answer = {
        "status": "ok" if all_work else "not ready",
        **{name: "ok" if fine else "failed" for name, fine in parts.items()},
    }
    return JsonResponse(answer, status=200 if all_work else 503)


def _works(check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001  # any failure is the answer
        _log.exception("A part is not ready")
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cache.get("health")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(_shared_targets(executor))
    if waiting:
        raise RuntimeError(f"{len(waiting)} migrations wait: run manage.py prepare")


def _shared_targets(executor: MigrationExecutor) -> list[tuple[str, str]]:
    return [node for node in executor.loader.graph.leaf_nodes() if node[0] in _shared_labels()]


def _shared_labels() -> set[str]:
    from django.apps import apps

    from accounts.services.schemas import tenant_labels

    return {config.label for config in apps.get_app_configs()} - set(tenant_labels())


_CHECKS: dict[str, Callable[[], None]] = {"database": _database, "cache": _cache, "migrations": _migrations}
