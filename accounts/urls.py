"""accounts' addresses: any user's in `urlpatterns`, a seller's, an agency's."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import consent, places, team

_Patterns = list[URLPattern | URLResolver]

urlpatterns: _Patterns = [
    path("", places.front, name="front"),
    path("places/", places.places, name="places"),
    path("places/new-seller/", places.new_seller, name="seller_new"),
    path("places/new-agency/", places.new_agency, name="agency_new"),
    path("places/preparing/<slug:made>/", places.preparing, name="seller_preparing"),
    path("invitations/<str:token>/", places.invitation, name="accept_invitation"),
    path("amazon/callback", consent.callback, name="amazon_callback"),
    path("amazon/login", consent.login, name="amazon_login"),
]
seller_urlpatterns: _Patterns = [
    path("team/", team.of_seller["team"], name="team"),
    path("team/<int:member>/role/", team.of_seller["change_role"], name="team_role"),
    path("team/<int:member>/remove/", team.of_seller["remove"], name="team_remove"),
    path("team/invitations/<int:invitation>/withdraw/", team.of_seller["revoke"], name="team_revoke"),
]
agency_urlpatterns: _Patterns = [
    path("", places.agency_board, name="agency"),
    path("team/", team.of_agency["team"], name="agency_team"),
    path("team/<int:member>/role/", team.of_agency["change_role"], name="agency_team_role"),
    path("team/<int:member>/remove/", team.of_agency["remove"], name="agency_team_remove"),
    path("team/invitations/<int:invitation>/withdraw/", team.of_agency["revoke"], name="agency_team_revoke"),
]
