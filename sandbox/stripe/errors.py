"""Stripe's refusals in Stripe's shape (as stripe-python 16.1's own documentation and error classes have it, read 2026-11-25)."""

from __future__ import annotations

from typing import Any


class StripeError(Exception):
    """`kind` is Stripe's `type`; `code`, `param` and `decline` are '' where there is none."""

    def __init__(
        self, status: int, kind: str, message: str, code: str = "", param: str = "", decline: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message
        self.code, self.param, self.decline = code, param, decline

    def body(self, request_id: str) -> dict[str, Any]:
        told = {"code": self.code, "param": self.param, "decline_code": self.decline}
        error = {"type": self.kind, "message": self.message, **{k: v for k, v in told.items() if v}}
        return {"error": {**error, "request_log_url": f"/stripe/#{request_id}"}}


def invalid(message: str, param: str = "", code: str = "", status: int = 400) -> StripeError:
    return StripeError(status, "invalid_request_error", message, code, param)


def missing(what: str, id: str, param: str = "id") -> StripeError:  # noqa: A002 (Stripe's word)
    return invalid(f"No such {what}: '{id}'", param, "resource_missing", 404)


def required(param: str) -> StripeError:
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def declined(decline: str, message: str) -> StripeError:
    return StripeError(402, "card_error", message, "card_declined", decline=decline)


def unauthorised(message: str) -> StripeError:
    return invalid(message, status=401)


def key_reused(key: str) -> StripeError:
    return StripeError(
        400,
        "idempotency_error",
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
    )


def too_many() -> StripeError:
    return invalid("Too many requests hit the API too quickly.", code="rate_limit", status=429)


def broken(status: int = 503) -> StripeError:
    return StripeError(
        status, "api_error", "An error occurred while processing your request. Try again in a little bit."
    )
