"""Free ports on the loopback address, kept between starts so that bookmarks and stored links stay true."""

import random
import socket
from pathlib import Path

from devstack import files

# Below the ephemeral range (32768 up): there, a client's own outgoing connection can take the port, even by
# connecting to itself while it waits for the server.
_LOWEST, _HIGHEST = 20_000, 32_000


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, so that a port with only old connections in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def pick() -> int:
    """A free port, drawn at random so that runs side by side seldom collide. It can be lost before use."""
    for _ in range(200):
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311 - not a secret
        if is_free(port):
            return port
    raise OSError(f"no free port between {_LOWEST} and {_HIGHEST} on 127.0.0.1")


def kept(path: Path, wanted: dict[str, int | None]) -> dict[str, int]:
    """A port for each name: last time's, else the wanted one, else any; each if free. Stored in `path`."""
    last = files.read(path) or {}
    chosen = {name: _first_free(last.get(name), first) for name, first in wanted.items()}
    files.write_private(path, chosen)
    return chosen


def _first_free(*candidates: int | None) -> int:
    return next((port for port in candidates if port and is_free(port)), None) or pick()
