"""The threads that send, kept from round to round with their database connections and their lines to Amazon."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache
from threading import local

from django.conf import settings
from django.db import connection

#: Turns after which a thread's database connection is made anew: its backend remembers every table it touched, a third of
#: a megabyte a seller.
RECYCLED_AFTER = 300

_own = local()


def work_together(work: Callable[[], None], threads: int) -> None:
    """Run `work` in so many threads at once; back when all have ended. Raises what the first of them raised."""
    crew = _crew(os.getpid(), max(threads, settings.DISPATCH_THREADS))
    jobs = [crew.submit(_with_a_sound_connection, work) for _ in range(threads)]
    wait(jobs)
    for job in jobs:
        job.result()


def count_turn() -> None:
    """After each turn of this thread."""
    _own.turns = getattr(_own, "turns", 0) + 1
    if _own.turns % RECYCLED_AFTER == 0 and not connection.in_atomic_block:
        connection.close()


def _with_a_sound_connection(work: Callable[[], None]) -> None:
    connection.close_if_unusable_or_obsolete()
    work()


@lru_cache(maxsize=1)
def _crew(pid: int, threads: int) -> ThreadPoolExecutor:
    """Made anew after a fork: threads do not survive one."""
    return ThreadPoolExecutor(threads, thread_name_prefix="dispatch")
