"""A rule changes: what is live is looked at again, what breaks it is paused and told, and comes back when it passes."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sealing
from accounts.models import Seller, SellerDue
from accounts.roles import Role
from campaigns.domain.states import State
from campaigns.domain.vocabulary import Channel
from campaigns.models import Template, TemplateVersion
from campaigns.services import rescan, sweep, templates, verdicts
from campaigns.services.dispatch import take_turn
from campaigns.services.templates import TextInput
from campaigns.tasks import rescan as task
from compliance import pack
from compliance.desk.queues import Queue
from compliance.engine import run
from compliance.engine.types import Outcome, Rule, Severity, Stage
from compliance.models import Case, Check, RulePack, Verdict
from compliance.rules import RULES
from compliance.services import rescanning, review
from orders.models import Order
from tests.accounts.makers import make_member
from tests.campaigns.sending.helpers import Remembering, again, make_due, make_sendable
from tests.compliance.desk.makers import reviewer
from tests.factories.campaigns import make_mail_campaign

V = TemplateVersion.State
RELAY = "abcdefgh12345678@marketplace.amazon.com"


class NothingBlue(Rule):
    """The rule that came: says what it is told to of the word blue."""

    slug, code, title = "nothing-blue", "C99", "Nothing blue"
    severity = Severity.BLOCK

    def __init__(self, outcome: Outcome = Outcome.BLOCK, stage: Stage = Stage.LIVE) -> None:
        self.outcome = outcome
        self.stage = stage  # type: ignore[misc]

    def check(self, document):
        for at in [document.body.text.find("blue")]:
            if at >= 0:
                yield self.seen("Blue is no colour.", document.body, at, at + 4, outcome=self.outcome)


class Rules:
    """The running rule pack: `become` changes its rules and its version as a deployment does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch, self._real = monkeypatch, run.check

    def become(self, version: str, *more: Rule) -> None:
        self._patch.setattr(pack, "version", lambda: version)
        self._patch.setattr(run, "check", lambda draft, rules=RULES: self._real(draft, (*rules, *more)))


@pytest.fixture
def rules(monkeypatch) -> Rules:
    found = Rules(monkeypatch)
    found.become("pack-before")
    return found


def live(words: str = "blue", name: str = "Ask") -> Template:
    body = (
        f"<p>Order {{{{ order_id }}}}: about the {words} lamp, you can write a product review on Amazon.</p>"
    )
    text = TextInput("en", "Your order {{ order_id }}", body, "html")
    template = templates.create(
        name, channel=Channel.RELAY_EMAIL, purpose="review_request", texts=[text], user=None
    )
    templates.submit(templates.newest_version(template), user=None, now=timezone.now())
    template.refresh_from_db()
    assert template.approved is not None
    return template


def scan(seller: Seller, **more) -> rescan.Scanned:
    return rescan.rescan(seller, timezone.now(), **more)


def state_of(template: Template) -> str:
    template.refresh_from_db()
    return template.approved.state if template.approved else "none"


def message_of(account, template: Template):
    campaign = make_mail_campaign(template=template)
    fields = {"marketplace_id": "ATVPDKIKX0DER"}
    message = make_due(account, campaign, order=fields, channel="relay_email")
    sealed = sealing.seal(RELAY, f"orders_order.relay_address_sealed.{message.order_id}", account.seller)
    Order.objects.filter(pk=message.order_id).update(relay_address_sealed=sealed)
    return message


# --- the pack is noticed --------------------------------------------------------------------------------------------


def called_up() -> set[int]:
    return set(SellerDue.objects.filter(kind=rescanning.KIND).values_list("seller_id", flat=True))


def test_a_new_pack_calls_up_every_seller_once(seller, rival, rules):
    now = timezone.now()
    assert rescanning.notice(now) >= 2
    assert {seller.pk, rival.pk} <= called_up()
    assert rescanning.notice(now) == 0
    rules.become("pack-after")
    assert rescanning.notice(now) >= 2


def test_noticing_nothing_costs_one_statement(seller, rules):
    rescanning.notice(timezone.now())
    with CaptureQueriesContext(connection) as asked:
        rescanning.notice(timezone.now())
    [only] = [query["sql"] for query in asked if not query["sql"].startswith("SET search_path")]
    assert "compliance_rulepack" in only


def test_sellers_are_spread_so_that_due_messages_go_first(seller, rival, rules):
    now = timezone.now()
    rescanning.notice(now)
    times = sorted(SellerDue.objects.filter(kind=rescanning.KIND).values_list("due_at", flat=True))
    assert times[1] > times[0] >= now


def test_a_process_of_the_old_code_does_not_call_everybody_back(seller, rules):
    now = timezone.now()
    rescanning.notice(now)
    rules.become("pack-after")
    rescanning.notice(now)
    rules.become("pack-before")
    assert rescanning.notice(now + timedelta(minutes=1)) == 0
    assert RulePack.objects.get().version == "pack-after"
    assert rescanning.notice(now + timedelta(minutes=16)) > 0  # it was taken back for good


def test_a_process_of_the_old_code_leaves_the_texts_to_the_new(seller, rules):
    template = live()
    rules.become("pack-after", NothingBlue())
    rescanning.notice(timezone.now())
    rules.become("pack-before")
    assert task._rescan(seller) is not None
    assert state_of(template) == V.APPROVED
    assert task._rescan(seller) > timezone.now()


# --- what breaks a rule now -----------------------------------------------------------------------------------------


def test_a_text_that_breaks_the_new_rule_is_paused_and_its_owner_told_and_its_message_held_then_resumed(
    seller, rules
):
    owner = make_member(Role.SELLER_OWNER, seller)
    account = make_sendable(seller, region="NA", marketplace_ids=["ATVPDKIKX0DER"])
    template, clean = live(), live("red", "Other")
    message, other = message_of(account, template), message_of(account, clean)

    rules.become("pack-after", NothingBlue())
    done = scan(seller)
    assert [p.version.template.name for p in done.paused] == ["Ask"]
    assert (state_of(template), state_of(clean)) == (V.PAUSED, V.APPROVED)
    assert "Blue is no colour. (rule nothing-blue)" in template.approved.note

    channel = Remembering()
    take_turn(seller, channel, 10)
    assert (again(message).state, again(message).reason) == (State.HELD, "version_paused")
    assert again(other).state == State.SENT

    rules.become("pack-later")
    assert scan(seller).resumed == 1
    assert state_of(template) == V.APPROVED
    take_turn(seller, channel, 10)
    assert again(message).state == State.SENT
    assert owner.email


def test_the_owner_is_told_by_mail_once(seller, rules, django_capture_on_commit_callbacks):
    owner = make_member(Role.SELLER_OWNER, seller)
    live()
    live(name="Second")
    rules.become("pack-after", NothingBlue())
    with django_capture_on_commit_callbacks(execute=True):
        scan(seller)
    [told] = [m for m in mail.outbox if owner.email in m.to]
    assert "2 texts are paused" in told.subject
    assert "“Ask”, version 1" in told.body
    assert "Blue is no colour." in told.body
    rules.become("pack-later", NothingBlue())  # it changed again, and nothing got better
    with django_capture_on_commit_callbacks(execute=True):
        scan(seller)
    assert len(mail.outbox) == 1


def test_a_paused_text_waits_for_a_reviewer_too_and_two_may_let_it_go_on(seller, rules):
    template = live()
    rules.become("pack-after", NothingBlue())
    scan(seller)
    case = Case.objects.get(subject_id=template.approved.public_id, status="waiting")
    assert case.queue == Queue.RESCAN
    first, second = reviewer(), reviewer()
    review.decide(case.pk, Verdict.Answer.APPROVED, reviewer=first, reason="", now=timezone.now())
    assert verdicts.read_verdicts(timezone.now()) == 0
    assert state_of(template) == V.PAUSED
    review.decide(case.pk, Verdict.Answer.APPROVED, reviewer=second, reason="", now=timezone.now())
    assert verdicts.read_verdicts(timezone.now()) == 1
    assert state_of(template) == V.APPROVED
    rules.become("pack-later", NothingBlue())
    assert scan(seller).paused == []  # what two accepted stays accepted
    assert state_of(template) == V.APPROVED


def test_a_new_version_takes_the_place_of_a_paused_one(seller, rules):
    template = live()
    rules.become("pack-after", NothingBlue())
    scan(seller)
    mended = TextInput("en", "Your order {{ order_id }}", "<p>Order {{ order_id }}: the red one.</p>", "html")
    templates.save_draft(template, [mended], based_on=1, user=None)
    templates.submit(templates.newest_version(template), user=None, now=timezone.now())
    waiting = Case.objects.filter(status="waiting", queue=Queue.NEW).first()
    if waiting is not None:
        review.decide(waiting.pk, Verdict.Answer.APPROVED, reviewer=None, reason="", now=timezone.now())
        verdicts.read_verdicts(timezone.now())
    template.refresh_from_db()
    assert [v.state for v in template.versions.order_by("number")] == [V.SUPERSEDED, V.APPROVED]


# --- what is doubted now --------------------------------------------------------------------------------------------


def test_a_text_that_is_doubted_goes_on_and_a_reviewer_is_asked_once(seller, rules):
    template = live()
    rules.become("pack-after", NothingBlue(Outcome.REVIEW))
    assert scan(seller).doubted == 1
    assert state_of(template) == V.APPROVED
    case = Case.objects.get(queue=Queue.RESCAN)
    assert "A changed rule doubts this live text." in case.why
    review.decide(case.pk, Verdict.Answer.APPROVED, reviewer=None, reason="", now=timezone.now())
    verdicts.read_verdicts(timezone.now())
    rules.become("pack-later", NothingBlue(Outcome.REVIEW))
    assert scan(seller).doubted == 0  # what a reviewer accepted stays accepted


def test_a_reviewer_who_says_no_stops_it(seller, rules):
    template = live()
    rules.become("pack-after", NothingBlue(Outcome.REVIEW))
    scan(seller)
    case = Case.objects.get(queue=Queue.RESCAN)
    review.decide(case.pk, Verdict.Answer.REJECTED, reviewer=None, reason="Blue.", now=timezone.now())
    verdicts.read_verdicts(timezone.now())
    assert state_of(template) == "none"
    assert templates.newest_version(template).state == V.REJECTED


def test_doubts_that_a_later_pack_does_not_share_are_taken_back(seller, rules):
    live()
    rules.become("pack-after", NothingBlue(Outcome.REVIEW))
    scan(seller)
    rules.become("pack-later")
    scan(seller)
    assert Case.objects.get(queue=Queue.RESCAN).status == Case.Status.WITHDRAWN


def test_a_newer_version_that_waits_goes_on_waiting(seller, rules):
    template = live()
    doubtful = TextInput(
        "en",
        "Order {{ order_id }}",
        '<p>{{ order_id }}: <a href="https://amzn.to/3xyzabc">here</a></p>',
        "html",
    )
    templates.save_draft(template, [doubtful], based_on=1, user=None)
    case = templates.submit(templates.newest_version(template), user=None, now=timezone.now())
    rules.become("pack-after", NothingBlue(Outcome.REVIEW))
    scan(seller)
    case.refresh_from_db()
    assert case.status == Case.Status.WAITING


# --- rules that do not count ----------------------------------------------------------------------------------------


def test_a_shadow_rule_records_and_stops_nothing(seller, rules):
    template = live()
    rules.become("pack-after", NothingBlue(stage=Stage.SHADOW))
    done = scan(seller)
    assert (done.paused, done.doubted, state_of(template)) == ([], 0, V.APPROVED)
    [found] = Check.objects.get(pack="pack-after").findings
    assert (found["rule"], found["shadow"]) == ("nothing-blue", True)


def test_a_retired_rule_is_not_run(seller, rules):
    live()
    rules.become("pack-after", NothingBlue(stage=Stage.RETIRED))
    scan(seller)
    assert Check.objects.get(pack="pack-after").findings == []


# --- batches --------------------------------------------------------------------------------------------------------


def test_it_goes_on_where_it_stopped_and_is_over_when_all_were_looked_at(seller, rules):
    for n in range(3):
        live("red", f"Text {n}")
    rules.become("pack-after")
    rescanning.notice(timezone.now())
    assert scan(seller, limit=2).looked_at == 2
    assert rescan.unscanned().count() == 1
    assert task._rescan(seller) is None
    assert scan(seller).looked_at == 0


def test_a_seller_whose_entry_was_lost_is_found_again(seller, rules):
    live()
    rules.become("pack-after")
    rescanning.notice(timezone.now())
    SellerDue.objects.filter(kind=rescanning.KIND).delete()
    assert seller.pk in {seller_id for seller_id, _ in task.lost_scans()}


def test_a_text_nobody_can_fill_in_any_more_does_not_keep_the_others_waiting(seller, rules):
    broken, fine = live("red", "Broken"), live("blue", "Fine")
    broken.approved.texts.update(body="{{ no_such_placeholder }}")
    rules.become("pack-after", NothingBlue())
    assert scan(seller).looked_at == 2
    assert state_of(fine) == V.PAUSED


def test_an_archived_text_is_left_alone(seller, rules):
    template = live()
    Template.objects.filter(pk=template.pk).update(archived_at=timezone.now())
    rules.become("pack-after", NothingBlue())
    assert scan(seller).looked_at == 0


def test_the_sweep_does_not_let_a_paused_texts_messages_go(seller, rules):
    account = make_sendable(seller, region="NA", marketplace_ids=["ATVPDKIKX0DER"])
    template = live()
    message = message_of(account, template)
    rules.become("pack-after", NothingBlue())
    scan(seller)
    take_turn(seller, Remembering(), 10)
    sweep.release_held(["version_paused"])
    take_turn(seller, Remembering(), 10)
    assert (again(message).state, again(message).reason) == (State.HELD, "version_paused")
