"""One of several processes that take from a shared bucket as fast as they can; prints how many tokens it got.

python -m tests.amazon.hammer URL SELLER THREADS SECONDS
"""

import sys
import threading
import time

from amazon.limiter import Bucket, Limiter
from amazon.regions import Region


def main(url: str, who: str, threads: int, seconds: float) -> None:
    limiter, bucket, taken = Limiter.at(url), Bucket(Region.EU, who, "getReport"), []
    stop_at = time.monotonic() + seconds

    def take() -> None:
        while time.monotonic() < stop_at:
            if limiter.take(bucket) == 0.0:
                taken.append(1)
            time.sleep(0.005)

    workers = [threading.Thread(target=take) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(len(taken))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
