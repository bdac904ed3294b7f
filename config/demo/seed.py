"""The stage: people, an agency with three sellers, Amazon accounts with a month behind them, texts and campaigns.

Safe to run again: what is there stays. The sandbox keeps its own world beside the database.
"""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Agency, Connection, Membership, Seller, User
from accounts.services import agencies, connections, provisioning
from accounts.tenancy import seller_context
from campaigns.domain.vocabulary import Channel
from campaigns.models import Campaign, Template
from campaigns.services import attachments, lifecycle, starting, templates
from campaigns.services.templates import TextInput
from campaigns.starters.texts import starter
from config.demo import billing, cast, control, desk
from config.demo.cast import CastPerson, CastSeller

MONTH = timedelta(days=30)
#: The demo may be started at any hour and wants to be seen at work.
ALWAYS_OPEN = {"window_from": time(0), "window_until": time.max}
#: A text with a shortened link: only a person can say where it leads, so it waits for review.
DOUBTFUL = TextInput(
    "de",
    "Produktbewertung zu Bestellung {{ order_id }}",
    "<p>Guten Tag,</p>\n<p>zu Ihrer Bestellung {{ order_id }} können Sie hier eine Bewertung schreiben: "
    '<a href="https://amzn.to/3Kx9Lm2">zur Seite</a>.</p>\n<p>{{ store_name }}</p>',
    "html",
)


def seed(orders: int) -> Iterator[str]:
    """Says, step by step, what was made. `orders` is how many each seller had in the last month."""
    for seller in cast.SELLERS:
        _stage_amazon(seller, orders)
    people = {person.email: _person(person) for person in cast.PEOPLE}
    agency = _agency(people[cast.OWNER])
    yield f"{agency.name}, with {len(people)} people"
    for person in cast.SELLERS:
        yield f"{person.name}: {_furnish(_seller(person, agency), person)}"
    for member in cast.PEOPLE:
        _employ(people[member.email], member, agency)
    yield f"Plans: {billing.seed(agency)}"
    yield f"Review desk: {desk.open_desk()}"


def logins(site: str) -> list[dict[str, str]]:
    return [
        {"email": p.email, "password": cast.PASSWORD, "role": p.role.title, "where": p.what}
        for p in cast.PEOPLE
    ]


def _stage_amazon(seller: CastSeller, orders: int) -> None:
    body = {
        "selling_partner_id": seller.selling_partner_id, "name": seller.name, "business_name": f"{seller.name} Ltd",
        "region": seller.region, "marketplaces": list(seller.marketplaces), "orders": orders, "days": MONTH.days,
        "fulfilment": {"AMAZON": seller.fba, "MERCHANT": 1 - seller.fba},
    }  # fmt: skip
    control.post("/sellers", body)
    control.post("/senders", {"selling_partner_id": seller.selling_partner_id, "address": seller.sender})


def _agency(owner: User) -> Agency:
    name, slug = cast.AGENCY
    return Agency.objects.filter(slug=slug).first() or agencies.create_agency(name, slug, owner=owner)


def _seller(person: CastSeller, agency: Agency) -> Seller:
    known = Seller.objects.filter(slug=person.slug).first()
    if known:
        return provisioning.resume(known)
    return provisioning.create_seller(person.name, person.slug, agency=agency, timezone=person.timezone)


def _person(person: CastPerson) -> User:
    known = User.objects.filter(email=person.email).first()
    return known or _hire(person)


def _hire(person: CastPerson) -> User:
    """With a verified address, or a second factor could not be set up."""
    user = User.objects.create_user(
        person.email,
        cast.PASSWORD,
        name=person.name,
        is_staff=not person.place,
        is_superuser=person.role == "operator_admin",
    )
    EmailAddress.objects.create(user=user, email=person.email, verified=True, primary=True)
    return user


def _employ(user: User, person: CastPerson, agency: Agency) -> None:
    place: dict[str, Any] = {}
    if person.place == agency.slug:
        place = {"agency": agency}
    elif person.place:
        place = {"seller": Seller.objects.get(slug=person.place)}
    Membership.objects.get_or_create(user=user, **place, defaults={"role": person.role})


def _furnish(seller: Seller, person: CastSeller) -> str:
    if not Connection.objects.filter(seller=seller).exists():
        _connect(seller, person)
    with seller_context(seller), transaction.atomic():
        if Campaign.objects.exists():
            return "there already"
        campaigns = list(_campaigns(person))
        if person.slug == "lindner":
            _leave_a_text_in_review()
    return ", ".join(campaign.name for campaign in campaigns)


def _connect(seller: Seller, person: CastSeller) -> None:
    """What the consent round trip leaves behind, without a browser."""
    token = control.post("/grants", {"selling_partner_id": person.selling_partner_id})["refresh_token"]
    with transaction.atomic():
        connection = Connection.objects.create(
            seller=seller, region=person.region, selling_partner_id=person.selling_partner_id,
            authorised_at=timezone.now(), sender_address=person.sender,
        )  # fmt: skip
        connections.seal_token(connection, token)
        connection.save()
    connections.read_participations(connection)
    connections.lower_work(connection)


def _campaigns(person: CastSeller) -> Iterator[Campaign]:
    yield _switch_on("review-request-day-8", priority=0)
    yield _switch_on("warranty-after-delivery", template=_warranty_text())
    if person.fba < 1:
        yield _switch_on("review-mail-fbm-day-5", priority=10, template=_approved_text("review_request"))


def _switch_on(slug: str, **changes: Any) -> Campaign:
    now = timezone.now()
    campaign = starting.begin(slug, actor=None, now=now)
    wanted = {**ALWAYS_OPEN, "window_days": [1, 2, 3, 4, 5, 6, 7], **changes}
    campaign = lifecycle.edit(campaign, wanted, based_on=campaign.revision, actor=None, now=now).campaign
    return lifecycle.activate(campaign, actor=None, now=now, covers_from_at=now - MONTH).campaign


def _approved_text(key: str, files: tuple[SimpleUploadedFile, ...] = ()) -> Template:
    begun = starter(key)
    texts = [
        TextInput(language, subject, body, begun.body_format)
        for language, (subject, body) in begun.texts.items()
    ]
    template = templates.create(
        begun.name,
        channel=Channel(begun.channel),
        purpose=begun.purpose,
        texts=texts,
        user=None,
        message_type=begun.message_type,
    )
    for file in files:
        attachments.add(templates.newest_version(template), file, kind=begun.purpose)
    templates.submit(templates.newest_version(template), user=None, now=timezone.now())
    template.refresh_from_db()
    return template


def _warranty_text() -> Template:
    return _approved_text("warranty", (SimpleUploadedFile("warranty.pdf", _PDF),))


def _leave_a_text_in_review() -> None:
    template = templates.create(
        "Bewertung mit Kurzlink",
        channel=Channel.RELAY_EMAIL,
        purpose="review_request",
        texts=[DOUBTFUL],
        user=None,
    )
    templates.submit(templates.newest_version(template), user=None, now=timezone.now())


_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 58>>stream
BT /F1 14 Tf 30 120 Td (Two years of warranty.) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
