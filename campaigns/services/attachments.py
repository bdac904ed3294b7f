"""Files that go with a text. What a file is is read from its bytes, never from its name."""

import hashlib
import uuid
from pathlib import Path
from typing import Protocol

import puremagic
from django.conf import settings

from accounts.tenancy import current_seller
from campaigns.errors import AttachmentRefused, NotEditable
from campaigns.models import TemplateAttachment, TemplateVersion


class Upload(Protocol):
    """What Django's UploadedFile offers."""

    @property
    def name(self) -> str | None: ...

    @property
    def size(self) -> int | None: ...

    def read(self) -> bytes: ...


#: Amazon takes at most 10 MB a message (Seller Central, messaging help, read 2026-11-23).
MAX_BYTES = 10 << 20
MAX_FILES = 5
KINDS = ("invoice", "warranty", "instructions", "other")
CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".txt": "text/plain",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def add(version: TemplateVersion, file: Upload, *, kind: str) -> TemplateAttachment:
    """Keep a file with a draft. Raises AttachmentRefused naming what is wrong with it."""
    _refuse_what_cannot_go(version, file, kind)
    content = file.read()
    content_type = _content_type(file.name or "", content)
    stored = _store(content)
    return TemplateAttachment.objects.create(
        version=version, file_name=Path(file.name or "file").name[:120], stored_as=stored, content_type=content_type,
        size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest(), kind=kind,
    )  # fmt: skip


def remove(attachment: TemplateAttachment) -> None:
    """The file itself stays while another version shares it."""
    if attachment.version.state != TemplateVersion.State.DRAFT:
        raise NotEditable("This version is frozen; edit it to make a new one without the file.")
    attachment.delete()


def path_of(attachment: TemplateAttachment) -> Path:
    return Path(settings.MEDIA_ROOT) / attachment.stored_as


def safe_type(content_type: str) -> str:
    """As what a file may be handed to a browser: what we took it in as, else bytes to be saved."""
    return content_type if content_type in CONTENT_TYPES.values() else "application/octet-stream"


def _refuse_what_cannot_go(version: TemplateVersion, file: Upload, kind: str) -> None:
    if version.state != TemplateVersion.State.DRAFT:
        raise NotEditable("This version is frozen; edit it to make a new one with the file.")
    if kind not in KINDS:
        raise AttachmentRefused(f"{kind!r} is no kind of attachment; choose one of {', '.join(KINDS)}.")
    if (file.size or 0) > MAX_BYTES:
        raise AttachmentRefused(f"{file.name} is larger than Amazon takes (10 MB); make it smaller.")
    if version.attachments.count() >= MAX_FILES:
        raise AttachmentRefused(f"A message carries at most {MAX_FILES} files; remove one first.")


def _content_type(name: str, content: bytes) -> str:
    wanted = CONTENT_TYPES.get(Path(name).suffix.lower())
    if wanted is None:
        raise AttachmentRefused(f"{name}: only {', '.join(sorted(CONTENT_TYPES))} can be attached.")
    if not _is_what_it_says(wanted, content):
        raise AttachmentRefused(f"{name} is not the kind of file its name says; save it again as what it is.")
    return wanted


def _is_what_it_says(wanted: str, content: bytes) -> bool:
    if wanted == "text/plain":
        return b"\0" not in content
    try:
        kinds = {match.mime_type for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        return False
    return wanted in kinds


def _store(content: bytes) -> str:
    name = f"attachments/{current_seller().public_id}/{uuid.uuid4().hex}"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name
