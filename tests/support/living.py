"""A seller that lives in the sandbox, and the work that beat and workers would do for it, in this process."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts import due, fuse
from accounts.models import Connection, Seller
from accounts.services import connections
from config import app
from tests.support.sandbox import CLIENT_ID, CLIENT_SECRET, DE, SandboxControl

SENDER = "service@flow.example"


def live_in(box: SandboxControl, settings: Any, files: Path) -> None:
    """Amazon and its relay are the sandbox's, and sending is armed. Afterwards call `fuse.disarm`."""
    host, port = box.smtp
    settings.AMAZON_BASE_URL = settings.SANDBOX_URL = box.http
    settings.AMAZON_TOKEN_URL = f"{box.http}/auth/o2/token"
    settings.AMAZON_LWA_CLIENT_ID, settings.AMAZON_LWA_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.RELAY_SMTP_URL = f"smtp://{host}:{port}"
    settings.MEDIA_ROOT = files
    fuse.arm()


def connect(seller: Seller, box: SandboxControl, marketplaces: tuple[str, ...] = (DE,)) -> Connection:
    """Authorised a month ago: a refusal right after connecting may speak of the token before."""
    partner = f"AFLOW{seller.pk:08d}"
    box.add_seller(partner, region="eu", marketplaces=list(marketplaces))
    box.approve_sender(partner, SENDER)
    box.rate(1000, 1000, selling_partner_id=partner)
    made = Connection.objects.create(
        seller=seller,
        region="EU",
        selling_partner_id=partner,
        authorised_at=timezone.now() - timedelta(days=30),
        sender_address=SENDER,
    )
    connections.seal_token(made, box.grant(partner))
    made.save()
    connections.read_participations(made)
    connections.lower_work(made)
    return made


def work() -> int:
    """Claim what is due and run its tasks, until nothing is due at once; answers how many rounds that took."""
    app.loader.import_default_modules()  # as a worker does
    rounds = 0
    while leases := due.claim(100):
        rounds += 1
        assert rounds < 50, f"still due after 50 rounds: {leases}"
        for lease in leases:
            app.tasks[due.kind_named(lease.kind).task]([[lease.seller_id, lease.token]])
    return rounds
