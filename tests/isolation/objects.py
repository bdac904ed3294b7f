"""One maker per address that names an object: it makes one in the place given and says which kwargs name it.

A new address with an object in it fails tests/isolation until its maker stands here. Everything a maker
writes carries the place's canary, a word that must never be seen from anywhere else.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.models import Agency, BillingAccount, Invitation, Membership, PlanChange, Seller
from accounts.roles import Role
from accounts.services.billing import opening
from campaigns.models import TemplateAttachment
from compliance.models import Case, KnownAnswer, SellerNote, Verdict
from orders.models import OrderImport
from tests.accounts.makers import make_connection, make_user
from tests.compliance.desk import makers as desk
from tests.factories.campaigns import make_campaign, make_message, make_template, suppress
from tests.factories.orders import amazon_order_id, make_order

Place = Seller | Agency


@dataclass
class Made:
    """`row` can be deleted, to see that a deleted object looks like one that never was. None: it is not
    deleted by anybody."""

    kwargs: dict[str, Any]
    row: models.Model | None = None
    #: What else the address says, such as what to do with the object.
    verbs: dict[str, Any] = field(default_factory=dict)


Maker = Callable[[Place], Made]

#: By URL name. Called with the schema entered where the place is a seller.
MAKERS: dict[str, Maker] = {}


def canary(place: Place) -> str:
    return f"canary{place.slug.replace('-', '')}"


def makes(*names: str) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        MAKERS.update(dict.fromkeys(names, maker))
        return maker

    return register


def _where(place: Place) -> dict[str, Any]:
    return {"seller": place} if isinstance(place, Seller) else {"agency": place}


@makes("team_role", "team_remove", "agency_team_role", "agency_team_remove")
def a_member(place: Place) -> Made:
    role = Role.SELLER_VIEWER if isinstance(place, Seller) else Role.AGENCY_ANALYST
    row = Membership.objects.create(user=make_user(name=canary(place)), role=role, **_where(place))
    return Made({"member": row.pk}, row)


@makes("team_revoke", "agency_team_revoke")
def an_invitation(place: Place) -> Made:
    role = Role.SELLER_VIEWER if isinstance(place, Seller) else Role.AGENCY_ANALYST
    row = Invitation.objects.create(
        email=f"{canary(place)}@example.com",
        role=role,
        token_hash=f"{canary(place)}{timezone.now().timestamp()}"[:64],
        expires_at=timezone.now() + timedelta(days=1),
        **_where(place),
    )
    return Made({"invitation": row.pk}, row)


@makes("seller_preparing")
def the_place_itself(place: Place) -> Made:
    return Made({"made": place.slug})


@makes("connection_edit", "connection_end", "connection_sender", "connection_disconnect")
def a_connection(place: Place) -> Made:
    row = make_connection(place, store_name=canary(place))
    return Made({"connection": row.pk}, row)


@makes("order", "message_new", "order_suppress")
def an_order(place: Place) -> Made:
    row = make_order(items=[{"title": canary(place)}])
    return Made({"order": row.amazon_order_id}, row)


@makes("order_import")
def an_import(place: Place) -> Made:
    row = OrderImport.objects.create(
        file_name=f"{canary(place)}.tsv", stored_as="nowhere.tsv", size_bytes=10, state="done"
    )
    return Made({"order_import": row.pk}, row)


@makes("campaign", "campaign_edit", "campaign_appeal", "campaign_stand_in")
def a_campaign(place: Place) -> Made:
    row = make_campaign(name=canary(place))
    return Made({"campaign": row.public_id}, row)


@makes("campaign_move")
def a_campaign_to_pause(place: Place) -> Made:
    made = a_campaign(place)
    made.verbs = {"move": "pause"}
    return made


def _template(place: Place) -> Any:
    return make_template(name=canary(place), body=f"About your order {{{{ order_id }}}}: {canary(place)}")


@makes("template_edit", "template_check", "template_submit", "template_withdraw", "template_attach")
@makes("template_mend", "template_appeal", "template_resume")
def a_text(place: Place) -> Made:
    return Made({"text": _template(place).public_id})


@makes("template_detach", "template_file")
def a_file(place: Place) -> Made:
    template = _template(place)
    row = TemplateAttachment.objects.create(
        version=template.approved, file_name=f"{canary(place)}.pdf", stored_as="x", content_type="application/pdf",
        size_bytes=1, sha256="0" * 64,
    )  # fmt: skip
    return Made({"text": template.public_id, "file": row.pk}, row)


@makes("message")
def a_message(place: Place) -> Made:
    row = make_message(make_order(items=[{"title": canary(place)}]), make_campaign(name=canary(place)))
    return Made({"message": row.public_id}, row)


@makes("message_appeal")
def a_message_by_hand(place: Place) -> Made:
    row = make_message(make_order(items=[{"title": canary(place)}]), None)
    return Made({"message": row.public_id}, row)


@makes("message_move")
def a_message_to_cancel(place: Place) -> Made:
    made = a_message(place)
    made.verbs = {"move": "cancel"}
    return made


@makes("suppression_remove")
def a_suppression(place: Place) -> Made:
    row = suppress(amazon_order_id())
    return Made({"suppression": row.pk}, row)


@makes("billing_confirm", "agency_billing_confirm")
def a_shown_price(place: Place) -> Made:
    row = PlanChange.objects.create(
        account=_account(place), step="solo-500", interval="month", quantity=1, prorated_at=timezone.now(),
        due_now_minor=100, lines=[[canary(place), 100]],
    )  # fmt: skip
    return Made({"change": row.public_id}, row)


@makes("operator_account")
def an_account(place: Place) -> Made:
    return Made({"account": _account(place).public_id})


def _account(place: Place) -> BillingAccount:
    return opening.open_seller(place) if isinstance(place, Seller) else opening.open_agency(place)


def _case(place: Place) -> Any:
    """In the public schema; its seller is the place. Named by its own id, so that no two places share one."""
    return Case.objects.create(
        seller=place, subject=Case.Subject.TEMPLATE_VERSION, subject_id=uuid.uuid4(), series_id=uuid.uuid4(),
        title=canary(place), snapshot=[], pack="x", submitted_at=timezone.now(), queued_at=timezone.now(),
        due_at=timezone.now(),
    )  # fmt: skip


@makes(
    "desk_case", "desk_take", "desk_renew", "desk_skip", "desk_give_back", "desk_decide", "desk_correct", "desk_note",
    "desk_make_known",
)  # fmt: skip
def a_case(place: Place) -> Made:
    return Made({"case": _case(place).public_id})


@makes("desk_undo")
def a_verdict(place: Place) -> Made:
    return Made({"verdict": Verdict.objects.create(case=_case(place), answer="approved", pack="x").public_id})


@makes("desk_retract_note")
def a_note(place: Place) -> Made:
    return Made({"note": SellerNote.objects.create(seller=place, text=canary(place)).pk})


@makes("desk_switch_known")
def a_known_answer(place: Place) -> Made:
    row = KnownAnswer.objects.create(
        seller=place, title=canary(place), snapshot=[], pack="x", answer="rejected", lesson="x"
    )
    return Made({"known": row.pk})


@makes("api_case")
def an_own_case(place: Place) -> Made:
    row = desk.submit(place, title=canary(place))
    return Made({"case": row.public_id})
