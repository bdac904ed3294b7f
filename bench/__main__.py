"""The measured figures: `./run bench [name …] [--small | --scale N] [--json FILE]`.

Each module of this folder with a `run(small: bool) -> list[Figure]` is a bench. They make what they need, in a database of
their own; exit status 1 when a goal is missed.
"""

import argparse
import importlib
import inspect
import json
import os
import pkgutil
import sys
import time
from pathlib import Path

import django
from django.core.management import call_command

import bench
from bench.figures import Figure


def main() -> int:
    options = _parse()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("prepare", verbosity=0)
    figures = [figure for name in options.names or _names() for figure in _run(name, options)]
    if options.json:
        Path(options.json).write_text(json.dumps([f.as_json() for f in figures], indent=2))
    return 1 if any(figure.ok is False for figure in figures) else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *_names()], metavar="name", help=", ".join(_names()))
    parser.add_argument("--small", action="store_true", help="seconds instead of minutes: does it run at all")
    parser.add_argument(
        "--scale", type=_count, metavar="N", help="rows, for benches that have a size (planner: orders)"
    )
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    return parser.parse_args()


def _names() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules(bench.__path__))
    return sorted(name for name in found if name not in {"__main__", "figures"} and not name.startswith("_"))


def _count(given: str) -> int:
    count = int(given)
    if count < 20_000:
        raise argparse.ArgumentTypeError("at least 20000, or nothing is measured")
    return count


def _run(name: str, options: argparse.Namespace) -> list[Figure]:
    module, started = importlib.import_module(f"bench.{name}"), time.monotonic()
    given = {"small": options.small} | ({"scale": options.scale} if options.scale else {})
    taken = inspect.signature(module.run).parameters
    figures: list[Figure] = module.run(**{key: value for key, value in given.items() if key in taken})
    print(f"\n{name} ({time.monotonic() - started:.0f} s)", flush=True)
    for figure in figures:
        print(f"  {figure}", flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
