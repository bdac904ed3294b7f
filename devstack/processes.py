"""Children that do not outlive us, however we end."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Self

from devstack.console import Trouble
from devstack.places import ROOT

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1
# Seconds that children together get to end by themselves; then they are killed.
GRACE = 8.0
# Loaded before any fork: a child between fork and exec must not load libraries.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Stopped(BaseException):
    """We were asked to end: Ctrl-C, `./run stop`, a closed terminal. No Exception: nothing goes on."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = 128 + number


def stop_on_signals() -> None:
    """From here on an ending signal raises Stopped, once.

    Installed explicitly, because shells start background jobs deaf to SIGINT; who says `nohup` means it.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        for ending in _ENDINGS:
            signal.signal(ending, signal.SIG_IGN)  # what follows is bounded clean-up; let it finish
        raise Stopped(number)

    for ending in _ENDINGS:
        if not (ending == signal.SIGHUP and signal.getsignal(ending) == signal.SIG_IGN):
            signal.signal(ending, stop)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ending signals wait until the block is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def dies_with_us(farewell: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `farewell` when we die, SIGKILL included (Linux only)."""
    parent = os.getpid()

    def arrange() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(farewell))
            if os.getppid() != parent:  # we died in between
                os._exit(1)

    return arrange


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    farewell: signal.Signals
    log: Path


class Crew:
    """Children with a log each, in sessions of their own (Ctrl-C reaches only us), ended with the block."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        env: Mapping[str, str],
        *,
        farewell: signal.Signals = signal.SIGTERM,
        stdout: int | None = None,
        **options: Any,
    ) -> Child:
        log = self._logs / f"{name}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [str(part) for part in command],
                env=dict(env),
                cwd=options.pop("cwd", ROOT),
                stdin=subprocess.DEVNULL,
                stdout=file if stdout is None else stdout,
                stderr=file,
                start_new_session=True,
                preexec_fn=dies_with_us(farewell),  # noqa: PLW1509 - safe: we have no threads
                **options,
            )
        child = Child(name, process, farewell, log)
        self._children.append(child)
        return child

    def finish(self, child: Child) -> int:
        """Wait for a child that ends by itself; Trouble when another one dies meanwhile."""
        while child.process.poll() is None:
            self.check(besides=child)
            time.sleep(0.05)
        self._children.remove(child)
        return child.process.returncode

    def step(self, name: str, command: Sequence[str | Path], env: Mapping[str, str]) -> None:
        """Run a command that must succeed. Its output is its log, quoted when it fails."""
        child = self.start(name, command, env)
        if status := self.finish(child):
            raise Trouble(f"{name} failed with status {status}:\n{tail(child.log)}")

    def check(self, besides: Child | None = None) -> None:
        """Raises Trouble when a child that should run does not."""
        for child in self._children:
            if child is not besides and child.process.poll() is not None:
                status = child.process.returncode
                raise Trouble(f"{child.name} ended by itself (status {status}):\n{tail(child.log)}")

    def dismiss(self, child: Child) -> None:
        """End one child now."""
        with _undisturbed():
            self._children.remove(child)
            _end([child])

    def stop(self) -> None:
        with _undisturbed():
            children, self._children = self._children, []
            _end(children)


def _end(children: Sequence[Child]) -> None:
    """Ask all, wait for all, kill what is left, with whatever they had started themselves."""
    for child in children:
        if child.process.poll() is None:
            child.process.send_signal(child.farewell)
    deadline = time.monotonic() + GRACE
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, deadline - time.monotonic()))
        _kill_group(child.process.pid)
        child.process.wait()


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS answers "permission" for a group of zombies
        os.killpg(leader, signal.SIGKILL)


def tail(log: Path, lines: int = 25) -> str:
    """The end of a log, indented, and where the rest is."""
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in [*last, f"(all of it: {log})"])


def foreground(
    command: Sequence[str | Path], env: Mapping[str, str], farewell: signal.Signals = signal.SIGTERM
) -> int:
    """Run a command that has the terminal; its exit status, 128 + n where signal n ended it.

    Asked to end, we ask it by `farewell` and wait for it.
    """
    child = subprocess.Popen(
        [str(part) for part in command],
        env=dict(env),
        cwd=ROOT,
        preexec_fn=dies_with_us(farewell),  # noqa: PLW1509 - safe: we have no threads
    )
    with _passing_signals_to(child, farewell):
        status = child.wait()
    return status if status >= 0 else 128 - status


@contextmanager
def _passing_signals_to(child: subprocess.Popen[bytes], farewell: signal.Signals) -> Iterator[None]:
    """We clean up when the child has ended. A terminal's Ctrl-C has reached it already."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        if not (number == signal.SIGINT and _has_terminal()) and child.poll() is None:
            child.send_signal(farewell)

    before = {ending: signal.signal(ending, pass_on) for ending in _ENDINGS}
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


def _has_terminal() -> bool:
    """Whether we are the foreground job of a terminal, whatever stdin is."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
