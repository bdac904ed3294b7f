import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Invitation, Membership, Seller
from accounts.roles import Role
from accounts.services import agencies, members
from tests.accounts.makers import give, make_agency, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return Seller.objects.get(slug="acme")


@pytest.fixture
def owner(acme):
    return make_member(Role.SELLER_OWNER, acme)


@pytest.fixture
def letter(mailoutbox, django_capture_on_commit_callbacks):
    """Invite and read the token out of the mail, as the invited person does."""

    def invite(*args):
        with django_capture_on_commit_callbacks(execute=True):
            members.invite(*args)
        return re.search(r"/invitations/([\w-]+)", mailoutbox[-1].body)[1]

    return invite


def test_an_invited_person_becomes_a_member_with_the_role_invited_to(acme, owner, letter, mailoutbox):
    token = letter(acme, "New@Example.com", Role.SELLER_AUTHOR, owner)
    assert mailoutbox[0].to == ["New@Example.com"]
    assert "Acme" in mailoutbox[0].subject
    newcomer = make_user()
    newcomer.email = "new@example.com"
    newcomer.save()
    assert members.accept(token, newcomer).role == Role.SELLER_AUTHOR
    assert list(members.open_invitations(acme)) == []


def test_an_invitation_works_once(acme, owner, letter):
    person = make_user()
    token = letter(acme, person.email, Role.SELLER_VIEWER, owner)
    members.accept(token, person)
    Membership.objects.filter(user=person).delete()
    with pytest.raises(ValidationError, match="used, withdrawn or has expired"):
        members.accept(token, person)


def test_an_invitation_is_for_one_address(acme, owner, letter):
    token = letter(acme, "somebody@example.com", Role.SELLER_VIEWER, owner)
    with pytest.raises(ValidationError, match=r"for somebody@example\.com; you are signed in as"):
        members.accept(token, make_user())


def test_an_invitation_ends(acme, owner, letter):
    person = make_user()
    token = letter(acme, person.email, Role.SELLER_VIEWER, owner)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ValidationError, match="expired"):
        members.accept(token, person)


def test_an_invitation_dies_with_its_inviters_right_to_give_it(acme, owner, letter):
    person = make_user()
    token = letter(acme, person.email, Role.SELLER_OWNER, owner)
    Membership.objects.filter(user=owner).update(role=Role.SELLER_VIEWER)
    with pytest.raises(ValidationError, match="may no longer"):
        members.accept(token, person)


def test_inviting_again_ends_the_older_link(acme, owner, letter):
    person = make_user()
    first = letter(acme, person.email, Role.SELLER_VIEWER, owner)
    letter(acme, person.email, Role.SELLER_AUTHOR, owner)
    assert members.find_invitation(first) is None
    assert members.open_invitations(acme).count() == 1


def test_only_a_hash_of_the_token_is_kept(acme, owner, letter):
    token = letter(acme, "x@example.com", Role.SELLER_VIEWER, owner)
    assert token not in str(Invitation.objects.values().get())


@pytest.mark.parametrize("role", [Role.SELLER_MANAGER, Role.SELLER_AUTHOR, Role.SELLER_VIEWER])
def test_who_may_not_manage_people_invites_nobody(acme, role):
    with pytest.raises(ValidationError) as refusal:
        members.invite(acme, "x@example.com", Role.SELLER_VIEWER, make_member(role, acme))
    assert "role" in refusal.value.message_dict


def test_nobody_invites_above_themselves_or_into_another_kind_of_place(acme):
    agency = make_agency()
    Seller.objects.filter(pk=acme.pk).update(agency=agency)
    boss = make_member(Role.AGENCY_OWNER, agency)
    acme.refresh_from_db()
    members.invite(acme, "x@example.com", Role.SELLER_MANAGER, boss)
    for place, role in (
        (acme, Role.SELLER_OWNER),
        (acme, Role.AGENCY_ANALYST),
        (agency, Role.SELLER_VIEWER),
        (None, Role.REVIEWER),
    ):
        with pytest.raises(ValidationError):
            members.invite(place, "x@example.com", role, boss)


def test_the_operator_staffs_the_review(letter):
    token = letter(None, (person := make_user()).email, Role.REVIEWER, make_member(Role.OPERATOR_ADMIN))
    joined = members.accept(token, person)
    assert (joined.role, joined.seller, joined.agency) == (Role.REVIEWER, None, None)


@pytest.mark.parametrize("email", ["", "nobody", "a@", "a b@example.com"])
def test_a_bad_address_is_refused_by_field(acme, owner, email):
    with pytest.raises(ValidationError) as refusal:
        members.invite(acme, email, Role.SELLER_VIEWER, owner)
    assert "email" in refusal.value.message_dict
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_again(acme, owner):
    with pytest.raises(ValidationError, match="works for Acme already"):
        members.invite(acme, owner.email.upper(), Role.SELLER_VIEWER, owner)


def test_the_last_owner_can_not_leave_or_step_down(acme, owner):
    membership = Membership.objects.get(user=owner)
    for act in (
        lambda: members.remove(membership, owner),
        lambda: members.change_role(membership, Role.SELLER_VIEWER, owner),
    ):
        with pytest.raises(ValidationError, match="last owner"):
            act()
    membership.refresh_from_db()
    assert membership.role == Role.SELLER_OWNER


def test_a_suspended_owner_does_not_count(acme, owner):
    other = make_member(Role.SELLER_OWNER, acme)
    other.is_active = False
    other.save()
    with pytest.raises(ValidationError, match="last owner"):
        members.remove(Membership.objects.get(user=owner), owner)


def test_with_another_owner_one_may_go(acme, owner):
    make_member(Role.SELLER_OWNER, acme)
    members.remove(Membership.objects.get(user=owner), owner)
    assert not Membership.objects.filter(user=owner).exists()


def test_a_member_may_leave_but_not_throw_others_out(acme, owner):
    viewer, author = make_member(Role.SELLER_VIEWER, acme), make_member(Role.SELLER_AUTHOR, acme)
    with pytest.raises(ValidationError):
        members.remove(Membership.objects.get(user=author), viewer)
    members.remove(Membership.objects.get(user=viewer), viewer)
    assert members.members_of(acme).count() == 2


def test_nobody_changes_the_role_of_somebody_above(acme):
    agency = make_agency()
    Seller.objects.filter(pk=acme.pk).update(agency=agency)
    acme.refresh_from_db()
    top = Membership.objects.get(user=make_member(Role.SELLER_OWNER, acme))
    with pytest.raises(ValidationError, match="may not decide about Owner"):
        members.change_role(top, Role.SELLER_VIEWER, make_member(Role.AGENCY_OWNER, agency))


def test_a_manager_is_assigned_only_to_the_agencys_own_sellers(acme, rival):
    agency = make_agency()
    Seller.objects.filter(pk=acme.pk).update(agency=agency)
    boss, manager = make_member(Role.AGENCY_OWNER, agency), give(make_user(), Role.AGENCY_MANAGER, agency)
    acme.refresh_from_db()
    members.assign(manager, [acme], boss)
    assert list(manager.assigned.all()) == [acme]
    with pytest.raises(ValidationError, match="Not among the agency's sellers: Rival"):
        members.assign(manager, [acme, rival], boss)
    assert list(manager.assigned.all()) == [acme]


def test_anybody_founds_an_agency_and_adds_sellers_to_it():
    boss = make_user()
    agency = agencies.create_agency("North Star", "north-star", boss)
    made = agencies.add_seller(agency, "Lamps", "lamps", "Europe/Berlin", boss)
    assert (made.agency, made.state) == (agency, Seller.State.READY)
    with pytest.raises(ValidationError, match="Only an agency's owner"):
        agencies.add_seller(agency, "More", "more", "UTC", make_member(Role.AGENCY_MANAGER, agency))


def test_a_seller_does_not_leave_its_agency_without_an_owner(acme):
    agency = make_agency()
    Seller.objects.filter(pk=acme.pk).update(agency=agency)
    acme.refresh_from_db()
    with pytest.raises(ValidationError, match="no owner"):
        agencies.release_seller(acme, make_user())
    make_member(Role.SELLER_OWNER, acme)
    agencies.release_seller(acme, make_user())
    acme.refresh_from_db()
    assert acme.agency is None
