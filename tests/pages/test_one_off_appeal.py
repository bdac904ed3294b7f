"""A message by hand that a reviewer sent back: what its page says, and what can be done there."""

import pytest
from django.utils import timezone

from campaigns.models import Message
from campaigns.services import one_off
from compliance.models import Appeal, Case, Verdict
from compliance.services import deciding, holding, review
from compliance.services.deciding import Decision
from tests.compliance.desk.makers import draft, reviewer, submission
from tests.factories.campaigns import make_message
from tests.factories.orders import make_order
from tests.pages.conftest import said

WORDS = {"subject": "Your order", "body": "The lid is missing.", "language": "en", "purpose": "order_problem"}


@pytest.fixture
def message(owner, amazon) -> Message:
    """Held, and waiting for a reviewer."""
    made = make_message(make_order(), None, state="held", reason="text_needs_review", **WORDS)
    handed_in = submission(draft(), subject_id=made.public_id, subject=Case.Subject.ONE_OFF)
    review.submit(owner.seller, handed_in, user=owner.user, now=timezone.now())
    return made


@pytest.fixture
def sent_back(message) -> Message:
    by, case = reviewer(), Case.objects.get(subject_id=message.public_id)
    holding.take(case.pk, by)
    decision = Decision(Verdict.Answer.REJECTED, "It says too little.")
    deciding.decide(case.pk, decision, reviewer=by, now=timezone.now())
    one_off.read_verdicts(timezone.now())
    message.refresh_from_db()
    return message


def test_it_says_by_when_a_person_answers(owner, message):
    assert "Expected by" in owner.get("message", message=message.public_id).text


def test_it_shows_the_answer_once_and_what_can_be_done(owner, sent_back):
    page = owner.get("message", message=sent_back.public_id).text
    assert page.count("It says too little.") == 1
    assert "Write it anew" in page
    assert "Appeal" in page


def test_written_anew_it_begins_with_the_same_words(owner, sent_back):
    query = f"?again={sent_back.public_id}"
    page = owner.get("message_new", query, order=sent_back.order.amazon_order_id).text
    assert "The lid is missing." in page
    for strange in ("?again=x", f"?again={'0' * 32}"):
        assert owner.get("message_new", strange, order=sent_back.order.amazon_order_id).status_code == 200


def test_it_is_appealed_in_words_and_once(owner, sent_back):
    empty = owner.post("message_appeal", {"words": " "}, message=sent_back.public_id)
    assert empty.status_code == 422
    assert "why it is permitted" in empty.text
    done = owner.post("message_appeal", {"words": "It says all there is."}, message=sent_back.public_id)
    assert "Another person" in said(done)
    assert "Your appeal waits" in owner.get("message", message=sent_back.public_id).text
    again = owner.post("message_appeal", {"words": "Once more."}, message=sent_back.public_id)
    assert again.status_code == 422
    assert Appeal.objects.count() == 1


def test_who_only_looks_cannot_appeal(viewer, sent_back):
    assert viewer.post("message_appeal", {"words": "Me."}, message=sent_back.public_id).status_code == 403
