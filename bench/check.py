"""The checker: a rendered message with everything on, a message of an approved version, and hostile texts."""

import gc
import itertools
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from bench.figures import Figure, at_least, at_most
from compliance.engine.document import SIZE_LIMIT, TEXT_LIMIT
from compliance.engine.run import check, prepare, warm
from compliance.engine.types import BodyFormat, Draft

ORDER = "112-4830917-2265401"
TITLE = "Felt Desk Lamp, 40 cm, grey"
_PART = """<p>Hello,</p><p>This is about your order {order_id}. The lamp came from our workshop in Leeds.</p>
<p>Other shoppers decide with the help of what buyers write, so you are welcome to write a product review. It does not
matter whether it is positive or negative: your own words are what counts.</p>
<ul><li>The review form is on the page of your order.</li><li>It takes two minutes, and you can add a photo.</li></ul>
<p><a href="https://www.amazon.com/review/create-review?asin=B0C7GPRS41">Write a product review</a></p>
<p>The <em>{title}</em> can be dimmed in five steps with the wheel on its cord.</p>
"""
_HOSTILE = (
    "a@a@", "1234567890", "<div>", "<p>a", "<b>x</b> ", "&amp;&#x41;", "r\u200be\u200b", "r e v i e w ", "a.com ",
    "acme dot ", "if you are happy leave a review ", "[[", "{{ x }}", '<a href="', "<style>p{color:red}</style>",
    '<img alt="review 5 stars">', "0800 123 4567, ", "レビュー", "<br>", "https://a.example/ ",
)  # fmt: skip


def run(small: bool = False) -> list[Figure]:
    start, size = _start()
    warm()
    times = sorted(map(_one_mail, range(200 if small else 2_000)))
    filled = statistics.median(_seconds(_prepared()) for _ in range(200 if small else 2_000))
    slowest, where = _slowest_hostile()
    note = f"{len(_mail(0).body)} characters of HTML, every rule"
    return [
        at_most(
            "check: start, import and data",
            start,
            "s",
            1.5,
            "eleven languages, spelling and suspicion included",
        ),
        at_most("check: memory at the start", size, "MB", 250, "of a process that only checks"),
        at_most("check: rendered message, median", statistics.median(times) * 1e3, "ms", 3, note),
        at_most("check: rendered message, p99", times[int(len(times) * 0.99)] * 1e3, "ms", 8, note),
        at_least("check: messages a second", len(times) / sum(times), "/s", 300, "one core"),
        at_most("check: message of an approved version, median", filled * 1e3, "ms", 0.3, "values alone"),
        at_most("check: slowest hostile text", slowest * 1e3, "ms", 250, where),
    ]


_STARTING = """
import time
from compliance.engine.run import warm
warm()
pages = int(open("/proc/self/statm").read().split()[1])
print(time.process_time(), pages * 4096 / 1e6)
"""


def _start() -> tuple[float, float]:
    """Seconds of processor and megabytes of a fresh process: the middle one of five."""
    command = (sys.executable, "-c", _STARTING)
    answers = [
        subprocess.run(command, capture_output=True, check=True, text=True).stdout.split() for _ in range(5)
    ]
    return statistics.median(float(a[0]) for a in answers), statistics.median(float(a[1]) for a in answers)


def _one_mail(number: int) -> float:
    mail = _mail(number)
    return _seconds(lambda: check(mail))


def _seconds(act: Callable[[], object]) -> float:
    """Of this process alone, so that a busy machine does not count."""
    started = time.process_time()
    act()
    return time.process_time() - started


def _mail(number: int) -> Draft:
    order = f"112-{number:07}-2265401"
    body = "".join(_PART for _ in range(2)).format(order_id=order, title=TITLE)
    padded = body + "<p>It is made of felt and beech.</p>" * ((2048 - len(body)) // 36)
    return Draft(
        "relay_email", "review_request", padded, "en-US", "US", subject=f"Your order {order}", order_id=order,
        body_format="html", product_titles=(TITLE,),
    )  # fmt: skip


def _prepared() -> Callable[[], object]:
    body = _PART.format(order_id="{{ order_id }}", title="{{ product_title }}") * 2
    version = prepare(Draft(
        "relay_email", "review_request", body, "en-US", "US", stage="template", subject="Order {{ order_id }}",
        body_format="html",
    ))  # fmt: skip
    values = {"order_id": ORDER, "product_title": TITLE}
    return lambda: version.check(values, order_id=ORDER, product_titles=(TITLE,))


def _slowest_hostile() -> tuple[float, str]:
    """Each piece repeated to the largest source that is taken, and to the longest text that is read."""
    gc.collect()
    formats: tuple[BodyFormat, ...] = ("html", "text")
    sizes = (SIZE_LIMIT, TEXT_LIMIT - 100)
    return max(_one_hostile(*case) for case in itertools.product(_HOSTILE, sizes, formats))


def _one_hostile(piece: str, size: int, body_format: BodyFormat) -> tuple[float, str]:
    body = (piece * (size // len(piece.encode()) + 1)).encode()[:size].decode("utf-8", "ignore")
    draft = Draft(
        "relay_email", "review_request", body, "en-US", "US", order_id=ORDER, body_format=body_format
    )
    return _seconds(lambda: check(draft)), f"{piece!r} x {size:,} bytes, {body_format}"
