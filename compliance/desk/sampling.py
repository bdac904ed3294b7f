"""Which of many are looked at again: by chance, but the same whenever it is asked. Pure."""

import hashlib
import uuid


def is_drawn(public_id: uuid.UUID, share: int) -> bool:
    """True for `share` in 100 of all ids, chosen by the id's own (random) digits."""
    digest = hashlib.sha256(public_id.bytes).digest()
    return int.from_bytes(digest[:8], "big") % 100 < share
