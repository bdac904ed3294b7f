"""The template every new seller's schema is replayed from.

Migrating an empty schema takes seconds and grows with the number of sellers (Django lists every table of
the database); replaying a dump of one migrated schema takes a tenth of a second and does not.
"""

import logging
import os
import re
import shutil
import subprocess
from pathlib import Path

from django.conf import settings

from accounts.database import connection
from accounts.models import Installation
from accounts.services import schemas

NAME = "seller_template"
_LOCK = 7_301_001  # any number: one refresh at a time in a database
_log = logging.getLogger(__name__)

# Session settings and psql's own commands: the replay runs inside our connection and must not change it.
_NOT_OURS = re.compile(
    r"^(SET .*;|SELECT pg_catalog\.set_config\('search_path'.*;|\\.*|--.*|)$", re.MULTILINE
)


class DumpFailed(Exception):
    """pg_dump is missing or older than the server; new sellers are then made by running the migrations."""


def replay(schema: str, sql: str) -> None:
    """Fill an empty schema with the template's `statements()`, migrations marked as applied included."""
    with connection.cursor() as cursor:
        cursor.execute(re.sub(rf"\b{NAME}\b", schema, sql))


def statements() -> str:
    """The template's SQL, refreshed when the migrations changed; empty when it can not be made here and
    now."""
    found = _stored()
    if found or connection.in_atomic_block:  # pg_dump does not see what a transaction has not committed
        return found
    try:
        return refresh()
    except DumpFailed as problem:
        _log.warning("No schema template: %s", problem)
        return ""


def refresh(force: bool = False) -> str:
    """Migrate the template schema anew, dump it and keep the dump. May run twice and at the same time."""
    _run("SELECT pg_advisory_lock(%s)", _LOCK)
    try:
        found = "" if force else _stored()  # another process may just have made it
        return found or _keep(_made())
    finally:
        _run("SELECT pg_advisory_unlock(%s)", _LOCK)


def _stored() -> str:
    rows = Installation.objects.filter(template_schema_hash=schemas.migrations_hash())
    return rows.values_list("template_schema_sql", flat=True).first() or ""


def _made() -> str:
    schemas.drop(NAME)
    schemas.create(NAME)
    schemas.migrate(NAME)
    return dumped(NAME)


def _keep(sql: str) -> str:
    values = {"template_schema_hash": schemas.migrations_hash(), "template_schema_sql": sql}
    Installation.objects.update_or_create(id=1, defaults=values)
    return sql


def dumped(schema: str) -> str:
    """A schema's tables and rows as statements that change no setting of the session.

    Raises DumpFailed with pg_dump's own words."""
    command = [
        _pg_dump(),
        f"--schema={schema}",
        "--no-owner",
        "--no-privileges",
        "--inserts",
        "--no-comments",
    ]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise DumpFailed(done.stderr.strip() or f"pg_dump ended with {done.returncode}")
    sql = _NOT_OURS.sub("", done.stdout).replace(f"CREATE SCHEMA {schema};", "")
    return re.sub(r"\n{2,}", "\n", sql).strip()


def _pg_dump() -> str:
    beside = Path(settings.PG_BIN) / "pg_dump" if settings.PG_BIN else None
    found = str(beside) if beside and beside.exists() else shutil.which("pg_dump")
    if not found:
        raise DumpFailed("pg_dump is neither in PG_BIN nor on PATH")
    return found


def _environment() -> dict[str, str]:
    names = {
        "HOST": "PGHOST",
        "PORT": "PGPORT",
        "USER": "PGUSER",
        "PASSWORD": "PGPASSWORD",
        "NAME": "PGDATABASE",
    }
    given = {
        pg: str(connection.settings_dict[ours])
        for ours, pg in names.items()
        if connection.settings_dict[ours]
    }
    return {**os.environ, **given}


def _run(sql: str, *params: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
