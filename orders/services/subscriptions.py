"""Having Amazon put hints about changed orders into our queue, where there is one.

One destination a region belongs to the application; one subscription to each seller. Without a queue nothing
is done and nothing is missed: polling alone finds everything. (Notifications API, read 2026-11-23.)
"""

import logging
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import Connection
from accounts.services import amazon_client, connections
from amazon import notifications
from amazon.errors import AmazonError

DESTINATION = "permitted-orders"
_log = logging.getLogger(__name__)


def subscribe(link: Connection) -> bool:
    """Whether this connection's hints come now. May run twice; Amazon's refusal is noted and changes nothing."""
    if not settings.AMAZON_SQS_QUEUE_URL:
        return False
    try:
        application = amazon_client.client().application(link.region)
        destination = notifications.create_destination(application, DESTINATION, queue_arn())
        partner = connections.selling_partner(link)
        notifications.create_subscription(
            partner, notifications.ORDER_CHANGE, destination, link.marketplace_ids
        )
    except AmazonError as error:
        _log.warning("No hints for connection %s: %s", link.pk, error)
        return False
    return True


def queue_arn() -> str:
    """The queue's name as Amazon's services know it: the address says region, account and name."""
    parts = urlsplit(settings.AMAZON_SQS_QUEUE_URL)
    host, path = (parts.hostname or "").split("."), parts.path.strip("/").split("/")
    region = host[1] if len(host) > 2 and host[0] == "sqs" else "us-east-1"
    return f"arn:aws:sqs:{region}:{':'.join(path[-2:])}"
