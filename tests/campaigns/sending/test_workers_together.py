"""Several workers at one seller's messages at once: no limit gives way, and what is stopped stops for all of them."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.billing.entitlements import Standing, Why
from accounts.models import Connection, Seller, SellerEntitlement
from accounts.tenancy import seller_context
from campaigns.models import Campaign, Message, TemplateText, TemplateVersion
from campaigns.services import restriction
from campaigns.services.dispatch import take_turn
from compliance import policy
from compliance.engine.types import Outcome
from compliance.services import checks
from tests.campaigns.sending.helpers import Remembering, make_due, make_sendable, seal_relay
from tests.factories.campaigns import make_mail_campaign, make_template
from tests.support.stripe import KEY

WORKERS = 4


@pytest.fixture(autouse=True)
def everything_may_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "judge", lambda draft, accepted=(): policy.Verdict(Outcome.PASS))


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Here rows are really committed, for other threads read them (its name has pytest-django make the database)."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def account(db: None, live_seller: Seller) -> Connection:
    return make_sendable(live_seller, daily_cap=1_000)


@pytest.fixture
def campaign(account: Connection) -> Campaign:
    template = make_template(body="Bestellung {{ order_id }}", purpose="order_information")
    TemplateText.objects.filter(version=template.approved).update(language="de")
    return make_mail_campaign(template=template, purpose="order_information")


@pytest.fixture
def channel() -> Remembering:
    """Slow enough for all gates to be passed before the first fence."""
    made = Remembering()
    made.before = lambda parcel: time.sleep(0.02)
    return made


def mails(account: Connection, campaign: Campaign, count: int) -> list[Message]:
    return [seal_relay(make_due(account, campaign), account.seller) for _ in range(count)]


def mails_of_several_accounts(account: Connection, campaign: Campaign, each: int = 10) -> None:
    """A turn's worth for each worker. The messages of one account meet at its day's ledger already; these do not."""
    for number in range(WORKERS):
        other = make_sendable(account.seller, selling_partner_id=f"AOTHER{number}", daily_cap=1_000)
        mails(other, campaign, each)


def work_together(
    seller: Seller, channel: Remembering, limit: int = 10, meanwhile: Callable[[], Any] = int
) -> None:
    """Turn after turn, begun at the same moment, until none of them finds anything due."""
    start, failed = threading.Barrier(WORKERS + 1), []

    def work() -> None:
        try:
            with seller_context(seller):
                start.wait(20)
                for _ in range(20):
                    take_turn(seller, channel, limit)  # type: ignore[arg-type]
                    if not Message.objects.filter(state="planned", due_at__lte=timezone.now()).exists():
                        break
        except BaseException as error:  # noqa: BLE001 (told below)
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    start.wait(20)
    meanwhile()
    for thread in threads:
        thread.join(60)
    assert failed == []


def change(campaign: Campaign, **fields: Any) -> None:
    assert campaign.template
    TemplateVersion.objects.filter(pk=campaign.template.approved_id).update(**fields)


def all_at_the_count(campaign: Campaign) -> None:
    """Let go only when every worker has asked everything and waits to count its message under the version."""
    assert campaign.template
    with transaction.atomic(), connection.cursor() as cursor:
        TemplateVersion.objects.select_for_update().get(pk=campaign.template.approved_id)
        for _ in range(400):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= WORKERS:
                return
            time.sleep(0.02)
    raise AssertionError("the workers never came to the count")


def test_an_approval_for_so_many_messages_is_kept_to_the_message(
    account: Connection, campaign: Campaign, channel: Remembering, settings: Any
) -> None:
    settings.RAMP_SENDS = 0
    change(campaign, limit_volume=2)
    mails_of_several_accounts(account, campaign)
    work_together(account.seller, channel, meanwhile=lambda: all_at_the_count(campaign))
    assert len(channel.sent) == 2
    assert TemplateVersion.objects.get().sends == 2
    assert Message.objects.filter(state="sent").count() == 2
    assert not Message.objects.filter(state__in=["claimed", "on_wire", "uncertain"]).exists()


def test_a_step_of_the_ramp_is_kept_to_the_message(
    account: Connection, campaign: Campaign, channel: Remembering, settings: Any
) -> None:
    settings.RAMP_SENDS, settings.RAMP_STEP = 30, 3
    mails_of_several_accounts(account, campaign)
    work_together(account.seller, channel, meanwhile=lambda: all_at_the_count(campaign))
    assert len(channel.sent) == 3
    waiting = Message.objects.filter(state="planned")
    assert waiting.count() == 37
    assert {m.reason_detail["waits_for"] for m in waiting} == {"version_ramping"}


def test_the_days_limit_is_kept_to_the_message(
    account: Connection, campaign: Campaign, channel: Remembering, settings: Any
) -> None:
    settings.RAMP_SENDS = 0
    Connection.objects.filter(pk=account.pk).update(
        daily_cap=10
    )  # a tenth of it is for what an order cannot do without
    mails(account, campaign, 40)
    work_together(account.seller, channel)
    assert len(channel.sent) == 9
    assert Message.objects.filter(state="held", reason="cap_reached").count() == 31


@pytest.mark.parametrize("how", ["restriction", "lapse", "rest", "pause"])
def test_what_is_stopped_while_they_send_stops_for_all(
    account: Connection, campaign: Campaign, channel: Remembering, settings: Any, how: str
) -> None:
    """Each worker may have one message past its fence at that moment, and no second."""
    settings.RAMP_SENDS, settings.STRIPE_SECRET_KEY = 0, KEY
    mails(account, campaign, 40)
    begun: list[int] = []

    def stop() -> None:
        while len(channel.sent) < WORKERS:
            time.sleep(0.005)
        now = timezone.now()
        if how == "restriction":
            restriction.report("They wrote.", actor=None, now=now)
        elif how == "lapse":
            held = {"standing": Standing.HELD, "why": Why.UNPAID, "holds_from_at": now}
            assert SellerEntitlement.objects.filter(seller=account.seller).update(**held) == 1
        elif how == "rest":
            change(campaign, paused_until=now + timedelta(hours=3))
        else:
            Campaign.objects.filter(pk=campaign.pk).update(state="paused")
        begun.append(len(channel.sent))

    work_together(account.seller, channel, meanwhile=stop)
    assert WORKERS <= len(channel.sent) <= begun[0] + WORKERS < 40
    assert Message.objects.filter(state="held").count() == 40 - len(channel.sent)


def test_no_order_is_written_to_twice(
    account: Connection, campaign: Campaign, channel: Remembering, settings: Any
) -> None:
    settings.RAMP_SENDS = 0
    mails(account, campaign, 30)
    work_together(account.seller, channel, limit=30)
    work_together(account.seller, channel, limit=30)
    orders = [parcel.amazon_order_id for parcel in channel.sent]
    assert len(orders) == len(set(orders)) == 30
