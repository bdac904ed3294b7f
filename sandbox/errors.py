"""Amazon's refusals, word for word (texts and sources: Amazon's models and developer threads, read
2026-11).
"""

from __future__ import annotations

from typing import Any

DENIED = "Access to requested resource is denied."
REVOKED = "The access token you provided is revoked, malformed or invalid."
OUTSIDE_WINDOW = (
    "You can't use this feature to request a review outside the 5-30 day range after the order delivery date."
)
NOT_AVAILABLE = "The requested solicitation is not available for this amazonOrderId."
WRONG_TEMPLATE = "Invalid amazonOrderId and template combination."


class ApiError(Exception):
    """One refusal: HTTP status, Amazon's code, message and details."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message, self.details = status, code, message, details

    def body(self) -> dict[str, Any]:
        return {"errors": [{"code": self.code, "message": self.message, "details": self.details}]}


def invalid_input(details: str = "", message: str = "Invalid Input") -> ApiError:
    return ApiError(400, "InvalidInput", message, details)


def missing_parameter(name: str) -> ApiError:
    return ApiError(400, "InvalidInput", f"Missing or invalid request parameters: [{name}]")


def unknown_path() -> ApiError:
    return ApiError(403, "MissingAuthenticationToken", DENIED)


def dead_token() -> ApiError:
    return ApiError(403, "Unauthorized", DENIED, REVOKED)


def denied() -> ApiError:
    """Role missing, wrong region, app in draft: Amazon says the same empty words for all of them."""
    return ApiError(403, "Unauthorized", DENIED)


def forbidden(message: str) -> ApiError:
    return ApiError(403, "Unauthorized", message)


def not_found(what: str = "Resource not found.") -> ApiError:
    return ApiError(404, "NotFound", what)


def throttled() -> ApiError:
    return ApiError(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")


def internal_failure() -> ApiError:
    return ApiError(500, "InternalFailure", "We encountered an internal error. Please try again.")
