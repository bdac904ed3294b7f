"""The round trip against the sandbox, as a browser makes it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import sealing
from accounts.models import AuditEntry, Connection, Membership, OAuthState, Seller, SellerDue
from accounts.roles import Role
from accounts.services import connections, consent, health
from accounts.services.resealing import token_cell
from amazon.errors import AmazonError, Outcome
from tests.accounts.makers import make_member, make_user
from tests.support import sandbox as sandboxes
from tests.support.sandbox import DE, running_sandbox

pytestmark = pytest.mark.django_db
H = Connection.Health


@pytest.fixture(scope="module")
def box():
    with running_sandbox() as box:
        box.add_seller("A1LAMPS", marketplaces=[DE], name="Lamps of Berlin")
        box.add_seller("A2OTHER", marketplaces=[DE])
        yield box
        box.process.stdout.close()


@pytest.fixture(autouse=True)
def _amazon(settings, box):
    settings.SANDBOX_URL = settings.AMAZON_BASE_URL = settings.AMAZON_CONSENT_URL = box.http
    settings.AMAZON_TOKEN_URL = f"{box.http}/auth/o2/token"
    settings.AMAZON_LWA_CLIENT_ID = sandboxes.CLIENT_ID
    settings.AMAZON_LWA_CLIENT_SECRET = sandboxes.CLIENT_SECRET
    settings.AMAZON_APPLICATION_ID = sandboxes.APPLICATION_ID
    settings.SITE_URL = "http://testserver"
    cache.clear()  # the limiter's memory of earlier tests: this call is allowed once a minute
    box.rate(100, 100, operation="getMarketplaceParticipations")


@pytest.fixture
def acme():
    return Seller.objects.get(slug="acme")


@pytest.fixture
def owner(acme):
    return make_member(Role.SELLER_OWNER, acme)


class Browser(Client):
    """Signed in with us, and able to press the button on Amazon's page."""

    def __init__(self, user):
        super().__init__()
        self.force_login(user)
        self.user = user

    def begin(self, seller, marketplace="DE"):
        from django.test import RequestFactory

        request = RequestFactory().get("/")
        request.user, request.session = self.user, self.session
        return consent.start_consent(request, seller, marketplace)

    def agree(self, box, url, selling_partner_id):
        """What the consent page does with a click: back to us with a code."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        form = {**query, "seller": selling_partner_id, "decision": "authorise"}
        answer = box.client.post(url.split("?")[0], data=form, follow_redirects=False)
        assert answer.status_code in {302, 303}, answer.text
        return answer.headers["location"]

    def come_back(self, location):
        parts = urlsplit(location)
        return self.get(f"{parts.path}?{parts.query}")

    def said(self, response):
        from django.contrib.messages import get_messages

        return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def connected(owner, acme, box):
    browser = Browser(owner)
    location = browser.agree(box, browser.begin(acme), "A1LAMPS")
    browser.come_back(location)
    return Connection.objects.get(selling_partner_id="A1LAMPS")


def test_a_seller_connects(connected, acme, owner):
    assert (connected.seller, connected.region, connected.health) == (acme, "EU", H.HEALTHY)
    assert connected.marketplace_ids == [DE]
    assert connected.authorised_by == owner
    assert connected.participations_read_at
    assert sealing.open_sealed(connected.refresh_token_sealed, token_cell(connected.pk), acme).startswith(
        "Atzr|"
    )
    assert {row.kind for row in SellerDue.objects.filter(seller=acme)} == {"orders.sync", "orders.reports"}
    assert AuditEntry.objects.filter(action="connection.authorised", actor=owner, seller=acme).count() == 1


def test_the_callback_tells_no_other_site_where_it_was(owner):
    answer = Browser(owner).get("/amazon/callback?state=x&selling_partner_id=A1&spapi_oauth_code=y")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer.status_code == 302


def test_the_owners_hear_of_a_connection(owner, acme, box, mailoutbox, django_capture_on_commit_callbacks):
    browser = Browser(owner)
    location = browser.agree(box, browser.begin(acme), "A1LAMPS")
    with django_capture_on_commit_callbacks(execute=True):
        browser.come_back(location)
    assert [mail.to for mail in mailoutbox] == [[owner.email]]
    assert "A1LAMPS" in mailoutbox[0].body


def test_connecting_again_renews_the_same_connection(connected, owner, acme, box):
    connections.disconnect(connected)
    browser = Browser(owner)
    browser.come_back(browser.agree(box, browser.begin(acme), "A1LAMPS"))
    again = Connection.objects.get(seller=acme)
    assert (again.pk, again.health) == (connected.pk, H.HEALTHY)
    assert again.refresh_token_sealed


def test_an_account_connected_elsewhere_is_refused(connected, rival, box):
    browser = Browser(make_member(Role.SELLER_OWNER, rival))
    answer = browser.come_back(browser.agree(box, browser.begin(rival), "A1LAMPS"))
    assert "already belongs to another seller" in browser.said(answer)
    assert "Acme" not in browser.said(answer)
    assert not Connection.objects.filter(seller=rival).exists()


def refused(browser, location, why="begun in another browser"):
    answer = browser.come_back(location)
    assert why in browser.said(answer)
    return not Connection.objects.exists()


def test_a_state_works_once(connected, owner, acme, box):
    browser = Browser(owner)
    location = browser.agree(box, browser.begin(acme), "A1LAMPS")
    browser.come_back(location)
    assert "begun in another browser" in browser.said(browser.come_back(location))


def test_a_strangers_link_connects_nothing(owner, acme, rival, box):
    """Somebody else's consent, opened in the browser of a signed-in user."""
    attacker = Browser(make_member(Role.SELLER_OWNER, rival))
    location = attacker.agree(box, attacker.begin(rival), "A2OTHER")
    assert refused(Browser(owner), location)


def test_another_browser_of_the_same_user_finishes_nothing(owner, acme, box):
    browser = Browser(owner)
    location = browser.agree(box, browser.begin(acme), "A1LAMPS")
    assert refused(Browser(owner), location)


def test_after_ten_minutes_it_is_too_late(owner, acme, box):
    browser = Browser(owner)
    location = browser.agree(box, browser.begin(acme), "A1LAMPS")
    OAuthState.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refused(browser, location)


def test_who_lost_the_role_meanwhile_connects_nothing(owner, acme, box):
    browser = Browser(owner)
    location = browser.agree(box, browser.begin(acme), "A1LAMPS")
    Membership.objects.filter(user=owner).update(role=Role.SELLER_AUTHOR)
    assert refused(browser, location, "no longer allows")


def test_a_code_amazon_does_not_know_connects_nothing(owner, acme, box):
    browser = Browser(owner)
    state = parse_qs(urlsplit(browser.begin(acme)).query)["state"][0]
    assert refused(
        browser,
        f"/amazon/callback?state={state}&selling_partner_id=A1LAMPS&spapi_oauth_code=nonsense",
        "Connect Amazon again",
    )


def test_a_seller_who_declines_is_told_so(owner, acme):
    browser = Browser(owner)
    assert refused(browser, "/amazon/callback?error=access_denied&state=x", "not granted")


def test_only_hashes_of_the_state_and_the_browser_are_kept(owner, acme):
    browser = Browser(owner)
    state = parse_qs(urlsplit(browser.begin(acme)).query)["state"][0]
    kept = str(OAuthState.objects.values().get())
    assert state not in kept
    assert browser.session.session_key not in kept


@pytest.mark.parametrize(("asked", "region"), [("EU", "EU"), ("US", "NA"), (DE, "EU"), ("FE", "FE")])
def test_a_store_is_named_by_region_country_or_id(owner, acme, asked, region):
    Browser(owner).begin(acme, asked)
    assert OAuthState.objects.get().region == region


def test_a_store_nobody_knows_is_refused(owner, acme):
    with pytest.raises(consent.ConsentRefused, match="Atlantis"):
        Browser(owner).begin(acme, "Atlantis")


def test_amazons_appstore_is_sent_back_to_for_a_known_account(connected, owner, box):
    browser = Browser(owner)
    back = f"{box.http}/apps/authorize/confirm/x"
    answer = browser.get(
        "/amazon/login",
        {"amazon_callback_uri": back, "amazon_state": "theirs", "selling_partner_id": "A1LAMPS"},
    )
    assert answer["Location"].startswith(back)
    assert parse_qs(urlsplit(answer["Location"]).query)["amazon_state"] == ["theirs"]


def test_amazons_appstore_waits_until_the_seller_is_chosen(owner, acme, box):
    browser = Browser(owner)
    back = f"{box.http}/apps/authorize/confirm/x"
    answer = browser.get(
        "/amazon/login",
        {"amazon_callback_uri": back, "amazon_state": "theirs", "selling_partner_id": "A9NEW"},
    )
    assert answer["Location"] == "/"
    assert browser.begin(acme).startswith(back)


def test_the_appstores_door_leads_nowhere_but_to_amazon(owner):
    browser = Browser(owner)
    query = {"amazon_callback_uri": "https://evil.example/x", "amazon_state": "s", "selling_partner_id": "A"}
    answer = browser.get("/amazon/login", query)
    assert answer["Location"] == "/"
    assert "does not lead to Amazon" in browser.said(answer)


def test_disconnecting_forgets_the_token_at_once(connected, owner, acme):
    connections.disconnect(connected, owner)
    assert (connected.refresh_token_sealed, connected.health) == ("", H.DISCONNECTED)
    assert not SellerDue.objects.filter(seller=acme).exists()
    with pytest.raises(AmazonError) as error:
        connections.selling_partner(connected)
    assert error.value.outcome is Outcome.RECONNECT


def test_a_revoked_token_stops_the_seller_and_says_so(
    connected, acme, owner, box, mailoutbox, django_capture_on_commit_callbacks
):
    Connection.objects.update(authorised_at=timezone.now() - timedelta(days=3))
    connected.refresh_from_db()
    box.revoke("A1LAMPS")
    with pytest.raises(AmazonError) as error:
        connections.selling_partner(connected).client.lwa.refresh(
            connections.selling_partner(connected).refresh_token
        )
    with django_capture_on_commit_callbacks(execute=True):
        connections.note_error(connected.pk, error.value)
        connections.note_error(connected.pk, error.value)
    connected.refresh_from_db()
    assert connected.health == H.NEEDS_REAUTHORISATION
    assert "Connect Amazon again" in connections.describe(connected)
    assert not SellerDue.objects.filter(seller=acme).exists()
    assert AuditEntry.objects.filter(action="connection.revoked", seller=acme).count() == 1
    assert [mail.to for mail in mailoutbox] == [[owner.email]]


def make_error(outcome, **facts):
    return AmazonError(outcome, **facts)


def test_a_gateway_that_calls_a_token_revoked_disconnects_nobody(connected):
    Connection.objects.update(authorised_at=timezone.now() - timedelta(days=3))
    connections.note_error(connected.pk, make_error(Outcome.RECONNECT, status=403, code="Unauthorized"))
    connected.refresh_from_db()
    assert connected.health == H.NEEDS_ATTENTION
    connections.note_success(connected.pk)
    connected.refresh_from_db()
    assert (connected.health, connected.health_note) == (H.HEALTHY, "")


def test_an_error_about_the_token_before_does_not_disconnect_the_new_one(connected):
    connections.note_error(connected.pk, make_error(Outcome.RECONNECT, code="invalid_grant"))
    connected.refresh_from_db()
    assert connected.health == H.HEALTHY


def test_a_missing_role_for_one_feature_moves_nothing_and_for_orders_asks_for_attention(connected):
    connections.note_error(
        connected.pk, make_error(Outcome.NEEDS_ROLE, status=403, operation="createConfirmOrderDetails")
    )
    connected.refresh_from_db()
    assert connected.health == H.HEALTHY
    connections.note_error(connected.pk, make_error(Outcome.NEEDS_ROLE, status=403, operation="searchOrders"))
    connected.refresh_from_db()
    assert connected.health == H.NEEDS_ATTENTION


def test_amazons_429_shows_and_our_own_waiting_does_not(connected):
    connections.note_error(connected.pk, make_error(Outcome.NOT_NOW))
    connected.refresh_from_db()
    assert connected.health == H.HEALTHY
    connections.note_error(connected.pk, make_error(Outcome.NOT_NOW, status=429))
    connected.refresh_from_db()
    assert (connected.health, connected.is_usable) == (H.THROTTLED, True)


def test_a_disconnected_account_stays_so_whatever_comes_late(connected):
    connections.disconnect(connected)
    connections.note_success(connected.pk)
    connections.note_error(connected.pk, make_error(Outcome.NOT_NOW, status=429))
    connected.refresh_from_db()
    assert connected.health == H.DISCONNECTED


def test_an_account_that_needed_attention_heals_by_itself(connected, acme):
    Connection.objects.update(health=H.NEEDS_ATTENTION)
    SellerDue.objects.all().delete()
    connections.refresh_participations()
    connected.refresh_from_db()
    assert connected.health == H.HEALTHY
    assert SellerDue.objects.filter(seller=acme).count() == 2


def test_the_year_s_end_is_told_thirty_fourteen_and_three_days_before_and_once_each(
    connected, mailoutbox, django_capture_on_commit_callbacks
):
    told = []
    for days in (31, 30, 29, 14, 13, 3, 2):
        authorised_at = timezone.now() - health.AUTHORISATION_LASTS + timedelta(days=days, minutes=-1)
        Connection.objects.update(authorised_at=authorised_at)
        with django_capture_on_commit_callbacks(execute=True):
            connections.warn_of_expiry()
            connections.warn_of_expiry()
        told.append(len(mailoutbox))
    assert told == [0, 1, 1, 2, 2, 3, 3]
    assert "days left" in mailoutbox[0].subject


def test_a_user_without_a_role_in_the_seller_is_nobodys_way_in(acme, box):
    browser = Browser(make_user())
    location = browser.agree(box, browser.begin(acme), "A1LAMPS")
    assert refused(browser, location, "no longer allows")
