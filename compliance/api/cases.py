"""GET /api/v1/sellers/<seller>/cases: how it stands with what was handed in. What a reviewer may still undo is not told."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import requires
from accounts.api import Declared
from accounts.roles import Permission
from compliance.desk.reasons import Given, UnknownReason
from compliance.models import Appeal, Case, Verdict
from compliance.selectors.standing import Standing, standing_of_cases


class ReasonSerializer(serializers.Serializer[Any]):
    """A canned reason; where `end` > `start` it is about these words of the language's source."""

    code = serializers.IntegerField()
    title = serializers.CharField()
    text = serializers.CharField()
    remedy = serializers.CharField()
    language = serializers.CharField()
    where = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    words = serializers.CharField()


class VerdictSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(Verdict.Answer.choices)
    by = serializers.ChoiceField(("person", "system"))
    reason = serializers.CharField(help_text="What the author reads, a line for each reason.")
    reasons = ReasonSerializer(many=True)
    marketplaces = serializers.ListField(child=serializers.CharField(), help_text="Empty: no such limit.")
    volume = serializers.IntegerField(allow_null=True, help_text="Messages in all; null: no such limit.")
    until = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField()


class AppealSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Appeal.Kind.choices)
    made_at = serializers.DateTimeField()


class CaseSerializer(serializers.Serializer[Any]):
    """Two axes: `status` says who must act, `verdict` what may be sent. Times are UTC."""

    id = serializers.UUIDField()
    subject = serializers.ChoiceField(Case.Subject.choices)
    subject_id = serializers.UUIDField(help_text="The template version, campaign or message.")
    title = serializers.CharField()
    status = serializers.ChoiceField(("waiting", "with_author", "decided", "withdrawn"))
    purpose = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    marketplaces = serializers.ListField(child=serializers.CharField())
    submitted_at = serializers.DateTimeField()
    expected_at = serializers.DateTimeField(
        allow_null=True, help_text="By when a person answers; null: none is to."
    )
    verdict = VerdictSerializer(allow_null=True)
    appeal = AppealSerializer(allow_null=True)
    appeal_until = serializers.DateTimeField(allow_null=True, help_text="Null: it cannot be appealed.")


class ByTime(CursorPagination):
    ordering = ("-submitted_at", "-pk")
    page_size = 50


_STATUS = OpenApiParameter(
    "status", enum=[value for value, _ in Case.Status.choices], description="Only cases of this status."
)


@requires(Permission.VIEW)
class CaseList(APIView):
    """The seller's cases, newest first, fifty a page."""

    permission_classes = (Declared,)

    @extend_schema(
        operation_id="cases",
        summary="A seller's cases",
        parameters=[_STATUS],
        responses=CaseSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        rows, wanted = _cases(request), request.query_params.get("status", "")
        if wanted and wanted not in Case.Status.values:
            known = ", ".join(Case.Status.values)
            raise serializers.ValidationError(
                {"status": f"There is no status “{wanted}”. Use one of {known}."}
            )
        pager = ByTime()
        page = (
            pager.paginate_queryset(rows.filter(status=wanted) if wanted else rows, request, view=self) or []
        )
        standings = standing_of_cases(page, timezone.now())
        return pager.get_paginated_response([_shown(standings[case.pk]) for case in page])


@requires(Permission.VIEW)
class OneCase(APIView):
    permission_classes = (Declared,)

    @extend_schema(operation_id="case", summary="One case", responses=CaseSerializer)
    def get(self, request: Request, case: uuid.UUID) -> Response:
        found = get_object_or_404(_cases(request), public_id=case)
        return Response(_shown(standing_of_cases([found], timezone.now())[found.pk]))


def _cases(request: Request) -> QuerySet[Case]:
    """Planted cases are the desk's own and no seller's."""
    own = Case.objects.filter(seller=request._request.seller, known_answer__isnull=True)  # type: ignore[attr-defined]
    return own.defer("snapshot")


def _shown(standing: Standing) -> dict[str, Any]:
    case = standing.case
    is_told = standing.is_waiting or standing.verdict is not None or case.status == Case.Status.WITHDRAWN
    return CaseSerializer(
        {
            "id": case.public_id, "subject": case.subject, "subject_id": case.subject_id, "title": case.title,
            "status": case.status if is_told and not standing.is_waiting else "waiting", "purpose": case.purpose,
            "languages": case.languages, "marketplaces": case.marketplaces, "submitted_at": case.submitted_at,
            "expected_at": standing.expected_at, "verdict": _verdict(standing.verdict),
            "appeal": standing.appeal, "appeal_until": standing.appeal_until,
        }
    ).data  # fmt: skip


def _verdict(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {
        "answer": verdict.answer, "by": "person" if verdict.reviewer_id else "system", "reason": verdict.reason,
        "reasons": [_reason(row) for row in verdict.reasons], "marketplaces": verdict.marketplaces,
        "volume": verdict.volume, "until": verdict.until, "decided_at": verdict.decided_at,
    }  # fmt: skip


def _reason(row: dict[str, Any]) -> dict[str, Any]:
    given = Given(**row)
    try:
        said = given.reason
        title, text, remedy = said.title, said.text, said.remedy
    except UnknownReason:  # a number of an older list
        title, text, remedy = "No longer used", "", ""
    place = {"language": given.language, "where": given.where, "start": given.start, "end": given.end}
    return {"code": given.code, "title": title, "text": text, "remedy": remedy, "words": given.text, **place}
