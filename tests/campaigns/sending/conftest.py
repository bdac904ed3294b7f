from collections.abc import Callable, Iterator

import pytest

from accounts.models import Connection, Seller
from campaigns.services.dispatch import Turn, take_turn
from tests.campaigns.sending.helpers import Remembering, make_sendable


@pytest.fixture
def account(seller: Seller) -> Iterator[Connection]:
    """A connected seller whose installation may send, entered."""
    return make_sendable(seller)


@pytest.fixture
def channel() -> Remembering:
    return Remembering()


@pytest.fixture
def dispatch(account: Connection, channel: Remembering) -> Callable[..., Turn]:
    """One turn of the entered seller, through the remembering channel."""

    def turn(limit: int = 100) -> Turn:
        return take_turn(account.seller, channel, limit)  # type: ignore[arg-type]

    return turn
