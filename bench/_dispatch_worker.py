"""One worker process of the dispatch bench: takes due sellers from the index and sends, until its input closes."""

import os
import select
import sys
import time

import django

django.setup()

from accounts import due  # noqa: E402
from amazon import sdk  # noqa: E402
from campaigns.services.dispatch import Round  # noqa: E402
from campaigns.services.dispatch.round import KIND  # noqa: E402


def main() -> None:
    for kind in due.kinds():
        if kind.name != KIND:
            due._kinds.pop(kind.name)
    sdk._load()
    print("ready", flush=True)
    started = time.process_time()
    while not select.select([sys.stdin], [], [], 0)[0]:
        leases = due.claim(int(os.environ.get("BENCH_CHUNK", "100")))
        if leases:
            Round(leases).run()
        else:
            time.sleep(0.25)  # in life a tick comes once a second
    print(time.process_time() - started, flush=True)


if __name__ == "__main__":
    main()
