"""Tokens API 2021-03-01: restricted data tokens (Amazon's model, read 2026-11)."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..auth import PII_ROLE, TOKEN_LIFE
from ..errors import ApiError
from ..gateway import Call, Reply, operation

METHODS = frozenset(("GET", "PUT", "POST", "DELETE"))
ELEMENTS = frozenset(("buyerInfo", "shippingAddress", "buyerTaxInformation"))
MOST = 50


@operation("createRestrictedDataToken", "POST", "/tokens/2021-03-01/restrictedDataToken", 1, 10)
def create(call: Call) -> Reply:
    call.note = "pii"
    resources = call.json().get("restrictedResources")
    if not isinstance(resources, list) or not 1 <= len(resources) <= MOST:
        raise _invalid("restrictedResources must hold 1 to 50 resources.")
    for resource in resources:
        _check(call, resource)
    token = call.sandbox.auth.restricted(call.identity, resources)
    return Reply(200, {"restrictedDataToken": token, "expiresIn": TOKEN_LIFE})


def _check(call: Call, resource: Any) -> None:
    if not isinstance(resource, dict) or resource.get("method") not in METHODS:
        raise _invalid("Resource not provided.")
    if not str(resource.get("path", "")).startswith("/"):
        raise _invalid("Resource not provided.")
    elements = resource.get("dataElements") or []
    if not set(elements) <= ELEMENTS:
        raise _invalid("Unknown dataElements.")
    if elements and PII_ROLE not in call.app.roles:
        listed = ", ".join(elements)
        raise errors.invalid_input(
            message=f"Application does not have access to one or more requested data elements: [{listed}]"
        )


def _invalid(details: str) -> ApiError:
    return ApiError(400, "InvalidRequest", "Request is missing or has invalid parameters", details)
