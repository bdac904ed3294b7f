"""Read-only windows for the operator; decisions go through services.review."""

from django.contrib import admin
from django.http import HttpRequest

from compliance.models import Case, Verdict


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Case)
class CaseAdmin(ReadOnly):
    list_display = ("title", "seller", "subject", "status", "submitted_at", "decided_at")
    list_filter = ("status", "subject")
    search_fields = ("title",)


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    list_display = ("case", "answer", "reviewer", "decided_at")
