"""The SMTP side. One mail, one buyer; only approved senders of the seller the relay address belongs to.

Refusals in the manner of Amazon's relay; sender approval and opt-out: Seller Central help (read 2026-11).
"""

from __future__ import annotations

import asyncio
import ssl
from email import message_from_bytes
from email.policy import default
from email.utils import parseaddr
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from ..context import Sandbox
from ..faults import SMTP_KINDS, Fault
from ..wire import reset
from . import delivery
from .certificate import self_made

LARGEST = 14 * 1024 * 1024  # ten megabytes of files as they travel in base64


async def start(sandbox: Sandbox) -> asyncio.Server:
    options = sandbox.options
    context = self_made(options.host) if options.smtp_tls else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _protocol(sandbox, context), options.host, options.smtp_port)
    sandbox.smtp_address = f"{options.host}:{server.sockets[0].getsockname()[1]}"
    return server


def _protocol(sandbox: Sandbox, context: ssl.SSLContext | None) -> RelayProtocol:
    return RelayProtocol(
        Handler(sandbox),
        sandbox=sandbox,
        hostname="relay.sandbox",
        ident="Sandbox relay",
        enable_SMTPUTF8=True,
        data_size_limit=LARGEST,
        tls_context=context,
        auth_require_tls=False,
        auth_exclude_mechanism=["LOGIN"],
        authenticator=_authenticator(sandbox),
        auth_required=bool(sandbox.options.smtp_user),
        timeout=120,
        decode_data=False,
    )


def _authenticator(sandbox: Sandbox) -> Any:
    """Any name will do unless the sandbox was started with one."""
    options = sandbox.options

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        wanted = (options.smtp_user.encode(), options.smtp_password.encode())
        good = not options.smtp_user or (data.login, data.password) == wanted
        return AuthResult(success=good, handled=False)

    return check


class RelayProtocol(SMTP):
    """aiosmtpd's server with a place for a fault before every answer."""

    def __init__(self, handler: Handler, *, sandbox: Sandbox, **settings: Any) -> None:
        self.sandbox = sandbox
        self.seller = ""
        super().__init__(handler, **settings)

    def strike(self, stage: str) -> Fault | None:
        return self.sandbox.faults.strike(tuple(SMTP_KINDS), self.seller, "smtp", stage=stage)

    def cut(self) -> None:
        if self.transport is not None:
            reset(self.transport)

    async def _passes(self, stage: str) -> bool:
        """False when a fault has answered or cut instead."""
        fault = self.strike(stage)
        if fault is None:
            return True
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return True
        if fault.kind == "disconnect":
            self.cut()
            return False
        await self.push(answer(fault))
        if fault.code == 421:
            self.cut_gently()
        return False

    def cut_gently(self) -> None:
        if self.transport is not None:
            self.transport.close()

    async def push(self, status: Any) -> None:
        text = status.decode() if isinstance(status, bytes) else str(status)
        is_greeting = text.startswith("220 ") and self.session is not None and not self.session.host_name
        if is_greeting and not await self._greets():
            return
        await super().push(status)
        if text.startswith("354"):
            fault = self.strike("after_354")
            if fault is not None and fault.kind == "disconnect":
                self.cut()

    async def _greets(self) -> bool:
        if getattr(self, "_greeted", False):
            return True
        self._greeted = True
        return await self._passes("connect")

    async def smtp_EHLO(self, hostname: str) -> None:
        if await self._passes("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:
        if await self._passes("ehlo"):
            await super().smtp_HELO(hostname)

    async def smtp_AUTH(self, arg: str) -> None:
        if await self._passes("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if await self._passes("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if await self._passes("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if await self._passes("data"):
            await super().smtp_DATA(arg)


def answer(fault: Fault) -> str:
    words = {
        421: "4.7.0 Service not available, closing transmission channel",
        450: "4.2.0 Try again later",
        550: "5.7.1 Message rejected",
    }
    return f"{fault.code} {fault.text or words.get(fault.code, '4.3.0 Local error in processing')}"


class Handler:
    """What the relay says to each step of a conversation."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def handle_MAIL(
        self, server: RelayProtocol, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        sellers = delivery.sellers_of(self.sandbox, address)
        if not sellers:
            return f"550 5.7.1 <{address}> is not an approved sender of any selling account"
        server.seller = sellers[0] if len(sellers) == 1 else ""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(
        self, server: RelayProtocol, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if envelope.rcpt_tos:
            return "452 4.5.3 Too many recipients: one buyer for each message"
        seller = self.sandbox.store.scalar("SELECT seller FROM relays WHERE address=?", address.lower())
        if seller is None:
            return f"550 5.1.1 <{address}>: Recipient address rejected: unknown user"
        if seller not in delivery.sellers_of(self.sandbox, str(envelope.mail_from)):
            return f"550 5.7.1 <{envelope.mail_from}> is not an approved sender of this selling account"
        server.seller = seller
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: RelayProtocol, session: Session, envelope: Envelope) -> str:
        raw = bytes(envelope.original_content or b"")
        message = message_from_bytes(raw, policy=default)
        fault = server.strike("body")
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault is not None and not fault.kept:
            return self._fail(server, fault)
        sender = parseaddr(str(message.get("From", "")))[1]
        if server.seller not in delivery.sellers_of(self.sandbox, sender):
            return f"550 5.7.1 <{sender}> in the From field is not an approved sender of this selling account"
        number = delivery.accept(self.sandbox, server.seller, sender, envelope.rcpt_tos[0], message, raw)
        if fault is not None and fault.kind != "slow":
            return self._fail(server, fault)
        return f"250 2.0.0 Ok: queued as {number:08X}"

    def _fail(self, server: RelayProtocol, fault: Fault) -> str:
        if fault.kind == "disconnect":
            server.cut()
            return "421 4.4.2 connection dropped"
        return answer(fault)
