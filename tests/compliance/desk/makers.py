"""People and cases of the desk."""

import uuid
from typing import Any

from django.utils import timezone

from accounts.models import Seller, User
from accounts.roles import Role
from compliance.engine.types import Draft
from compliance.models import Case
from compliance.services import review
from tests.accounts.makers import make_member

DOUBTFUL = '<p>Order {{ order_id }}: the page is <a href="https://amzn.to/3xyzabc">here</a>.</p>'
CLEAN = "<p>Your order {{ order_id }}: you can leave a review on Amazon.</p>"


def reviewer() -> User:
    return make_member(Role.REVIEWER)


def lead() -> User:
    return make_member(Role.LEAD_REVIEWER)


def draft(body: str = DOUBTFUL, **fields: Any) -> Draft:
    given = {
        "medium": "relay_email", "purpose": "review_request", "body": body, "body_format": "html",
        "language": "en", "marketplace": "US", "stage": "template", "subject": "Order {{ order_id }}",
    }  # fmt: skip
    return Draft(**{**given, **fields})


def submission(*drafts: Draft, subject_id: uuid.UUID | None = None, **fields: Any) -> review.Submission:
    given = {"subject": Case.Subject.TEMPLATE_VERSION, "title": "Ask v1", **fields}
    return review.Submission(subject_id=subject_id or uuid.uuid4(), drafts=drafts or (draft(),), **given)


def submit(seller: Seller, *drafts: Draft, user: User | None = None, **fields: Any) -> Case:
    """A waiting case, its words different from every other's unless drafts are given."""
    at = fields.pop("now", timezone.now())
    unlike = draft(DOUBTFUL.replace("page", f"page {uuid.uuid4().hex[:6]}"))
    return review.submit(seller, submission(*(drafts or (unlike,)), **fields), user=user, now=at)
