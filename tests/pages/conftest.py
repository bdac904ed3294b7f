"""A seller with a person in each role that matters to pages, and a browser for each."""

from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Seller
from accounts.roles import Role
from tests.accounts.makers import make_connection, make_member


class Browser:
    """A signed-in person on one seller's pages. Requests leave the seller, as they do in life; it is entered again."""

    def __init__(self, seller: Seller, role: Role) -> None:
        self.seller, self.user = seller, make_member(role, seller)
        self.client = Client()
        self.client.force_login(self.user)

    def get(self, name: str, query: str = "", **kwargs):
        return self._asked(self.client.get(self.url(name, **kwargs) + query))

    def post(self, name: str, data=None, **kwargs):
        return self._asked(self.client.post(self.url(name, **kwargs), data or {}))

    def url(self, name: str, **kwargs) -> str:
        return reverse(name, kwargs={"seller": self.seller.slug, **kwargs})

    def _asked(self, answer):
        connection.set_tenant(self.seller)
        answer.text = answer.content.decode()
        return answer


def said(answer) -> str:
    """What the next page will say happened."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.fixture
def amazon(seller):
    """A healthy connection, under the number the order factory gives its orders."""
    return make_connection(seller, pk=1, store_name="Acme Store", sender_address="hello@acme.example")


@pytest.fixture
def browse(seller) -> Callable[[Role], Browser]:
    return lambda role: Browser(seller, role)


@pytest.fixture
def owner(browse):
    return browse(Role.SELLER_OWNER)


@pytest.fixture
def viewer(browse):
    return browse(Role.SELLER_VIEWER)
