"""POST /api/v1/check: one text or up to fifty, looked at by every rule. Nothing of them is stored."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import public
from accounts.api import Declared
from accounts.throttling import Polite
from compliance import pack
from compliance.api.parsers import SmallJSONParser
from compliance.api.serializers import (
    AT_ONCE,
    AnswerSerializer,
    BatchAnswerSerializer,
    BatchSerializer,
    DraftSerializer,
    draft_of,
)
from compliance.corpus_case import visible_outcome
from compliance.engine.run import check
from compliance.engine.types import Finding

EXAMPLE = {
    "medium": "relay_email", "purpose": "review_request", "language": "en-US", "marketplace": "US",
    "order_id": "112-4830917-2265401",
    "body": "Order 112-4830917-2265401: if you love the lamp, leave us five stars \U0001f60a",
}  # fmt: skip


def _either(name: str, one: Any, many: Any) -> PolymorphicProxySerializer:
    return PolymorphicProxySerializer(name, serializers=[one, many], resource_type_field_name=None)


@public
class CheckView(APIView):
    """Anybody may ask; people signed in, and later API keys (`accounts/throttling.py` knows the place), may ask more often."""

    permission_classes = (Declared,)
    parser_classes = (SmallJSONParser,)
    throttle_classes = (Polite,)
    throttle_scope = "check"

    @staticmethod
    def throttle_cost(request: Request) -> int:
        """Texts, not requests: fifty at once weigh as much as fifty one by one."""
        drafts = request.data.get("drafts") if isinstance(request.data, dict) else None
        return min(len(drafts), AT_ONCE) if isinstance(drafts, list) else 1

    @extend_schema(
        operation_id="check",
        summary="Check one text, or up to fifty",
        request=_either("CheckRequest", DraftSerializer, BatchSerializer),
        responses={
            200: _either("CheckAnswer", AnswerSerializer, BatchAnswerSerializer),
            400: OpenApiResponse(
                description="A field is missing or wrong; the answer names each, with what to do."
            ),
            413: OpenApiResponse(description="The request is too large."),
            429: OpenApiResponse(
                description="Too many texts a minute; Retry-After says how many seconds to wait."
            ),
        },
        examples=[OpenApiExample("One text", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        if isinstance(request.data, dict) and "drafts" in request.data:
            return self._check_all(request.data)
        asked = DraftSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(answer(asked.validated_data))

    def _check_all(self, data: Any) -> Response:
        asked = BatchSerializer(data=data)
        asked.is_valid(raise_exception=True)
        answers = [answer(one) for one in asked.validated_data["drafts"]]
        return Response({"pack": pack.version(), "answers": answers})


def answer(data: dict[str, Any]) -> dict[str, Any]:
    """What the rules say of one text that was read well. Shadow rules say nothing yet."""
    report = check(draft_of(data))
    told = {"id": data["id"]} if "id" in data else {}
    findings = [_told(finding) for finding in report.findings if not finding.shadow]
    return {**told, "outcome": visible_outcome(report), "findings": findings, "pack": report.pack}


def _told(finding: Finding) -> dict[str, Any]:
    fix, (start, end) = finding.fix, finding.fixed_span
    return {
        "rule": finding.rule, "code": finding.code, "outcome": finding.outcome.value, "where": finding.where,
        "start": finding.start, "end": finding.end,
        "visible_start": finding.visible_start, "visible_end": finding.visible_end,
        "text": finding.text, "message": finding.message,
        "fix": {"text": fix.text, "label": fix.label, "start": start, "end": end} if fix else None,
    }  # fmt: skip
