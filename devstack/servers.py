"""The database and the broker: our own, or those that DATABASE_URL and BROKER_URL name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack import environment, postgres, valkey
from devstack.console import say, timed
from devstack.environment import Secrets
from devstack.processes import Crew


@contextmanager
def running(folder: Path, kept: Secrets, is_durable: bool) -> Iterator[dict[str, str]]:
    """Servers for the block, their files in `folder`. Yields the names that tell children where they are."""
    with Crew(folder / "log") as crew:
        env = _database(crew, folder, kept, is_durable)
        yield env | _broker(crew, folder, kept, is_durable)


def _database(crew: Crew, folder: Path, kept: Secrets, is_durable: bool) -> dict[str, str]:
    given = os.environ.get("DATABASE_URL")
    if given:
        say("  database: the one in DATABASE_URL")
        tools = os.environ.get("PG_BIN") or str(postgres.binaries() or "")
        return {"DATABASE_URL": given, "PG_BIN": tools}
    with timed("PostgreSQL"):
        server = postgres.start(crew, folder, kept.postgres_password, is_durable)
    return {"DATABASE_URL": server.url, "PG_BIN": str(server.bin)}


def _broker(crew: Crew, folder: Path, kept: Secrets, is_durable: bool) -> dict[str, str]:
    given = os.environ.get("BROKER_URL")
    if given:
        say("  broker: the one in BROKER_URL")
        cache = os.environ.get("CACHE_URL") or environment.cache_url_beside(given)
        return {"BROKER_URL": given, "CACHE_URL": cache}
    with timed("Valkey"):
        server = valkey.start(crew, folder, kept.valkey_password, is_durable)
    return {"BROKER_URL": server.broker_url, "CACHE_URL": server.cache_url}
