"""The product in a real browser, over really committed rows. Skipped, with a word, where there is no Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test.testcases import LiveServerThread

from accounts.models import Membership, Seller, User
from accounts.roles import Role
from compliance.models import DeskDay
from tests.accounts.makers import make_member

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Rows are really committed here. (Under this name pytest-django makes the database.)"""
    with django_db_blocker.unblock():
        yield


class _Waiting(ThreadedWSGIServer):
    """Its end waits for what is still answered, so that no connection outlives the database."""

    daemon_threads = False


class _Server(LiveServerThread):
    server_class = _Waiting


@pytest.fixture
def site(db: None) -> Iterator[str]:
    """The address of a server in a thread of this process."""
    server = _Server("127.0.0.1", StaticFilesHandler)
    server.start()
    server.is_ready.wait()
    assert server.error is None, server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture(scope="package")
def chromium(django_db_blocker: Any) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if _CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    # Its driver runs a loop in this thread. Django takes that for asynchronous code, and keeps connections of its own for it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()
        with django_db_blocker.unblock():
            connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def crew(db: None) -> Iterator[Callable[..., User]]:
    """People, gone after the seller whose cases they decided: name this fixture before `live_seller`."""
    hired: list[User] = []

    def hire(role: Role, where: Seller | None = None) -> User:
        hired.append(make_member(role, where))
        return hired[-1]

    yield hire
    DeskDay.objects.all().delete()
    Membership.objects.filter(user__in=hired).delete()
    User.objects.filter(pk__in=[user.pk for user in hired]).delete()


@pytest.fixture
def browse(chromium: Any, site: str) -> Iterator[Callable[[User], Any]]:
    """A page of somebody signed in; relative addresses are the product's. An error in the page's script fails the test."""
    opened, errors = [], []

    def sign_in(user: User) -> Any:
        context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900})
        context.add_cookies(
            [{"name": django_settings.SESSION_COOKIE_NAME, "value": _session(user), "url": site}]
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append(context)
        return page

    yield sign_in
    for context in opened:
        context.close()
    assert not errors


def _session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = (
        str(user.pk),
        django_settings.AUTHENTICATION_BACKENDS[0],
    )
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
