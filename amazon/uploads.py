"""Uploads API 2020-11-01: put a file where a message can attach it.

The checksum is the MD5 digest in base64, as in Amazon's upload sample; the model's example shows hex (read
2026-11-23; not settled without a live account). MD5 is Amazon's choice and guards against damage only.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from .client import Application, Caller, SellingPartner
from .errors import AmazonError, Outcome, classify
from .messaging import Attachment
from .transport import MayHaveLeft, NeverLeft

OPERATION = "createUploadDestinationForResource"
#: Amazon's help on attachments to buyers (read 2026-11-23).
MAX_BYTES = 10 << 20


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to PUT the file, with exactly these headers, within minutes. The address is a secret while it
    lives.
    """

    id: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)


def upload(
    seller: SellingPartner,
    kind: str,
    order_id: str,
    marketplace_id: str,
    file_name: str,
    content: bytes,
    content_type: str,
) -> Attachment:
    """Upload one file for a message of type `kind`. Raises AmazonError, ValueError for a file Amazon would
    not take.

    May be repeated: an upload nobody attaches is forgotten by Amazon.
    """
    if not 0 < len(content) <= MAX_BYTES:
        raise ValueError(
            f"{file_name}: {len(content)} bytes; Amazon takes files of 1 byte to {MAX_BYTES >> 20} MB"
        )
    resource = f"messaging/v1/orders/{order_id}/messages/{kind}"
    destination = create_destination(seller, resource, marketplace_id, content, content_type)
    put(seller, destination, content, content_type)
    return Attachment(destination.id, file_name)


def create_destination(
    seller: Caller, resource: str, marketplace_id: str, content: bytes, content_type: str
) -> Destination:
    answer = seller.call(
        OPERATION,
        marketplace_ids=[marketplace_id],
        content_md5=checksum(content),
        resource=resource,
        content_type=content_type,
    )
    facts = answer.data.get("payload") or answer.data
    try:
        headers = {str(name): str(value) for name, value in (facts.get("headers") or {}).items()}
        return Destination(facts["uploadDestinationId"], facts["url"], headers)
    except KeyError as missing:
        raise AmazonError(Outcome.RETRY, message=f"the answer lacks {missing}", operation=OPERATION) from None


def put(
    caller: SellingPartner | Application, destination: Destination, content: bytes, content_type: str
) -> None:
    client = caller.client
    url = client.settings.check_address(destination.url, "upload address")
    headers = destination.headers or {"Content-Type": content_type}
    try:
        reply = client.transport.exchange("PUT", url, headers, content)
    except (NeverLeft, MayHaveLeft) as error:
        raise AmazonError(Outcome.RETRY, message=str(error), operation="upload") from error
    if not reply.is_success:
        raise _refused(reply.status)


def _refused(status: int) -> AmazonError:
    """Storage answers in XML, and 403 there means an address that has expired: a new one helps."""
    if status in (403, 404):
        return AmazonError(
            Outcome.RETRY,
            "The upload address expired. A new one will be asked for.",
            status=status,
            operation="upload",
        )
    return classify(status, b"", None, "upload")


def checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
