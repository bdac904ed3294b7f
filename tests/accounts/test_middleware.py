import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import AccessNotDeclared
from accounts.models import AuditEntry, Membership, Seller
from accounts.roles import Role
from tests.accounts.makers import give, make_agency, make_member, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]


@pytest.fixture
def acme():
    return Seller.objects.get(slug="acme")


def visitor(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_member_is_inside_their_seller_and_the_view_never_sees_the_kwarg(acme):
    answer = visitor(make_member(Role.SELLER_VIEWER, acme)).get("/s/acme/")
    assert answer.content == b"acme acme [<Permission.VIEW: 'view'>]"


def test_afterwards_the_connection_is_in_the_public_schema_even_when_the_view_breaks(acme):
    client = visitor(make_member(Role.SELLER_VIEWER, acme))
    client.get("/s/acme/")
    assert connection.schema_name == "public"
    with pytest.raises(RuntimeError):
        client.get("/s/acme/broken")
    assert connection.schema_name == "public"


def test_foreign_and_missing_are_one_answer(acme):
    client = visitor(make_member(Role.SELLER_OWNER, acme))
    foreign, missing = client.get("/s/rival/"), client.get("/s/no-such-seller/")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    assert foreign.headers == missing.headers


def test_foreign_and_missing_are_one_answer_in_the_api(acme):
    client = visitor(make_member(Role.SELLER_OWNER, acme))
    answers = [client.get(f"/api/v1/sellers/{slug}/data") for slug in ("rival", "nobody")]
    assert {(a.status_code, a.content, a["content-type"]) for a in answers} == {
        (404, b'{"detail": "There is nothing here, or it is not yours to see."}', "application/json")
    }
    assert client.get("/api/v1/sellers/acme/data").json() == {"seller": "acme"}


def test_a_closed_seller_is_missing(acme):
    client = visitor(make_member(Role.SELLER_OWNER, acme))
    Seller.objects.filter(pk=acme.pk).update(state=Seller.State.CLOSED)
    assert client.get("/s/acme/").status_code == 404


def test_a_seller_being_prepared_says_so(acme):
    client = visitor(make_member(Role.SELLER_OWNER, acme))
    Seller.objects.filter(pk=acme.pk).update(state=Seller.State.PREPARING, step="orders: 0001_initial")
    answer = client.get("/s/acme/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_a_role_without_the_permission_is_told_so(acme):
    client = visitor(make_member(Role.SELLER_VIEWER, acme))
    assert client.get("/s/acme/settings").status_code == 403
    assert visitor(make_member(Role.SELLER_OWNER, acme)).get("/s/acme/settings").status_code == 200


def test_changing_something_may_ask_for_more_than_looking(acme):
    client = visitor(make_member(Role.SELLER_AUTHOR, acme))
    assert client.get("/s/acme/").status_code == 200
    assert client.post("/s/acme/").status_code == 403
    assert visitor(make_member(Role.SELLER_MANAGER, acme)).post("/s/acme/").status_code == 200


def test_nobody_signed_in_is_sent_to_sign_in_whatever_exists():
    for path in ("/s/acme/", "/s/no-such-seller/", "/mine", "/queue", "/office"):
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next={path}")
    assert Client().get("/api/v1/sellers/acme/data").status_code == 401
    assert Client().get("/open").content == b"open"


def test_a_suspended_user_is_out_with_the_next_request(acme):
    user = make_member(Role.SELLER_OWNER, acme)
    client = visitor(user)
    assert client.get("/s/acme/").status_code == 200
    user.is_active = False
    user.save()
    assert client.get("/s/acme/").status_code == 302


def test_a_role_taken_away_is_gone_with_the_next_request(acme):
    user = make_member(Role.SELLER_OWNER, acme)
    client = visitor(user)
    Membership.objects.filter(user=user).update(role=Role.SELLER_VIEWER)
    assert client.get("/s/acme/settings").status_code == 403
    Membership.objects.filter(user=user).delete()
    assert client.get("/s/acme/").status_code == 404


def test_an_agency_reaches_its_sellers_and_no_others(acme):
    agency = make_agency("north")
    Seller.objects.filter(pk=acme.pk).update(agency=agency)
    for role in (Role.AGENCY_OWNER, Role.AGENCY_ANALYST):
        client = visitor(make_member(role, agency))
        assert client.get("/s/acme/").status_code == 200
        assert client.get("/s/rival/").status_code == 404
        assert client.get("/a/north/").content == b"north"
    stranger = visitor(make_member(Role.AGENCY_OWNER, make_agency("south")))
    assert stranger.get("/s/acme/").content == stranger.get("/s/nobody/").content
    assert stranger.get("/a/north/").content == stranger.get("/a/nobody/").content
    assert stranger.get("/a/north/").status_code == 404


def test_an_agency_manager_reaches_only_assigned_sellers(acme):
    agency = make_agency()
    Seller.objects.filter(slug__in=("acme", "rival")).update(agency=agency)
    user = make_user()
    give(user, Role.AGENCY_MANAGER, agency).assigned.add(acme)
    assert visitor(user).get("/s/acme/").status_code == 200
    assert visitor(user).get("/s/rival/").status_code == 404


def test_when_a_seller_leaves_its_agency_the_staff_is_out_at_once(acme):
    agency = make_agency()
    Seller.objects.filter(pk=acme.pk).update(agency=agency)
    user = make_user()
    give(user, Role.AGENCY_MANAGER, agency).assigned.add(acme)  # the assignment stays behind
    client = visitor(user)
    assert client.get("/s/acme/").status_code == 200
    Seller.objects.filter(pk=acme.pk).update(agency=None)
    assert client.get("/s/acme/").status_code == 404


def test_support_looks_everywhere_changes_nothing_and_each_visit_is_written_down(acme):
    user = make_member(Role.SUPPORT)
    client = visitor(user)
    assert client.get("/s/acme/").status_code == 200
    assert client.get("/s/acme/many/5").status_code == 200
    assert client.post("/s/acme/many/5").status_code == 403
    assert client.post("/s/acme/").status_code == 403
    visits = AuditEntry.objects.filter(action="support.visited", actor=user, seller=acme)
    assert [visit.target for visit in visits.order_by("at")] == ["/s/acme/", "/s/acme/many/5"]
    assert client.get("/s/nobody/").status_code == 404


def test_support_may_not_write_even_where_a_page_asks_only_for_viewing(acme):
    client = visitor(make_member(Role.SUPPORT))
    assert client.post("/api/v1/sellers/acme/data").status_code == 403


def test_the_operators_pages_do_not_exist_for_others(acme):
    assert visitor(make_member(Role.REVIEWER)).get("/queue").status_code == 200
    assert visitor(make_member(Role.SELLER_OWNER, acme)).get("/queue").status_code == 404
    assert visitor(make_member(Role.REVIEWER)).get("/s/acme/").status_code == 404
    assert visitor(make_user(is_staff=True)).get("/office").status_code == 200
    assert visitor(make_user()).get("/office").status_code == 404


@pytest.mark.parametrize("path", ["/forgotten", "/misplaced"])
def test_a_view_that_does_not_say_who_may_see_it_is_an_error(path):
    with pytest.raises(AccessNotDeclared):
        visitor(make_user(is_superuser=True, is_staff=True)).get(path)


def test_who_someone_is_here_costs_one_query(acme):
    client = visitor(make_member(Role.SELLER_OWNER, acme))
    with CaptureQueriesContext(connection) as asked:
        client.get("/s/acme/settings")
    selects = [query["sql"] for query in asked if not query["sql"].startswith("SET ")]
    assert len(selects) == 3  # session, user, seller with roles
