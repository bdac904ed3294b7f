"""100,000 broken texts through the checker: none may raise, none may take longer than 250 ms.

A run takes up to seven minutes and goes on where the last one of the same rules stopped (`.dev/fuzz.json`), until all are
done; then it begins with the next seed. `python -m bench.fuzz SEED NUMBER` prints one text.
"""

import dataclasses
import heapq
import json
import multiprocessing
import sys
import time
from multiprocessing.pool import IMapIterator
from pathlib import Path

from bench import _mutations as mutations
from bench.figures import Figure, at_least, at_most
from compliance import pack
from compliance.engine.errors import NotPreparable, TooLarge
from compliance.engine.run import Report, check, prepare, warm
from compliance.engine.types import Draft
from compliance.rewriting import rewrite

COUNT = 100_000
SECONDS = 420
SLOW = 0.25
_PROCESSES, _BATCH = 2, 100
_HANGS = 120
"""Seconds without an answer after which a batch counts as never ending."""
_KEPT = 10
_STATE = Path(__file__).resolve().parent.parent / ".dev" / "fuzz.json"


@dataclasses.dataclass
class Progress:
    """What all runs under one rule pack came to. `slowest`: seconds, number, kind."""

    pack: str
    seed: int = 0
    done: int = 0
    slow: int = 0
    refused: int = 0
    crashed: list[tuple[int, str]] = dataclasses.field(default_factory=list)
    slowest: list[tuple[float, int, str]] = dataclasses.field(default_factory=list)

    def add(self, batch: "Batch") -> None:
        self.done = batch.end
        self.slow += batch.slow
        self.refused += batch.refused
        self.crashed = [*self.crashed, *batch.crashed][:100]
        self.slowest = heapq.nlargest(_KEPT, [*self.slowest, *batch.slowest])


@dataclasses.dataclass
class Batch:
    end: int
    slow: int = 0
    refused: int = 0
    crashed: list[tuple[int, str]] = dataclasses.field(default_factory=list)
    slowest: list[tuple[float, int, str]] = dataclasses.field(default_factory=list)


def run(small: bool = False) -> list[Figure]:
    progress = Progress(pack.version()) if small else _read()
    end = 500 if small else COUNT
    hung = _go_on(progress, end, time.monotonic() + (60 if small else SECONDS))
    if not small:
        _STATE.write_text(json.dumps(dataclasses.asdict(progress)))
    for seconds, number, kind in progress.slowest:
        print(f"  {seconds * 1e3:7.1f} ms  text {progress.seed} {number}: {kind}")
    for number, why in progress.crashed:
        print(f"  crashed  text {progress.seed} {number}: {why}")
    slowest = progress.slowest[0][0] if progress.slowest else 0.0
    return [
        at_least("fuzz: texts looked at", progress.done, "texts", end, f"{progress.refused} were refused as too large"),
        at_most("fuzz: texts that raised, or crashed a rule", len(progress.crashed), "texts", 0),
        at_most("fuzz: texts without an end", hung, "texts", 0),
        at_most("fuzz: slowest text", slowest * 1e3, "ms", SLOW * 1e3, f"{progress.slow} over {SLOW * 1e3:g} ms"),
    ]  # fmt: skip


def _read() -> Progress:
    """Where the last run stopped; the start where the rules have changed, the next seed where all was done."""
    try:
        found = Progress(**json.loads(_STATE.read_text()))
    except (OSError, ValueError, TypeError):
        return Progress(pack.version())
    if found.pack != pack.version():
        return Progress(pack.version())
    return Progress(found.pack, found.seed + 1) if found.done >= COUNT else found


def _go_on(progress: Progress, end: int, until: float) -> int:
    warm()
    mutations.bases()
    starts = range(progress.done, end, _BATCH)
    with multiprocessing.get_context("fork").Pool(_PROCESSES, maxtasksperchild=100) as pool:
        batches = pool.imap(_batch, ((progress.seed, start) for start in starts))
        return _take(progress, batches, len(starts), until)


def _take(progress: Progress, batches: "IMapIterator[Batch]", count: int, until: float) -> int:
    for number in range(count):
        if time.monotonic() > until:
            break
        try:
            progress.add(batches.next(timeout=_HANGS))
        except multiprocessing.TimeoutError:
            print(f"  no end   texts {progress.seed} {progress.done} and after")
            return 1
        if number % 20 == 0:
            print(f"  … {progress.done}", end="\r", flush=True)
    return 0


def _batch(task: tuple[int, int]) -> Batch:
    seed, start = task
    done = Batch(start + _BATCH)
    times = [(_one(seed, number, done), number) for number in range(start, done.end)]
    done.slow = sum(seconds > SLOW for seconds, _ in times)
    done.slowest = [
        (seconds, number, _kind(mutations.text(number, seed))) for seconds, number in heapq.nlargest(3, times)
    ]
    return done


def _one(seed: int, number: int, done: Batch) -> float:
    draft = mutations.text(number, seed)
    started = time.process_time()  # of this process alone, so that a busy machine does not count
    try:
        report = check(draft)
        seconds = time.process_time() - started
        done.refused += any(finding.rule == "too-large" for finding in report.findings)
        crashed = _crashes(report) or _beside(draft, number)
    except Exception as error:  # noqa: BLE001 (that there is none is what is measured)
        seconds, crashed = time.process_time() - started, repr(error)[:200]
    if crashed:
        done.crashed.append((number, crashed))
    return seconds


def _crashes(report: Report) -> str:
    return "; ".join(f.message for f in report.findings if f.rule == "rule-crashed")


def _beside(draft: Draft, number: int) -> str:
    """Of some texts also what is done with them elsewhere: rewriting, and sending as an approved version."""
    if number % 20 == 0:
        rewrite(draft)
    if number % 20 == 1:
        try:
            version = prepare(draft)
        except (NotPreparable, TooLarge):
            return ""
        return _crashes(version.check(dict.fromkeys(version.names, "a"), order_id="112-4830917-2265401"))
    return ""


def _kind(draft: Draft) -> str:
    return f"{len(draft.body):,} characters of {draft.body_format}, {draft.language!r}: {draft.body[:60]!r}"


if __name__ == "__main__":
    sys.stdout.buffer.write(
        mutations.text(int(sys.argv[2]), int(sys.argv[1])).body.encode("utf-8", "surrogatepass")
    )
