"""A seller's schema: migrating one, and knowing which of many lag behind the code."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.database import connection

_CHUNK = 100  # schemas per statement: one statement holds a lock for each

Progress = Callable[[str], None]


def quoted(schema: str) -> str:
    return str(connection.ops.quote_name(schema))


@contextmanager
def inside(schema: str, include_public: bool = True) -> Iterator[None]:
    """Enter a schema by name, with or without a seller's row; the way back is to where we were."""
    before, included = connection.tenant, connection.include_public_schema
    connection.set_schema(schema, include_public)
    try:
        yield
    finally:
        connection.set_tenant(before, included)


def migrate(schema: str, note: Progress = lambda step: None) -> None:
    """Run every migration a schema lacks. May run again after a crash."""
    with inside(schema, include_public=False):
        # Otherwise the public table of applied migrations is found and nothing is applied.
        MigrationRecorder(connection).ensure_schema()
    with inside(schema):
        executor = MigrationExecutor(connection, _as_progress(note))
        # The shared apps' migrations do nothing here; leaving them out makes it several times quicker.
        executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in tenant_labels()])


def _as_progress(note: Progress) -> Callable[..., None]:
    def tell(action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_start" and migration.app_label in tenant_labels():
            note(f"{migration.app_label}: {migration.name}"[:60])

    return tell


def drop(schema: str) -> None:
    _execute(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")


def create(schema: str) -> None:
    _execute(f"CREATE SCHEMA {quoted(schema)}")


def _execute(sql: str, params: Iterable[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, None if params is None else tuple(params))


@cache
def tenant_labels() -> tuple[str, ...]:
    names = set(settings.TENANT_APPS)
    return tuple(sorted(config.label for config in apps.get_app_configs() if config.name in names))


@cache
def migrations_hash() -> str:
    """Names and contents of the per-seller migrations: a template made from others is out of date."""
    digest = hashlib.sha256()
    for label in tenant_labels():
        for path in sorted(Path(apps.get_app_config(label).path, "migrations").glob("[0-9]*.py")):
            digest.update(f"{label}/{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def laggards(schemas: Iterable[str]) -> list[str]:
    """Those whose applied migrations are not the code's, in the order given. About a second for a thousand
    schemas."""
    wanted = _fingerprint_on_disk()
    applied = _fingerprints(schemas := list(schemas))
    return [schema for schema in schemas if applied.get(schema) != wanted]


def _fingerprint_on_disk() -> str:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    names = sorted(f"{label}.{name}" for label, name in loader.disk_migrations if label in tenant_labels())
    return hashlib.md5(",".join(names).encode(), usedforsecurity=False).hexdigest()


def _fingerprints(schemas: list[str]) -> dict[str, str]:
    known = _with_migrations(schemas)
    found: dict[str, str] = {}
    for start in range(0, len(known), _CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(*_fingerprint_query(known[start : start + _CHUNK]))
            found |= dict(cursor.fetchall())
    return found


def _fingerprint_query(schemas: list[str]) -> tuple[str, list[Any]]:
    one = """SELECT %s, md5(coalesce(string_agg(app || '.' || name, ','
                                             ORDER BY (app || '.' || name) COLLATE "C"), ''))
             FROM {}.django_migrations WHERE app = ANY(%s)"""
    params = [value for schema in schemas for value in (schema, list(tenant_labels()))]
    return " UNION ALL ".join(one.format(quoted(schema)) for schema in schemas), params


def _with_migrations(schemas: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
               WHERE relname = 'django_migrations' AND nspname = ANY(%s) ORDER BY 1""",
            [schemas],
        )
        return [name for (name,) in cursor.fetchall()]
