"""What we tell the person at the keyboard. It goes to stderr unless a command has the terminal to itself, so that
`./run demo --json` and `./run manage dumpdata` keep stdout clean."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_stream: TextIO = sys.stderr


class Trouble(Exception):
    """Something the person can mend; the message says what and how."""


def talk_to(stream: TextIO) -> None:
    global _stream
    _stream = stream


def say(line: str = "") -> None:
    print(line, file=_stream, flush=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long the block took, once it has succeeded."""
    started = time.monotonic()
    yield
    say(f"  {what:<40} {time.monotonic() - started:6.2f} s")
