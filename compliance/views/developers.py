"""The API's page, for people: made from the serializers, so that it says what is taken."""

import json
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from rest_framework import serializers
from rest_framework.settings import api_settings

from accounts.access import public
from compliance import pack
from compliance.api.check import EXAMPLE, answer
from compliance.api.parsers import LARGEST
from compliance.api.serializers import AT_ONCE, DraftSerializer, FindingSerializer


@dataclass(frozen=True)
class Field:
    name: str
    is_needed: bool
    what: str
    values: list[str]
    default: str


@public
@require_GET
def developers(request: HttpRequest) -> HttpResponse:
    asked = DraftSerializer(data=EXAMPLE)
    asked.is_valid(raise_exception=True)
    context = {
        "fields": [_field(name, field) for name, field in DraftSerializer().fields.items()],
        "answer_fields": [_field(name, field) for name, field in FindingSerializer().fields.items()],
        "site": settings.SITE_URL, "asked": _json(EXAMPLE), "answered": _json(answer(asked.validated_data)),
        "at_once": AT_ONCE, "largest": LARGEST, "pack": pack.version(),
        "rate_anyone": _a_minute("check_anyone"), "rate_user": _a_minute("check_user"),
    }  # fmt: skip
    return render(request, "compliance/developers.html", context)


def _field(name: str, field: serializers.Field) -> Field:  # type: ignore[type-arg]
    values = [str(value) for value in getattr(field, "choices", ())]
    default = "" if field.default in (serializers.empty, list) else str(field.default)
    return Field(name, field.required and not field.read_only, str(field.help_text or ""), values, default)


def _a_minute(scope: str) -> str:
    return str(api_settings.DEFAULT_THROTTLE_RATES[scope]).split("/")[0]


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)
