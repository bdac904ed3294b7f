"""One judgement of everything Amazon can answer: the status first, the body second.

Four different things are said as 403 `Unauthorized`; only the words tell them apart, and a rule of "403 means
disconnected" would disconnect healthy sellers. Words and meanings: Amazon's models (commit 34dc93f) and
developer threads, read 2026-11-23.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from .operations import OPERATIONS


class Outcome(StrEnum):
    RETRY = "retry"  # nothing happened; the same call may be made again
    NOT_NOW = "not_now"  # nothing happened; wait, `retry_after` says how long where that is known
    ALREADY_DONE = "already_done"  # it is done, or can no longer be done: do not ask again
    NOT_OFFERED = "not_offered"  # Amazon does not offer this for this order
    NEEDS_ROLE = "needs_role"  # our application may not do this for this seller
    RECONNECT = "reconnect"  # the seller's authorisation is dead
    OUR_FAULT = "our_fault"  # the call itself is wrong; repeating it is useless
    UNKNOWN = "unknown"  # it may have happened: never repeat, find out


_SENTENCES = {
    Outcome.RETRY: "Amazon could not answer just now. Nothing was done; it will be tried again.",
    Outcome.NOT_NOW: "Amazon asks us to wait.",
    Outcome.ALREADY_DONE: "Amazon has done this already.",
    Outcome.NOT_OFFERED: "Amazon does not offer this for this order.",
    Outcome.NEEDS_ROLE: "Amazon denies us this for this seller: a role may be missing from the application, "
    "or the seller's account needs attention.",
    Outcome.RECONNECT: "The seller's authorisation is no longer valid. Connect Amazon again.",
    Outcome.OUR_FAULT: "Amazon refused the call as wrong. This is ours to mend; the seller need do nothing.",
    Outcome.UNKNOWN: "The connection was lost while Amazon was answering. It may have been done; "
    "it will not be repeated unless that is settled.",
}


class AmazonError(Exception):
    """Amazon did not do what was asked. After a call that sends, every outcome but `unknown` means: nothing
    was sent.

    `status` is 0 where no HTTP answer came; `retry_after` is None where only the caller can know;
    `request_id` is what Amazon's support asks for. `sentence` is for people.
    """

    def __init__(
        self,
        outcome: Outcome,
        sentence: str = "",
        *,
        status: int = 0,
        code: str = "",
        message: str = "",
        details: str = "",
        operation: str = "",
        request_id: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        self.outcome = outcome
        self.sentence = sentence or _SENTENCES[outcome]
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.operation = operation
        self.request_id = request_id
        self.retry_after = retry_after
        super().__init__(self.sentence)

    def __str__(self) -> str:
        heard = " ".join(
            str(part) for part in (self.status or "", self.code, self.message, self.details) if part
        )
        facts = [self.operation, heard, f"request {self.request_id}" if self.request_id else ""]
        return (
            f"{self.sentence} ({'; '.join(fact for fact in facts if fact)})" if any(facts) else self.sentence
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments: without this a pickled error (Celery, multiprocessing) cannot be read back.
        return _rebuild, (type(self), self.__dict__.copy())

    @property
    def is_certain_disconnect(self) -> bool:
        """The token server itself said so, not only an API gateway, which has been wrong for whole fleets at
        once.
        """
        return self.outcome is Outcome.RECONNECT and self.code == "invalid_grant"


def _rebuild(kind: type[AmazonError], facts: dict[str, Any]) -> AmazonError:
    error = kind.__new__(kind)
    error.__dict__.update(facts)
    Exception.__init__(error, facts["sentence"])
    return error


class Throttled(AmazonError):
    """Amazon's rate, kept by us or enforced by Amazon: wait `retry_after`."""

    def __init__(self, *, retry_after: timedelta, **facts: Any) -> None:
        super().__init__(Outcome.NOT_NOW, "Amazon's rate limit is reached.", retry_after=retry_after, **facts)


class LimiterUnavailable(AmazonError):
    """The shared limiter cannot be reached; without it no call is made, since nobody would count it."""

    def __init__(self, **facts: Any) -> None:
        facts.setdefault("retry_after", timedelta(seconds=15))
        sentence = "The shared limiter (Valkey) cannot be reached: calls to Amazon wait until it is back."
        super().__init__(Outcome.NOT_NOW, sentence, **facts)


@dataclass(frozen=True, slots=True)
class Heard:
    """The first error of a body, whatever its shape. Empty strings where Amazon said nothing."""

    code: str = ""
    message: str = ""
    details: str = ""

    @property
    def is_silent(self) -> bool:
        return not (self.code or self.message or self.details)

    def says(self, words: str) -> bool:
        return words in self.message.lower() or words in self.details.lower()


def hear(body: bytes | str | None) -> Heard:
    """Read an error body: `{"errors": [...]}`, a bare list, one object, `{"message"}`, OAuth's shape, HTML or
    nothing.
    """
    try:
        data = json.loads(body or "")
    except ValueError:
        return Heard()
    errors = data.get("errors", data) if isinstance(data, dict) else data
    if isinstance(errors, dict):
        errors = errors.get("errors", errors)
    first = errors[0] if isinstance(errors, list) and errors else errors
    if not isinstance(first, dict):
        return Heard()
    return Heard(
        code=_text(first, "code", "error", "__type"),
        message=_text(first, "message", "Message", "error_description"),
        details=_text(first, "details"),
    )


def _text(facts: Mapping[str, Any], *names: str) -> str:
    for name in names:
        if facts.get(name):
            return str(facts[name])[:500]
    return ""


def is_dead_token(error: AmazonError) -> bool:
    """Amazon rejects the access token itself: worth one fresh token, before anything is concluded."""
    said = f"{error.message} {error.details}".lower()
    return error.status == 401 or (
        error.status == 403
        and ("revoked, malformed or invalid" in said or "token expired" in said or "has expired" in said)
    )


@dataclass(frozen=True, slots=True)
class _Judgement:
    outcome: Outcome
    sentence: str = ""
    retry_after: timedelta | None = None


_DAY = timedelta(days=1)


def classify(
    status: int, body: bytes | str | None, headers: Mapping[str, str] | None = None, operation: str = ""
) -> AmazonError:
    """What an answer that is not a success means. `status` 0: no whole answer came, and the request may have
    left.
    """
    heard = hear(body)
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    facts: dict[str, Any] = {
        "status": status,
        "code": heard.code or lower.get("x-amzn-errortype", "").split(":")[0],
        "message": heard.message,
        "details": heard.details,
        "operation": operation,
        "request_id": lower.get("x-amzn-requestid", ""),
    }
    if status == 429:
        return Throttled(retry_after=_default_wait(operation), **facts)
    found = _judge(status, heard, operation)
    return AmazonError(found.outcome, found.sentence, retry_after=found.retry_after, **facts)


def _judge(status: int, heard: Heard, operation: str) -> _Judgement:
    known = OPERATIONS.get(operation)
    if status < 200 or status == 408 or status >= 500:
        return _Judgement(Outcome.UNKNOWN if known and known.sends else Outcome.RETRY)
    if status == 401:
        return _Judgement(Outcome.RECONNECT)
    if status == 403:
        return _forbidden(heard)
    if status == 404 and known and known.of_order:
        return _Judgement(Outcome.NOT_OFFERED, "Amazon does not know this order in this marketplace.")
    if status == 409:
        return _Judgement(Outcome.ALREADY_DONE)
    if status == 400 and heard.says("does not have access to one or more requested data elements"):
        return _Judgement(Outcome.NEEDS_ROLE)
    if status < 300:
        return _Judgement(
            Outcome.RETRY, "Amazon's answer could not be read. Nothing was changed; it will be asked again."
        )
    return _Judgement(Outcome.OUR_FAULT)


def _forbidden(heard: Heard) -> _Judgement:
    if (
        heard.says("revoked, malformed or invalid")
        or heard.says("token expired")
        or heard.says("has expired")
    ):
        return _Judgement(Outcome.RECONNECT)
    if heard.code == "MissingAuthenticationToken":
        return _Judgement(
            Outcome.OUR_FAULT, "Amazon does not know the address we called, or no token reached it."
        )
    # The apostrophe in the whole sentence arrives in several encodings; these words do not.
    if heard.says("5-30 day range"):
        return _Judgement(
            Outcome.NOT_NOW, "Amazon takes review requests only 5 to 30 days after delivery.", _DAY
        )
    if heard.says("solicitation is not available"):
        return _Judgement(
            Outcome.ALREADY_DONE,
            "Amazon takes no further review request for this order: one was sent, or none is allowed.",
        )
    if heard.says("template combination"):
        return _Judgement(Outcome.NOT_OFFERED, "Amazon does not offer this type of message for this order.")
    if heard.is_silent:
        return _Judgement(Outcome.RETRY, "Something on the way to Amazon refused the call. Nothing was done.")
    return _Judgement(Outcome.NEEDS_ROLE)


def _default_wait(operation: str) -> timedelta:
    """There is no Retry-After: the wait is one token's time."""
    known = OPERATIONS.get(operation)
    return timedelta(seconds=1 / known.rate if known else 1)


def connection_failed(operation: str, cause: BaseException) -> AmazonError:
    """No connection was made, so nothing left this machine: always safe to repeat, even for a call that
    sends.
    """
    return AmazonError(
        Outcome.RETRY,
        "No connection to Amazon could be made. Nothing was sent; it will be tried again.",
        message=f"{type(cause).__name__}: {cause}"[:300],
        operation=operation,
    )
