"""compliance's addresses."""

from compliance.views.desk.urls import review_urlpatterns

__all__ = ("review_urlpatterns",)
