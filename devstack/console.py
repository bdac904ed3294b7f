"""What we tell the person at the keyboard.

It goes to stderr, so that `./run demo --once --json` and `./run manage dumpdata` keep stdout clean, unless a
command says that stdout is for people.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_streams: list[TextIO] = [sys.stderr]  # the last one is spoken to


class Trouble(Exception):
    """Something the person can mend; the message says what and how."""


def talk_to(stream: TextIO) -> None:
    _streams.append(stream)


def say(line: str = "") -> None:
    print(line, file=_streams[-1], flush=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long the block took, once it has succeeded."""
    started = time.monotonic()
    yield
    say(f"  {what:<40} {time.monotonic() - started:6.2f} s")
