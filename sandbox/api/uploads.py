"""Uploads API 2020-11-01, and the place where the file is put (Amazon's model, read 2026-11)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets

from .. import errors
from ..context import Sandbox
from ..gateway import Call, Reply, operation
from .common import one_marketplace

LIFE = 15 * 60
LARGEST = 10 * 1024 * 1024
RESOURCE = re.compile(r"^/?messaging/v1/orders/[^/]+/messages/\w+$|^/?aplus/2020-11-01/contentDocuments$")


@operation(
    "createUploadDestinationForResource",
    "POST",
    "/uploads/2020-11-01/uploadDestinations/{resource+}",
    10,
    10,
    ("Buyer Communication", "Product Listing", "Inventory and Order Tracking"),
)
def create(call: Call) -> Reply:
    one_marketplace(call)
    md5, resource = call.text("contentMD5").replace(" ", "+"), call.path["resource"]
    if not md5:
        raise errors.missing_parameter("contentMD5")
    if not RESOURCE.match(resource):
        raise errors.invalid_input("The resource is not supported.")
    upload = secrets.token_hex(16)
    content_type = call.text("contentType", "application/octet-stream")
    call.sandbox.store.run(
        "INSERT INTO uploads VALUES (?,?,?,?,?,?,NULL)",
        upload,
        call.seller,
        resource,
        md5,
        content_type,
        call.now + LIFE,
    )
    url = f"{call.sandbox.base_url}/__sandbox/put/{upload}"
    headers = {"Content-Type": content_type, "Content-MD5": md5}
    return Reply(201, {"payload": {"uploadDestinationId": upload, "url": url, "headers": headers}})


def put(sandbox: Sandbox, upload: str, content: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Take the file. Answers an HTTP status and a word, as a pre-signed address would."""
    row = sandbox.store.one("SELECT * FROM uploads WHERE upload=?", upload)
    if row is None or row["expires_at"] < sandbox.clock.now():
        return 403, "Request has expired"
    if headers.get("content-md5") != row["md5"] or headers.get("content-type") != row["content_type"]:
        return 403, "SignatureDoesNotMatch"
    if len(content) > LARGEST:
        return 400, "EntityTooLarge"
    if not _matches(content, row["md5"]):
        return 400, "BadDigest"
    sandbox.store.run("UPDATE uploads SET content=? WHERE upload=?", content, upload)
    return 200, ""


def _matches(content: bytes, md5: str) -> bool:
    """Base64 as Amazon's samples send it, or hex as its model shows it."""
    digest = hashlib.md5(content, usedforsecurity=False)
    if md5.lower() == digest.hexdigest():
        return True
    try:
        return base64.b64decode(md5, validate=True) == digest.digest()
    except binascii.Error:
        return False


def is_uploaded(call: Call, upload: str, kind: str) -> bool:
    row = call.sandbox.store.one(
        "SELECT seller, resource, content IS NOT NULL AS there FROM uploads WHERE upload=?", upload
    )
    if row is None or not row["there"] or row["seller"] != call.seller:
        return False
    wanted = f"messaging/v1/orders/{call.path['amazonOrderId']}/messages/{kind}"
    return str(row["resource"]).lstrip("/") == wanted
