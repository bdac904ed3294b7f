"""compliance's addresses: rulebook, checker and the API's check, open to anybody; a seller's cases; and the desk's."""

from django.urls import URLPattern, URLResolver, path

from compliance.api.cases import CaseList, OneCase
from compliance.api.check import CheckView
from compliance.api.schema import SchemaView
from compliance.views import check, developers, rulebook
from compliance.views.desk.urls import review_urlpatterns

__all__ = ("api_urlpatterns", "review_urlpatterns", "seller_api_urlpatterns", "urlpatterns")

urlpatterns: list[URLPattern | URLResolver] = [
    path("rules/", rulebook.list_rules, name="rules"),
    path("rules/<slug:slug>/", rulebook.one_rule, name="rule"),
    path("check/", check.check_text, name="check"),
    path("developers/", developers.developers, name="developers"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("check", CheckView.as_view(), name="api_check"),
    path("schema", SchemaView.as_view(), name="api_schema"),
]
seller_api_urlpatterns: list[URLPattern | URLResolver] = [
    path("cases", CaseList.as_view(), name="api_cases"),
    path("cases/<uuid:case>", OneCase.as_view(), name="api_case"),
]
