"""A process with the product loaded that forks a dispatching worker on request, so that killing one costs milliseconds.

Reads one JSON object a line: {"start": {"seller": id, "seconds": s, "threads": n, "env": {...}}} answers {"pid": …};
{"wait": pid} answers {"status": …} as `os.waitpid` gives it; {"sweep": id} sweeps the seller in a fork and waits.
"""

import json
import os
import signal
import sys
import uuid
from collections.abc import Callable
from typing import Any

import django

django.setup()

from accounts import due  # noqa: E402
from accounts.tenancy import seller_context  # noqa: E402
from campaigns.services.dispatch import Round  # noqa: E402
from campaigns.services.dispatch.round import KIND  # noqa: E402
from campaigns.services.sweep import sweep  # noqa: E402
from compliance.engine.types import Outcome  # noqa: E402
from compliance.policy import Verdict  # noqa: E402
from compliance.services import checks  # noqa: E402

# What the rules say of a text is tested elsewhere; here every text passes, so that each message reaches the wire.
checks.judge = lambda draft, accepted=(): Verdict(Outcome.PASS)


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            answer: dict[str, Any] = {"status": os.waitpid(asked["wait"], 0)[1]}
        elif "sweep" in asked:
            pid = fork(lambda asked=asked: sweep_one(asked["sweep"]))
            answer = {"status": os.waitpid(pid, 0)[1]}
        else:
            answer = {"pid": fork(lambda asked=asked: work(**asked["start"]))}
        print(json.dumps(answer), flush=True)


def fork(job: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        job()
    except BaseException:  # noqa: BLE001 (a fork must never return into the loop of its parent)
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def work(seller: int, seconds: float, threads: int, env: dict[str, str]) -> None:
    os.environ.update(env)
    round_ = Round([due.Lease(seller, KIND, str(uuid.uuid4()))] * threads, threads=threads, lasts=seconds)
    signal.signal(signal.SIGTERM, lambda *_: round_.stop())
    round_.run()


def sweep_one(seller: int) -> None:
    with seller_context(seller) as entered:
        sweep(entered)


if __name__ == "__main__":
    main()
