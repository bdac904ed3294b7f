"""Login with Amazon: applications, grants, tokens, and how each of them dies.

Error bodies: Amazon's website authorization workflow and developer threads (read 2026-11).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from .clock import Clock
from .store import Store

TOKEN_LIFE = 3600
CODE_LIFE = 300
GRANT_LIFE = 365 * 86_400
UNLISTED_GRANTS = 25
SCOPES = frozenset(
    (
        "sellingpartnerapi::notifications",
        "sellingpartnerapi::migration",
        "sellingpartnerapi::client_credential:rotation",
        "sellingpartnerapi::rotation",
    )
)
PII_ROLE = "Direct-to-Consumer Delivery"
ROLES = (
    "Buyer Communication",
    "Buyer Solicitation",
    "Inventory and Order Tracking",
    "Product Listing",
    "Pricing",
    "Amazon Fulfillment",
    "Selling Partner Insights",
    "Finance and Accounting",
    "Brand Analytics",
    PII_ROLE,
)
DEFAULT_APP: dict[str, Any] = {
    "client_id": "amzn1.application-oa2-client.permitted-demo",
    "application_id": "amzn1.sp.solution.permitted-demo",
    "name": "Permitted (demo)",
    "secrets": ["amzn1.oa2-cs.v1.permitted-demo"],
    "roles": list(ROLES),
    "redirect_uris": ["http://127.0.0.1*", "http://localhost*", "https://localhost*", "http://testserver*"],
    "login_uri": "",
    "draft": False,
    "listed": True,
}


class LwaError(Exception):
    """Login with Amazon says no: HTTP status, OAuth error and its description."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status, self.error, self.description = status, error, description

    def body(self) -> dict[str, str]:
        return {"error": self.error, "error_description": self.description}


def _bad_grant(parameter: str) -> LwaError:
    tail = " User may have revoked or didn't grant the permission." if parameter == "refresh_token" else ""
    return LwaError(400, "invalid_grant", f"The request has an invalid grant parameter : {parameter}.{tail}")


@dataclass(frozen=True, slots=True)
class App:
    client_id: str
    application_id: str
    name: str
    secrets: tuple[str, ...]
    roles: frozenset[str]
    redirect_uris: tuple[str, ...]
    login_uri: str
    draft: bool
    listed: bool

    def knows(self, redirect_uri: str) -> bool:
        return any(_fits(redirect_uri, known) for known in self.redirect_uris)

    def holds(self, roles: Iterable[str]) -> bool:
        wanted = frozenset(roles)
        return not wanted or bool(self.roles & wanted)


def _fits(uri: str, known: str) -> bool:
    """A trailing star allows any port and path of that host, and nothing else."""
    if not known.endswith("*"):
        return uri == known
    parts, base = urlsplit(uri), urlsplit(known[:-1])
    return (parts.scheme, parts.hostname) == (base.scheme, base.hostname) and not parts.username


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a call comes from. `seller` is '' for a grantless token; `resources` only for a restricted
    token.
    """

    client_id: str
    seller: str
    scope: str
    expires_at: float
    refresh_token: str
    resources: tuple[dict[str, Any], ...] = ()


@dataclass(slots=True)
class Auth:
    store: Store
    clock: Clock
    _apps: dict[str, App] = field(default_factory=dict)
    _tokens: dict[str, Identity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.store.one("SELECT 1 FROM apps") is None:
            self.register(DEFAULT_APP)
        for row in self.store.all("SELECT * FROM apps"):
            self._apps[row["client_id"]] = _app(dict(row))

    # -- applications

    def register(self, facts: dict[str, Any]) -> App:
        """Create or replace an application. Raises ValueError naming an unknown field."""
        known = {**DEFAULT_APP, **facts}
        if extra := set(known) - set(DEFAULT_APP):
            raise ValueError(f"app: unknown field {min(extra)!r}; use {', '.join(DEFAULT_APP)}")
        row = {k: orjson.dumps(v).decode() if isinstance(v, list) else v for k, v in known.items()}
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        self.store.run(f"INSERT OR REPLACE INTO apps ({columns}) VALUES ({marks})", *row.values())  # noqa: S608
        self._apps[known["client_id"]] = _app(row)
        return self._apps[known["client_id"]]

    def app(self, client_id: str) -> App | None:
        return self._apps.get(client_id)

    def app_by_application(self, application_id: str) -> App | None:
        return next((app for app in self._apps.values() if app.application_id == application_id), None)

    def apps(self) -> list[App]:
        return list(self._apps.values())

    # -- the token server

    def exchange(self, form: dict[str, str]) -> dict[str, Any]:
        """Answer one form posted to `/auth/o2/token`. Raises LwaError in Amazon's words."""
        kind = form.get("grant_type", "")
        if not kind:
            raise LwaError(400, "invalid_request", "The request is missing a required parameter : grant_type")
        client = self._client(form)
        if kind == "authorization_code":
            return self._from_code(client, form)
        if kind == "refresh_token":
            return self._from_refresh(client, form)
        if kind == "client_credentials":
            return self._grantless(client, form)
        raise LwaError(
            400,
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server",
        )

    def _client(self, form: dict[str, str]) -> App:
        for name in ("client_id", "client_secret"):
            if not form.get(name):
                raise LwaError(
                    400, "invalid_request", f"The request is missing a required parameter : {name}"
                )
        app = self._apps.get(form["client_id"])
        if app is None or form["client_secret"] not in app.secrets:
            raise LwaError(401, "invalid_client", "Client authentication failed")
        return app

    def _from_code(self, app: App, form: dict[str, str]) -> dict[str, Any]:
        with self.store.transaction():
            row = self.store.one("SELECT * FROM codes WHERE code=?", form.get("code", ""))
            fresh = row is not None and self.clock.now() - row["issued_at"] <= CODE_LIFE
            if row is None or not fresh or row["client_id"] != app.client_id:
                raise _bad_grant("code")
            if form.get("redirect_uri", row["redirect_uri"]) != row["redirect_uri"]:
                raise _bad_grant("redirect_uri")
            self.store.run("DELETE FROM codes WHERE code=?", row["code"])  # a code serves once
            refresh_token = self.grant(app.client_id, row["seller"])
        return self._answer(app.client_id, row["seller"], refresh_token)

    def _from_refresh(self, app: App, form: dict[str, str]) -> dict[str, Any]:
        row = self.store.one("SELECT * FROM grants WHERE refresh_token=?", form.get("refresh_token", ""))
        if row is None or row["client_id"] != app.client_id or row["revoked_at"] is not None:
            raise _bad_grant("refresh_token")
        if self.clock.now() - row["granted_at"] > GRANT_LIFE:
            raise _bad_grant("refresh_token")
        return self._answer(app.client_id, row["seller"], row["refresh_token"])

    def _grantless(self, app: App, form: dict[str, str]) -> dict[str, Any]:
        scope = form.get("scope", "")
        if scope not in SCOPES:
            raise LwaError(400, "invalid_scope", "The request has an invalid parameter : scope")
        token = self._issue(Identity(app.client_id, "", scope, self.clock.now() + TOKEN_LIFE, ""))
        return {"access_token": token, "scope": scope, "token_type": "bearer", "expires_in": TOKEN_LIFE}

    def _answer(self, client_id: str, seller: str, refresh_token: str) -> dict[str, Any]:
        token = self._issue(Identity(client_id, seller, "", self.clock.now() + TOKEN_LIFE, refresh_token))
        return {
            "access_token": token,
            "refresh_token": refresh_token,
            "token_type": "bearer",
            "expires_in": TOKEN_LIFE,
        }

    def _issue(self, identity: Identity, prefix: str = "Atza|") -> str:
        token = prefix + secrets.token_urlsafe(48)
        self.store.run(
            "INSERT INTO access_tokens VALUES (?,?,?,?,?,?,?)",
            token,
            identity.client_id,
            identity.seller,
            identity.refresh_token,
            identity.scope,
            identity.expires_at,
            orjson.dumps(identity.resources).decode(),
        )
        self._tokens[token] = identity
        return token

    # -- grants

    def code(self, app: App, seller: str, redirect_uri: str) -> str:
        """A one-use authorisation code, good for five minutes."""
        code = secrets.token_urlsafe(16)
        self.store.run(
            "INSERT INTO codes VALUES (?,?,?,?,?)",
            code,
            app.client_id,
            seller,
            redirect_uri,
            self.clock.now(),
        )
        return code

    def may_grant(self, app: App) -> bool:
        """An application that is not in the Appstore may serve 25 sellers."""
        if app.listed:
            return True
        sql = "SELECT count(DISTINCT seller) FROM grants WHERE client_id=? AND revoked_at IS NULL"
        return bool(self.store.scalar(sql, app.client_id) < UNLISTED_GRANTS)

    def grant(self, client_id: str, seller: str) -> str:
        """A new refresh token of this seller for this application."""
        token = "Atzr|" + secrets.token_urlsafe(96)
        self.store.run("INSERT INTO grants VALUES (?,?,?,?,NULL)", token, client_id, seller, self.clock.now())
        return token

    def revoke(self, seller: str, client_id: str = "") -> int:
        """The seller takes the authorisation back; living access tokens die with it. May run twice."""
        sql = "UPDATE grants SET revoked_at=? WHERE seller=? AND (?='' OR client_id=?) AND revoked_at IS NULL"
        count = self.store.run(sql, self.clock.now(), seller, client_id, client_id).rowcount
        doomed = [t for t, i in self._tokens.items() if i.seller == seller and client_id in ("", i.client_id)]
        for token in doomed:
            del self._tokens[token]
        self.store.run(
            "DELETE FROM access_tokens WHERE seller=? AND (?='' OR client_id=?)", seller, client_id, client_id
        )
        return count

    def restricted(self, identity: Identity, resources: list[dict[str, Any]]) -> str:
        life = Identity(
            identity.client_id,
            identity.seller,
            "",
            self.clock.now() + TOKEN_LIFE,
            identity.refresh_token,
            tuple(resources),
        )
        return self._issue(life, "Atz.sprdt|")

    def identify(self, token: str) -> Identity | None:
        """Who holds this access token; None when it is unknown, expired or revoked."""
        identity = self._tokens.get(token) or self._stored(token)
        if identity is None or identity.expires_at < self.clock.now():
            return None
        return identity

    def _stored(self, token: str) -> Identity | None:
        row = self.store.one("SELECT * FROM access_tokens WHERE token=?", token)
        if row is None:
            return None
        identity = Identity(
            row["client_id"],
            row["seller"],
            row["scope"],
            row["expires_at"],
            row["refresh_token"],
            tuple(orjson.loads(row["resources"] or "[]")),
        )
        self._tokens[token] = identity
        return identity

    def forget(self) -> None:
        self._tokens.clear()


def _app(row: dict[str, Any]) -> App:
    lists = {name: tuple(orjson.loads(row[name])) for name in ("secrets", "roles", "redirect_uris")}
    return App(
        row["client_id"],
        row["application_id"],
        row["name"],
        lists["secrets"],
        frozenset(lists["roles"]),
        lists["redirect_uris"],
        row["login_uri"],
        bool(row["draft"]),
        bool(row["listed"]),
    )
