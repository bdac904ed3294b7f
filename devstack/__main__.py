"""Usage: ./run <command> [arguments]

  demo    the whole product on this machine, with the sandbox as Amazon   (--once --json --port N --fresh)
  stop    end this checkout's demo
  test    the tests, with servers of their own                            (arguments go to pytest)
  check   ruff, mypy, import contracts, missing migrations
  manage  manage.py on the demo's data                                    (arguments go to manage.py)
  bench   the measured figures                                            (arguments go to bench)
  lock    bring requirements.lock into line with pyproject.toml           (needs uv; options go to it)

DATABASE_URL and BROKER_URL, where set, are used instead of servers of our own.
"""

import sys
from collections.abc import Callable, Sequence

from devstack import check, demo, guardian, manage, relock, stop, testrun
from devstack.console import Trouble
from devstack.processes import GRACE, Stopped, stop_on_signals

_COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "demo": demo.run,
    "stop": stop.run,
    "test": testrun.test,
    "check": check.run,
    "manage": manage.run,
    "bench": testrun.bench,
    "lock": relock.run,
}


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(__doc__)
        return 0
    name, *rest = arguments
    if name not in _COMMANDS:
        print(f"run: there is no command {name!r}.\n\n{__doc__}", file=sys.stderr)
        return 2
    return _run(_COMMANDS[name], rest)


def _run(command: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> int:
    stop_on_signals()
    guardian.post(GRACE)
    try:
        return command(arguments)
    except Trouble as trouble:
        print(f"run: {trouble}", file=sys.stderr)
        return 1
    except Stopped as stopped:
        return stopped.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
