"""The whole product on one machine, the sandbox as Amazon; until Ctrl-C or, with --once, until done."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence

from devstack import environment, files, kept, readiness
from devstack.console import say, talk_to, timed
from devstack.places import DEMO_LOGINS, DEV
from devstack.processes import Crew, Stopped, tail

#: Orders of each seller in the last month. Amazon takes one message a second of a seller, so --once has fewer to wait for.
_MONTH, _BRIEF_MONTH = 120, 45
_SUMMARY_PATIENCE = 240  # seconds that the pipeline gets to become quiet


def run(arguments: Sequence[str]) -> int:
    """Raises Trouble: the data is in use, a part does not start or ends by itself."""
    options = _parse(arguments)
    if not options.json:
        talk_to(sys.stdout)
    started = time.monotonic()
    with kept.held("demo"):
        if options.fresh:
            kept.throw_away()
        with kept.installation(options.port) as env, Crew(DEV / "log") as crew:
            _prepare(crew, env, is_live=not options.once)
            # Two seconds of imports each: they go on while the seeds grow.
            _start_worker(crew, env)
            if not options.once:
                _start_web(crew, env)
            _seed(crew, env, _BRIEF_MONTH if options.once else _MONTH)
            # Last, because nothing happens before it ticks.
            crew.start("beat", _python("-m celery -A config beat --loglevel INFO --pidfile="), env)
            if options.once:
                return _summarise(crew, env, options.json)
            _await_web(crew, env)
            _welcome(env, time.monotonic() - started)
            return _watch(crew)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("./run demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="do the main job, say what happened, end")
    parser.add_argument("--json", action="store_true", help="with --once: one JSON object on stdout")
    parser.add_argument("--port", type=int, help="of the web address (last time's, else 8000)")
    parser.add_argument("--fresh", action="store_true", help="throw the kept data away first")
    options = parser.parse_args(arguments)
    if options.json and not options.once:
        parser.error("--json is for --once")
    return options


def _python(line: str) -> list[str]:
    return [sys.executable, *line.split()]


# `prepare` and `seed_demo` may run twice: on kept data they find little to do.


def _prepare(crew: Crew, env: Mapping[str, str], *, is_live: bool) -> None:
    with timed("Sandbox, tables and public data"):
        _start_sandbox(crew, env, is_live)
        crew.step("prepare", _python("manage.py prepare"), env)
        readiness.answers_http(crew, env["SANDBOX_URL"], "sandbox")
        readiness.answers_smtp(crew, env["RELAY_SMTP_URL"], "the sandbox's mail relay")


def _seed(crew: Crew, env: Mapping[str, str], orders: int) -> None:
    with timed("Agency, sellers and their orders"):
        crew.step("seed", _python(f"manage.py seed_demo --orders {orders}"), env)


def _start_sandbox(crew: Crew, env: Mapping[str, str], is_live: bool) -> None:
    # It plays Amazon, so it is told nothing of ours: no database, no keys.
    http, smtp = (readiness.port_of(env[name]) for name in ("SANDBOX_URL", "RELAY_SMTP_URL"))
    live = " --live" if is_live else ""  # buyers go on buying while somebody looks
    command = _python(f"-m sandbox --host 127.0.0.1 --port {http} --smtp-port {smtp}{live} --data")
    crew.start("sandbox", [*command, DEV / "sandbox.sqlite"], environment.inherited(os.environ))


def _start_worker(crew: Crew, env: Mapping[str, str]) -> None:
    # No gossip, no mingling: there is one worker, and asking for others takes a second.
    command = _python(
        "-m celery -A config worker --loglevel INFO --concurrency 2 --without-gossip --without-mingle"
    )
    # SIGQUIT ends it without waiting for its tasks, which the product has to survive anyhow.
    crew.start("worker", command, env, farewell=signal.SIGQUIT)


def _start_web(crew: Crew, env: Mapping[str, str]) -> None:
    bind = f"127.0.0.1:{readiness.port_of(env['SITE_URL'])}"
    # Preloaded: its two processes import everything once. Its control socket would lie in the person's home folder.
    command = _python(
        f"-m gunicorn config.wsgi --bind {bind} --preload --access-logfile - --no-control-socket"
    )
    crew.start("web", [*command, "--worker-class", "gthread", "--workers", "2", "--threads", "4"], env)


def _await_web(crew: Crew, env: Mapping[str, str]) -> None:
    with timed("Web, worker and beat"):
        status = readiness.answers_http(crew, env["SITE_URL"], "web")
    if status >= 500:
        say(f"  The first page answers {status}: see {DEV / 'log' / 'web.log'}")


def _summarise(crew: Crew, env: Mapping[str, str], as_json: bool) -> int:
    """Its stdout and its exit status are the demo's; what it logs goes to its log."""
    command = _python(f"manage.py demo_summary --wait {_SUMMARY_PATIENCE}{' --json' if as_json else ''}")
    summary = crew.start("summary", command, env, stdout=sys.stdout.fileno())
    status = crew.finish(summary)
    if status:
        say(f"The summary ended with status {status}:\n{tail(summary.log)}")
    return status


def _welcome(env: Mapping[str, str], seconds: float) -> None:
    told = files.read(DEMO_LOGINS) or {}
    say(f"\nReady after {seconds:.1f} s. Ctrl-C stops everything; the data stays in .dev.\n")
    say(f"  Permitted   {env['SITE_URL']}/")
    say(f"  Sandbox     {env['SANDBOX_URL']}/   (Amazon, the buyers' inbox, Stripe)")
    for line in (*_table(told.get("logins", [])), *told.get("notes", [])):
        say(f"  {line}")


def _table(logins: Sequence[Mapping[str, str]]) -> list[str]:
    rows = [[login[name] for name in ("role", "email", "password", "where")] for login in logins]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["   ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _watch(crew: Crew) -> int:
    """Until we are asked to end, which is how a demo ends well, or until a part ends by itself: Trouble."""
    try:
        while True:
            crew.check()
            time.sleep(0.5)
    except Stopped:
        say("\nStopping …")
        return 0
