"""Secrets and personal data at rest: AES-256-GCM, a key per seller, bound to the cell they stand in.

`SEALING_KEYS` is a ring `id:base64,id2:base64`, newest first: the first seals, all of them open. To rotate
put a new key in front, run `manage.py reseal`, and leave the last one in place: keyed hashes (suppression
lists and the like) are made with the last key of the ring and can not be made again from what they hide.
"""

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.models import Seller
from accounts.tenancy import current_seller

_FORM = "s1"  # of the value: s1.<key id>.<base64 of nonce and ciphertext>
_NONCE = 12


class SealingError(Exception):
    """A sealed value or the ring of keys is not as it must be."""


class BadKeyRing(SealingError):
    """SEALING_KEYS can not be read."""


class MissingKey(SealingError):
    """The value was sealed with a key that is no longer in SEALING_KEYS."""


class NotSealed(SealingError):
    """The text is not a sealed value."""


class Tampered(SealingError):
    """The value was changed, or stands in another cell or under another seller than it was sealed for."""


@dataclass(frozen=True)
class Key:
    id: str
    secret: bytes


def seal(text: str, cell: str, seller: Seller | None = None) -> str:
    """Seal for one cell (`table.column.pk`) of one seller: the one given, else the one entered."""
    owner, key = _owner(seller), ring()[0]
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_derived(key, owner)).encrypt(nonce, text.encode(), _bound_to(owner, cell))
    return f"{_FORM}.{key.id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def open_sealed(value: str, cell: str, seller: Seller | None = None) -> str:
    """The text again. Raises NotSealed, MissingKey or Tampered."""
    owner = _owner(seller)
    key_id, blob = _taken_apart(value)
    cipher = AESGCM(_derived(_key_named(key_id), owner))
    try:
        return cipher.decrypt(blob[:_NONCE], blob[_NONCE:], _bound_to(owner, cell)).decode()
    except InvalidTag:
        raise Tampered(f"The sealed value in {cell} was changed, or belongs elsewhere") from None


def is_current(value: str) -> bool:
    """Sealed with the newest key."""
    return _taken_apart(value)[0] == ring()[0].id


def reseal(value: str, cell: str, seller: Seller | None = None) -> str:
    """The same text under the newest key; a value already under it comes back as it is."""
    return value if is_current(value) else seal(open_sealed(value, cell, seller), cell, seller)


def keyed_hash(text: str, purpose: str) -> str:
    """64 hex digits that say whether two texts are equal and nothing else. The same in every process and
    after a rotation."""
    secret = _hkdf(ring()[-1].secret, f"permitted/hash/{purpose}")
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def ring() -> tuple[Key, ...]:
    """The keys, newest first. Raises BadKeyRing."""
    return parse_ring(settings.SEALING_KEYS)


@lru_cache(maxsize=8)
def parse_ring(text: str) -> tuple[Key, ...]:
    keys = tuple(_parse_key(part.strip()) for part in text.split(",") if part.strip())
    if not keys:
        raise BadKeyRing("SEALING_KEYS is empty: write id:base64 of 32 random bytes")
    if len({key.id for key in keys}) < len(keys):
        raise BadKeyRing("SEALING_KEYS names one id twice")
    return keys


def _parse_key(part: str) -> Key:
    key_id, _, encoded = part.partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise BadKeyRing(f"SEALING_KEYS: key {key_id!r} is not base64") from None
    if not key_id.isalnum() or len(secret) != 32:
        raise BadKeyRing(
            f"SEALING_KEYS: key {key_id!r} needs a name of letters and digits, and 32 bytes; "
            f"it has {len(secret)}"
        )
    return Key(key_id, secret)


def _key_named(key_id: str) -> Key:
    for key in ring():
        if key.id == key_id:
            return key
    raise MissingKey(f"Key {key_id!r} is not in SEALING_KEYS: put it back, then run manage.py reseal")


def _taken_apart(value: str) -> tuple[str, bytes]:
    form, _, rest = value.partition(".")
    key_id, _, encoded = rest.partition(".")
    try:
        blob = base64.b64decode(encoded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    if form != _FORM or len(blob) <= _NONCE:
        raise NotSealed("The text is not a sealed value")
    return key_id, blob


def _owner(seller: Seller | None) -> str:
    return str((seller or current_seller()).public_id)


def _bound_to(owner: str, cell: str) -> bytes:
    return f"{owner}|{cell}".encode()


@lru_cache(maxsize=4096)
def _derived(key: Key, owner: str) -> bytes:
    return _hkdf(key.secret, f"permitted/seal/{owner}")


def _hkdf(secret: bytes, info: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode()).derive(secret)
