"""`python -m sandbox`: one process with the web side and the mail relay in one event loop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
import sys
from dataclasses import fields

import uvicorn

from .app import Application
from .context import Options, Sandbox, open_sandbox
from .mail import server as relay
from .stripe import app as stripe
from .wire import KnownConnections
from .world import life


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(levelname)s %(name)s %(message)s")
    sandbox = open_sandbox(_options())
    try:
        asyncio.run(serve(sandbox))
    except KeyboardInterrupt:
        pass
    finally:
        sandbox.save_clock()
        sandbox.store.close()


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--smtp-port", type=int, default=0, help="0 takes a free port")
    parser.add_argument(
        "--data", default=":memory:", help="SQLite file; an existing one goes on where it was"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--now", default="", help="ISO 8601; default: real time, or where the data file was")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument(
        "--orders-lag", type=float, default=0.0, help="seconds until a new order can be found"
    )
    parser.add_argument("--report-delay", type=float, default=2.0, help="seconds a report waits and works")
    parser.add_argument("--live", action="store_true", help="new orders are placed as time goes on")
    parser.add_argument(
        "--static", default="", help="folder of Amazon's models: answer their example pairs only"
    )
    parser.add_argument(
        "--smtp-tls", action="store_true", help="offer STARTTLS with a certificate made at start"
    )
    parser.add_argument("--smtp-user", default="")
    parser.add_argument("--smtp-password", default="")
    parser.add_argument("--bounce-smtp", default="", help="host:port that gets bounce notices by SMTP")
    parser.add_argument("--sqs-endpoint", default="", help="SQS-compatible endpoint for notifications")
    given = vars(parser.parse_args())
    return Options(**{f.name: given[f.name] for f in fields(Options)})


async def serve(sandbox: Sandbox) -> None:
    options = sandbox.options
    mail = await relay.start(sandbox)
    web_socket = _bound(options.host, options.port)
    port = web_socket.getsockname()[1]
    sandbox.base_url = f"http://{options.host}:{port}"
    application = Application(sandbox)
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        lifespan="off",
        http=KnownConnections,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    beats = [asyncio.create_task(life.live(sandbox)), *stripe.start(application.stripe, sandbox.base_url)]
    running = asyncio.create_task(server.serve(sockets=[web_socket]))
    while not server.started and not running.done():
        await asyncio.sleep(0.01)
    sys.stdout.write(f"sandbox ready http={sandbox.base_url} smtp={sandbox.smtp_address}\n")
    sys.stdout.flush()
    await running
    for beat in beats:
        beat.cancel()
    mail.close()


def _bound(host: str, port: int) -> socket.socket:
    # asyncio turns Nagle off only where the protocol is named; without it every answer waits 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    return sock


if __name__ == "__main__":
    main()
