"""SMTP as far as the fence needs it: a conversation that can stop between 354 and the body.

The facts it stands on (RFC 5321, read 2026-11-23): until the final dot nothing is accepted, so a connection
lost before it delivered nothing; after it, only the reply says who owns the message (RFC 1047: the gap where
duplicates are made).
"""

import contextlib
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from campaigns.channels.base import Held, OutcomeUnknown, Receipt, Refused, TryLater
from campaigns.crashpoints import crashpoint

CONNECT_SECONDS = 10
#: The longest wait for any reply. Shorter than a claim's lease, so that no lease runs out over a slow relay.
REPLY_SECONDS = 60
#: A connection is not kept for ever: relays ask for it, and a fresh one finds new addresses.
MAX_MESSAGES, MAX_AGE_SECONDS = 100, 60.0
SOON, LATER = timedelta(minutes=5), timedelta(minutes=30)
#: Replies that mean the whole relay, not this message, is the trouble.
_CLOSING = 421
CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Relay:
    host: str
    port: int
    security: str  # "", "tls", "starttls"
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_url(cls, url: str) -> "Relay":
        """`smtp://`, `smtps://` or `smtp+starttls://[user:password@]host[:port]`. Raises ValueError."""
        parts = urlsplit(url)
        kinds = {"smtp": ("", 25), "smtps": ("tls", 465), "smtp+starttls": ("starttls", 587)}
        if parts.scheme not in kinds or not parts.hostname:
            raise ValueError(
                "RELAY_SMTP_URL must look like smtp://host:25, smtps://user:password@host or smtp+starttls://host"
            )
        security, port = kinds[parts.scheme]
        return cls(
            parts.hostname,
            parts.port or port,
            security,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )


class Conversation:
    """One connection to the relay, used for one message after another. Not for two threads."""

    def __init__(
        self, relay: Relay, context: Callable[[], ssl.SSLContext] = ssl.create_default_context
    ) -> None:
        self._relay, self._context = relay, context
        self._smtp: smtplib.SMTP | None = None
        self._opened_at, self._sent = 0.0, 0

    def open_envelope(self, sender: str, recipient: str) -> "Envelope":
        """MAIL, RCPT and DATA up to 354. A connection that went stale is made anew once. Raises TryLater,
        Refused or Held.
        """
        reused = self._is_fresh()
        try:
            return self._open(sender, recipient)
        except _Lost as lost:
            if not reused:
                raise TryLater(SOON, "relay_busy", str(lost), stops_channel=True) from lost
        self.close()
        try:
            return self._open(sender, recipient)
        except _Lost as lost:
            raise TryLater(SOON, "relay_busy", str(lost), stops_channel=True) from lost

    def close(self) -> None:
        """Hang up without a word: in the middle of DATA a QUIT would be taken for the message's text."""
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def quit(self) -> None:
        if self._smtp is None:
            return
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._smtp.quit()
        self.close()

    def note_sent(self) -> None:
        self._sent += 1

    def _is_fresh(self) -> bool:
        if self._smtp is None:
            return False
        if self._sent >= MAX_MESSAGES or time.monotonic() - self._opened_at > MAX_AGE_SECONDS:
            self.quit()
            return False
        return True

    def _open(self, sender: str, recipient: str) -> "Envelope":
        smtp = self._connected()
        try:
            _expect(smtp.docmd("MAIL", f"FROM:<{sender}>"), _answer_to_mail)
            crashpoint("smtp.after_mail")
            _expect(smtp.docmd("RCPT", f"TO:<{recipient}>"), _answer_to_rcpt)
            crashpoint("smtp.after_rcpt")
            _expect(smtp.docmd("DATA"), _answer_to_data, wanted=354)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise _Lost(_word(error)) from error
        except (TryLater, Refused, Held):
            self.close()  # an envelope half open is not worth mending
            raise
        return Envelope(self, smtp)

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = self._connect()
            except smtplib.SMTPAuthenticationError as error:
                raise TryLater(
                    LATER, "relay_busy", "The relay does not accept our credentials.", stops_channel=True
                ) from error
            except (smtplib.SMTPException, OSError) as error:
                raise TryLater(SOON, "relay_busy", _word(error), stops_channel=True) from error
            self._opened_at, self._sent = time.monotonic(), 0
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        relay = self._relay
        smtp = self._dial()
        try:
            smtp.ehlo_or_helo_if_needed()
            if relay.security == "starttls":
                smtp.starttls(context=self._context())
                smtp.ehlo()
            if relay.user:
                smtp.login(relay.user, relay.password)
        except (smtplib.SMTPException, OSError):
            smtp.close()
            raise
        if smtp.sock is not None:
            smtp.sock.settimeout(REPLY_SECONDS)
        return smtp

    def _dial(self) -> smtplib.SMTP:
        relay = self._relay
        if relay.security == "tls":
            return smtplib.SMTP_SSL(relay.host, relay.port, timeout=CONNECT_SECONDS, context=self._context())
        return smtplib.SMTP(relay.host, relay.port, timeout=CONNECT_SECONDS)


class Envelope:
    """The relay said 354: it waits for the message. Nothing is delivered before the final dot."""

    def __init__(self, conversation: Conversation, smtp: smtplib.SMTP) -> None:
        self._conversation, self._smtp = conversation, smtp

    def send(self, content: bytes) -> Receipt:
        """Raises TryLater or Refused where the relay certainly has not got it, else OutcomeUnknown."""
        self._send_body(dotted(content))
        crashpoint("smtp.before_dot")
        return self._finish()

    def abandon(self) -> None:
        self._conversation.close()

    def _send_body(self, content: bytes) -> None:
        half = len(content) // 2
        try:
            self._write(content[:half])
            crashpoint("smtp.mid_body")
            self._write(content[half:])
        except OSError as error:
            self._conversation.close()
            raise TryLater(
                SOON, "relay_busy", f"The connection broke before the end: {_word(error)}", stops_channel=True
            ) from error

    def _write(self, content: bytes) -> None:
        if self._smtp.sock is None:
            raise ConnectionResetError("not connected")
        self._smtp.sock.sendall(content)

    def _finish(self) -> Receipt:
        try:
            self._write(b".\r\n")
            crashpoint("smtp.after_dot")
            code, words = self._smtp.getreply()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._conversation.close()
            raise OutcomeUnknown(_word(error)) from error
        return self._understand(code, words.decode("utf-8", "replace"))

    def _understand(self, code: int, words: str) -> Receipt:
        if code == 250:
            self._conversation.note_sent()
            return Receipt(words[:80])
        if code == _CLOSING or not 400 <= code < 600:
            self._conversation.close()
        if 400 <= code < 500:
            raise TryLater(SOON, "relay_busy", _said(code, words), stops_channel=code == _CLOSING)
        if 500 <= code < 600:
            raise Refused("relay_refused", _said(code, words))
        raise OutcomeUnknown(f"The relay answered what cannot be understood ({code}).")


class _Lost(Exception):
    """The connection went away before the message began."""


def dotted(content: bytes) -> bytes:
    """CRLF line ends, leading dots doubled, ended by CRLF: what may stand before the final dot."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)


def _expect(reply: tuple[int, bytes], refusal: Callable[[int, str], Exception], wanted: int = 250) -> None:
    code, words = reply
    if code == wanted or (wanted == 250 and code == 251):
        return
    if code == -1:
        raise smtplib.SMTPServerDisconnected("no reply")
    raise refusal(code, words.decode("utf-8", "replace"))


def _answer_to_mail(code: int, words: str) -> Exception:
    if 500 <= code < 600:
        return Held("sender_refused", _said(code, words))
    return TryLater(SOON, "relay_busy", _said(code, words), stops_channel=True)


def _answer_to_rcpt(code: int, words: str) -> Exception:
    if 500 <= code < 600:
        return Refused("relay_refused", _said(code, words))
    return TryLater(SOON, "relay_busy", _said(code, words), stops_channel=code == _CLOSING)


def _answer_to_data(code: int, words: str) -> Exception:
    if 500 <= code < 600:
        return Refused("relay_refused", _said(code, words))
    return TryLater(SOON, "relay_busy", _said(code, words), stops_channel=code == _CLOSING)


_ADDRESS = re.compile(r"\S+@\S+")


def _said(code: int, words: str) -> str:
    """The relay's words without the address it may quote."""
    return f"{code} {_ADDRESS.sub('(address)', ' '.join(words.split()))}"


def _word(error: BaseException) -> str:
    if isinstance(error, socket.gaierror):
        return "The relay's name cannot be resolved."
    return _ADDRESS.sub("(address)", f"{type(error).__name__}: {error}")[:200]
