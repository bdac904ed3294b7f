"""Where a user belongs: places, a new seller, an agency's board, invitations, teams, and the doors in front."""

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Agency, Invitation, Membership, Seller
from accounts.roles import Role
from tests.accounts.makers import give, make_agency, make_connection, make_member, make_user
from tests.pages.conftest import said


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def agency(db) -> Agency:
    return make_agency("north")


@pytest.fixture
def boss(agency):
    return make_member(Role.AGENCY_OWNER, agency)


def a_seller(n: int, agency: Agency, **fields) -> Seller:
    return Seller.objects.create(
        slug=f"s-{n}", name=f"Shop <i>{n}</i>", schema_name=f"seller_none_{n}", agency=agency,
        **{"state": Seller.State.READY, **fields},
    )  # fmt: skip


def test_somebody_new_is_told_what_a_seller_is(db):
    text = signed_in(make_user()).get("/places/").content.decode()
    assert "No seller yet" in text
    assert "Add your business" in text


def test_the_first_page_of_somebody_with_one_seller_is_that_seller(seller):
    answer = signed_in(make_member(Role.SELLER_OWNER, seller)).get("/")
    assert answer["Location"] == f"/s/{seller.slug}/"


def test_the_first_page_of_a_stranger_is_the_door(db):
    assert Client().get("/")["Location"].startswith("/account/login/")


def test_places_are_listed_escaped_searched_and_cost_the_same(agency, boss, django_assert_max_num_queries):
    for n in range(2):
        make_connection(a_seller(n, agency), store_name="x")
    client = signed_in(boss)
    for url in ("/places/", f"/a/{agency.slug}/"):
        client.get(url)
        with django_assert_max_num_queries(40) as few:
            text = client.get(url).content.decode()
        most = len(few)  # before the next request forgets what was counted
        assert "Shop &lt;i&gt;1" in text
        assert "<i>1" not in text
        assert "Shop &lt;i&gt;1" not in client.get(f"{url}?q=no-such").content.decode()
        assert client.get(f"{url}?q=%00&after=zzz").status_code == 200
        start = Seller.objects.count() + 10
        for n in range(start, start + 6):
            make_connection(a_seller(n, agency), health="needs_reauthorisation", health_note="Gone.")
        with django_assert_max_num_queries(most):
            client.get(url)


def test_the_board_names_first_whom_amazon_no_longer_answers_and_who_is_not_connected(agency, boss):
    make_connection(
        a_seller(1, agency), health="needs_reauthorisation", health_note="Amazon withdrew <b>it</b>."
    )
    a_seller(2, agency)
    make_connection(a_seller(3, agency))
    text = signed_in(boss).get(f"/a/{agency.slug}/").content.decode()
    needs = text.split("What needs you")[1].split("</section>")[0]
    assert "Amazon withdrew &lt;b&gt;it" in needs
    assert "Shop &lt;i&gt;2&lt;/i&gt; is not connected" in needs
    assert "3" not in needs


def test_a_seller_being_prepared_leads_to_its_progress(agency, boss):
    a_seller(1, agency, state=Seller.State.PREPARING)
    for url in ("/places/", f"/a/{agency.slug}/"):
        assert "/places/preparing/s-1/" in signed_in(boss).get(url).content.decode()


def test_a_new_seller_is_prepared_in_sight_and_then_connects_amazon(db):
    user = make_user()
    client = signed_in(user)
    answer = client.post("/places/new-seller/", {"name": "Brückner & Söhne", "timezone": "Europe/Berlin"})
    made = Seller.objects.get(name="Brückner & Söhne")
    assert answer["Location"] == reverse("seller_preparing", kwargs={"made": made.slug})
    assert "Preparing Brückner &amp; Söhne" in client.get(answer["Location"]).content.decode()
    polled = client.get(answer["Location"], headers={"HX-Request": "true"})
    assert polled["HX-Redirect"] == f"/s/{made.slug}/connection/"
    assert client.get(f"/s/{made.slug}/").status_code == 200


def test_wrong_input_for_a_place_is_kept_and_named(db):
    client = signed_in(make_user())
    answer = client.post("/places/new-seller/", {"name": "Kept <b>", "timezone": "Mars/Olympus"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="Kept &lt;b&gt;"' in text
    assert 'id="id_timezone_error"' in text
    assert not Seller.objects.filter(name="Kept <b>").exists()
    assert client.post("/places/new-agency/", {"name": "\0"}).status_code == 422
    assert client.post("/places/new-agency/", {"name": "Good"}).status_code == 302


def test_only_its_owner_adds_a_seller_to_an_agency(agency):
    analyst = make_member(Role.AGENCY_ANALYST, agency)
    assert "New seller" not in signed_in(analyst).get(f"/a/{agency.slug}/").content.decode()
    signed_in(analyst).post(f"/places/new-seller/?agency={agency.slug}", {"name": "Mine", "timezone": "UTC"})
    assert Seller.objects.get(name="Mine").agency is None


def test_navigation_marks_one_page_as_here(agency, boss):
    for url in (f"/a/{agency.slug}/", f"/a/{agency.slug}/team/", "/places/"):
        assert signed_in(boss).get(url).content.decode().count('aria-current="page"') == 1, url


def test_writing_a_message_stands_under_orders(owner, seller):
    from tests.factories.orders import make_order

    order = make_order()
    for name, title, kwargs in (
        ("message_new", "Orders", {"order": order.amazon_order_id}), ("order_imports", "Orders", {}),
        ("campaign_new", "Campaigns", {}), ("template_new", "Texts", {}), ("home", "Overview", {}),
    ):  # fmt: skip
        text = owner.get(name, **kwargs).text
        assert text.count('aria-current="page"') == 1, name
        assert f'aria-current="page">{title}' in text, name


# --- people ---


def test_an_invitation_is_sent_shown_withdrawn_and_said(owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = owner.post("team", {"email": "jo@example.com", "role": Role.SELLER_AUTHOR.value})
    assert "jo@example.com was invited" in said(answer)
    assert len(mail.outbox) == 1
    assert "jo@example.com" in owner.get("team").text
    row = Invitation.objects.get()
    assert "was withdrawn" in said(owner.post("team_revoke", invitation=row.pk))


@pytest.mark.parametrize(
    "data",
    [
        {"email": "nonsense", "role": "seller_viewer"},
        {"email": "jo@example.com", "role": "operator_admin"},
        {},
    ],
)
def test_a_wrong_invitation_is_kept_and_named(owner, data):
    answer = owner.post("team", data)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert data.get("email", "") in answer.text
    assert not mail.outbox


def test_roles_change_and_people_go_but_never_the_last_owner(owner, seller):
    other = give(make_user(name="Jo <b>"), Role.SELLER_VIEWER, seller)
    assert "role was changed" in said(owner.post("team_role", {"role": "seller_author"}, member=other.pk))
    assert "is not a role" in said(owner.post("team_role", {"role": "<king>"}, member=other.pk))
    text = owner.get("team").text
    assert "Jo &lt;b&gt;" in text
    assert "<b>" not in text.split("<main")[1]
    assert "has no access any more" in said(owner.post("team_remove", member=other.pk))
    own = Membership.objects.get(user=owner.user)
    assert "last owner" in said(owner.post("team_remove", member=own.pk))


def test_a_viewer_sees_the_team_and_changes_nothing(viewer, seller):
    other = give(make_user(), Role.SELLER_AUTHOR, seller)
    text = viewer.get("team").text.split("<main")[1]
    assert "<button" not in text
    assert viewer.post("team", {"email": "a@b.co", "role": "seller_viewer"}).status_code == 403
    assert viewer.post("team_remove", member=other.pk).status_code == 403
    assert viewer.post("team_role", {"role": "seller_owner"}, member=other.pk).status_code == 403


def test_the_team_costs_the_same_for_many(owner, seller, django_assert_max_num_queries):
    owner.get("team")
    with django_assert_max_num_queries(40) as few:
        owner.get("team")
    for _ in range(8):
        give(make_user(), Role.SELLER_VIEWER, seller)
    with django_assert_max_num_queries(len(few)):
        owner.get("team")


def test_an_invitation_nobody_knows_says_what_to_do(db):
    answer = signed_in(make_user()).get("/invitations/nonsense/")
    assert answer.status_code == 404
    assert "Ask for a new one." in answer.content.decode()


# --- doors ---


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_the_doors_stand_open_and_every_control_has_a_label(db, name):
    text = Client().get(reverse(name)).content.decode()
    for part in text.split("<input")[1:]:
        if 'type="hidden"' not in part.split(">")[0]:
            control = part.split('id="')[1].split('"')[0]
            assert (
                f'for="{control}"' in text or "<label" in text.split(f'id="{control}"')[0].rsplit("</", 1)[-1]
            )


@pytest.mark.parametrize("name", ["account_email", "account_change_password", "mfa_index"])
def test_ones_own_pages_stand_in_the_house(boss, name):
    text = signed_in(boss).get(reverse(name), follow=True).content.decode()
    assert 'aria-label="Main"' in text
    assert text.count("<h1") == 1


def test_a_wrong_password_keeps_the_address_and_says_so(db):
    answer = Client().post(reverse("account_login"), {"login": "a@example.com", "password": "wrong"})
    text = answer.content.decode()
    assert 'value="a@example.com"' in text
    assert 'role="alert"' in text


def test_a_refusal_says_what_the_role_may_not_do(viewer):
    answer = viewer.get("campaign_new")
    assert answer.status_code == 403
    assert "may not write texts and campaigns" in answer.text


def test_a_page_of_a_seller_being_prepared_asks_for_a_moment(agency, boss):
    a_seller(1, agency, state=Seller.State.PREPARING)
    answer = signed_in(boss).get("/s/s-1/")
    assert answer.status_code == 503
    assert "is being prepared" in answer.content.decode()


def test_a_refused_consent_is_told_on_the_page_one_lands_on(boss):
    client = signed_in(boss)
    answer = client.get("/amazon/callback?state=x&spapi_oauth_code=y&selling_partner_id=z")
    assert answer.status_code == 302
    assert [str(m) for m in get_messages(answer.wsgi_request)]
