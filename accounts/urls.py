"""accounts' addresses: any user's in `urlpatterns`, a seller's, an agency's."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import consent, leaving, places, team
from accounts.views.billing import agency as agency_billing
from accounts.views.billing import operator as operator_billing
from accounts.views.billing import plan, pricing, usage
from accounts.views.billing.webhook import stripe_webhook

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
    path("pricing/", pricing.pricing, name="pricing"),
    path("stripe/webhook", stripe_webhook, name="stripe_webhook"),
    path("operate/billing/", operator_billing.accounts, name="operator_billing"),
    path("operate/billing/<uuid:account>/", operator_billing.account, name="operator_account"),
]


def _billing(prefix: str) -> _Patterns:
    """The pages a seller and an agency have alike; an agency's names begin with `agency_`."""
    return [
        path("billing/", plan.billing, name=f"{prefix}billing"),
        path("billing/buy/", plan.buy, name=f"{prefix}billing_buy"),
        path("billing/bought/", plan.bought, name=f"{prefix}billing_bought"),
        path("billing/change/", plan.change, name=f"{prefix}billing_change"),
        path("billing/change/<uuid:change>/", plan.confirm, name=f"{prefix}billing_confirm"),
        path("billing/cancel/", plan.cancel, name=f"{prefix}billing_cancel"),
        path("billing/resume/", plan.resume, name=f"{prefix}billing_resume"),
        path("billing/portal/", plan.portal, name=f"{prefix}billing_portal"),
    ]


seller_urlpatterns: _Patterns = [
    *_billing(""),
    path("billing/usage/", usage.seller_usage, name="usage"),
    path("billing/usage.csv", usage.usage_csv, name="usage_csv"),
    path("team/", team.of_seller["team"], name="team"),
    path("team/leave-agency/", leaving.leave_agency, name="team_leave_agency"),
    path("team/<int:member>/role/", team.of_seller["change_role"], name="team_role"),
    path("team/<int:member>/remove/", team.of_seller["remove"], name="team_remove"),
    path("team/invitations/<int:invitation>/withdraw/", team.of_seller["revoke"], name="team_revoke"),
]
agency_urlpatterns: _Patterns = [
    *_billing("agency_"),
    path("billing/payers/", agency_billing.payers, name="agency_billing_payers"),
    path("billing/usage/", agency_billing.usage, name="agency_usage"),
    path("billing/usage.csv", agency_billing.usage_csv, name="agency_usage_csv"),
    path("", places.agency_board, name="agency"),
    path("team/", team.of_agency["team"], name="agency_team"),
    path("team/<int:member>/role/", team.of_agency["change_role"], name="agency_team_role"),
    path("team/<int:member>/remove/", team.of_agency["remove"], name="agency_team_remove"),
    path("team/invitations/<int:invitation>/withdraw/", team.of_agency["revoke"], name="agency_team_revoke"),
]
