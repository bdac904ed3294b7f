"""accounts' addresses: any user's in `urlpatterns`, a seller's, an agency's."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import consent

_Patterns = list[URLPattern | URLResolver]

urlpatterns: _Patterns = [
    path("amazon/callback", consent.callback, name="amazon_callback"),
    path("amazon/login", consent.login, name="amazon_login"),
]
seller_urlpatterns: _Patterns = []
agency_urlpatterns: _Patterns = []
