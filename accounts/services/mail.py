"""Mail to our own users. (Never to buyers: that is campaigns/channels.)

One folder per mail: `templates/emails/<name>/subject.txt` and `body.txt`.
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

_log = logging.getLogger(__name__)


def send(name: str, to: Iterable[str], **context: Any) -> None:
    """Each address gets its own mail, after the transaction commits. A mail that cannot be sent is logged
    and undoes nothing."""
    context = {**context, "site": settings.SITE_URL}
    subject = " ".join(render_to_string(f"emails/{name}/subject.txt", context).split())
    body = render_to_string(f"emails/{name}/body.txt", context).strip() + "\n"
    addresses = list(to)
    transaction.on_commit(lambda: _send_all(subject, body, addresses))


def _send_all(subject: str, body: str, addresses: list[str]) -> None:
    for address in addresses:
        _send_one(subject, body, address)


def _send_one(subject: str, body: str, address: str) -> None:
    try:
        EmailMessage(subject, body, to=[address]).send()
    except Exception:  # noqa: BLE001  # the act it tells of is done
        _log.exception("A mail to a user could not be sent: %s", subject)
