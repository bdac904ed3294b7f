"""Login with Amazon and the consent page, in Amazon's own words."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.sandbox import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET

from .conftest import Account

CREDENTIALS = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
BACK = "http://127.0.0.1:9/callback"


def ask(box, **form):
    return box.client.post(f"{box.http}/auth/o2/token", data={**CREDENTIALS, **form})


def consent(box, seller, decision="authorise", **more):
    form = {
        "application_id": APPLICATION_ID,
        "state": "s1",
        "redirect_uri": BACK,
        "seller": seller,
        "decision": decision,
    }
    response = box.client.post(f"{box.http}/apps/authorize/consent", data={**form, **more})
    assert response.status_code == 303, response.text
    return {
        name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()
    }


def test_refresh_token_brings_an_access_token_for_an_hour_and_itself(account: Account):
    answer = ask(account.box, grant_type="refresh_token", refresh_token=account.refresh_token).json()
    assert answer["access_token"].startswith("Atza|")
    assert (answer["expires_in"], answer["token_type"]) == (3600, "bearer")
    assert answer["refresh_token"] == account.refresh_token


def test_consent_returns_state_seller_and_a_code_that_serves_once(account: Account):
    back = consent(account.box, account.seller)
    assert (back["state"], back["selling_partner_id"]) == ("s1", account.seller)
    form = {"grant_type": "authorization_code", "code": back["spapi_oauth_code"], "redirect_uri": BACK}
    assert ask(account.box, **form).json()["refresh_token"].startswith("Atzr|")
    again = ask(account.box, **form)
    assert again.status_code == 400
    assert again.json() == {
        "error": "invalid_grant",
        "error_description": "The request has an invalid grant parameter : code.",
    }


def test_code_dies_after_five_minutes(account: Account):
    code = consent(account.box, account.seller)["spapi_oauth_code"]
    account.box.advance(301)
    answer = ask(account.box, grant_type="authorization_code", code=code, redirect_uri=BACK)
    assert answer.json()["error"] == "invalid_grant"


def test_code_is_bound_to_its_redirect_address(account: Account):
    code = consent(account.box, account.seller)["spapi_oauth_code"]
    answer = ask(account.box, grant_type="authorization_code", code=code, redirect_uri=BACK + "/other")
    assert answer.json()["error"] == "invalid_grant"


def test_declining_brings_no_code(account: Account):
    back = consent(account.box, account.seller, "decline")
    assert back["error"] == "access_denied"
    assert back["state"] == "s1"
    assert "spapi_oauth_code" not in back


def test_consent_page_offers_the_sellers(account: Account):
    query = {"application_id": APPLICATION_ID, "state": "s1", "redirect_uri": BACK}
    page = account.box.client.get(f"{account.box.http}/apps/authorize/consent", params=query)
    assert page.status_code == 200
    assert account.seller in page.text


@pytest.mark.parametrize(
    "uri", ["https://evil.example/", "http://127.0.0.1.evil.example/", "http://user@127.0.0.1/", ""]
)
def test_consent_refuses_an_address_that_is_not_registered(box, uri):
    query = {"application_id": APPLICATION_ID, "state": "s1", "redirect_uri": uri}
    assert box.client.get(f"{box.http}/apps/authorize/consent", params=query).status_code == 400


def test_draft_application_needs_the_beta_version(account: Account):
    account.box.add_app(client_id="draft", application_id="amzn1.sp.solution.draft", name="Draft", draft=True)
    query = {"application_id": "amzn1.sp.solution.draft", "state": "s", "redirect_uri": BACK}
    page = f"{account.box.http}/apps/authorize/consent"
    assert account.box.client.get(page, params=query).status_code == 400
    assert account.box.client.get(page, params={**query, "version": "beta"}).status_code == 200


def test_unlisted_application_serves_twenty_five_sellers(box):
    box.add_app(client_id="small", application_id="amzn1.sp.solution.small", name="Small", listed=False)
    for number in range(25):
        box.add_seller(f"ASMALL{number}")
        box.grant(f"ASMALL{number}", "small")
    form = {
        "application_id": "amzn1.sp.solution.small",
        "state": "s",
        "redirect_uri": BACK,
        "seller": "ASMALL1",
        "decision": "authorise",
    }
    assert box.client.post(f"{box.http}/apps/authorize/consent", data=form).status_code == 400


def test_appstore_flow_goes_over_the_login_address_and_back(account: Account):
    box = account.box
    login = "http://127.0.0.1:9/login"
    query = {"application_id": APPLICATION_ID, "login_uri": login, "selling_partner_id": account.seller}
    to_login = box.client.get(f"{box.http}/appstore/login", params=query).headers["location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(to_login).query).items()}
    assert to_login.startswith(login)
    assert asked["selling_partner_id"] == account.seller
    onward = {"redirect_uri": BACK, "amazon_state": asked["amazon_state"], "state": "ours"}
    back = box.client.get(asked["amazon_callback_uri"], params=onward).headers["location"]
    answer = parse_qs(urlsplit(back).query)
    assert answer["state"] == ["ours"]
    assert answer["selling_partner_id"] == [account.seller]
    assert answer["spapi_oauth_code"]


def test_wrong_secret_is_our_fault_and_says_invalid_client(account: Account):
    form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token, "client_secret": "wrong"}
    answer = ask(account.box, **form)
    assert answer.status_code == 401
    assert answer.json() == {"error": "invalid_client", "error_description": "Client authentication failed"}


def test_second_secret_works_beside_the_first(account: Account):
    account.box.add_app(
        client_id="two", application_id="amzn1.sp.solution.two", name="Two", secrets=["old", "new"]
    )
    token = account.box.grant(account.seller, "two")
    for secret in ("old", "new"):
        form = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": "two",
            "client_secret": secret,
        }
        assert ask(account.box, **form).status_code == 200


def test_revoked_grant_says_so_at_the_token_server_and_at_the_api(account: Account):
    assert account.box.revoke(account.seller) == 1
    answer = ask(account.box, grant_type="refresh_token", refresh_token=account.refresh_token)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "The request has an invalid grant parameter : refresh_token. "
        "User may have revoked or didn't grant the permission.",
    }
    refused = account.get("/sellers/v1/marketplaceParticipations")
    assert refused.status_code == 403
    assert refused.json()["errors"][0] == {
        "code": "Unauthorized",
        "message": "Access to requested resource is denied.",
        "details": "The access token you provided is revoked, malformed or invalid.",
    }


def test_grant_dies_after_a_year(account: Account):
    account.box.advance(days=364)
    account.renew()
    account.box.advance(days=2)
    answer = ask(account.box, grant_type="refresh_token", refresh_token=account.refresh_token)
    assert answer.json()["error"] == "invalid_grant"


def test_access_token_dies_after_an_hour(account: Account):
    account.box.advance(3601)
    assert account.get("/sellers/v1/marketplaceParticipations").status_code == 403
    account.renew()
    assert account.get("/sellers/v1/marketplaceParticipations").status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "nonsense"}, 400, "invalid_scope"),
        ({"grant_type": "refresh_token", "client_id": ""}, 400, "invalid_request"),
    ],
)
def test_token_server_refuses_what_it_does_not_understand(box, form, status, error):
    answer = ask(box, **form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_token_server_breaks_only_when_a_fault_is_made_for_it(account: Account):
    form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
    account.box.fault("internal_failure", duration=60)
    assert ask(account.box, **form).status_code == 200
    account.box.fault("html_503", operation="token", seller=account.seller, count=1)
    broken = ask(account.box, **form)
    assert (broken.status_code, broken.headers["content-type"].split(";")[0]) == (503, "text/html")
    assert ask(account.box, **form).status_code == 200
