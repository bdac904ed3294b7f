"""The page on which a seller authorises an application, and the Appstore's way of starting the same.

Steps: website authorization workflow and Appstore workflow of Amazon's guides (read 2026-11).
"""

from __future__ import annotations

import secrets
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..auth import App
from ..context import Sandbox
from .layout import page


def routes() -> list[Route]:
    return [
        Route("/apps/authorize/consent", consent, methods=["GET"]),
        Route("/apps/authorize/consent", decide, methods=["POST"]),
        Route("/appstore/login", appstore, methods=["GET"]),
        Route("/apps/authorize/confirm/{application_id}", confirm, methods=["GET"]),
    ]


class Refused(Exception):
    """Amazon would show an error page; the text says why."""


def _asked(sandbox: Sandbox, asked: dict[str, str]) -> tuple[App, str]:
    """The application and the address to return to. Raises Refused."""
    app = sandbox.auth.app_by_application(asked.get("application_id", ""))
    if app is None:
        raise Refused("application_id is missing or unknown.")
    if app.draft and asked.get("version") != "beta":
        raise Refused("This application is a draft: add version=beta to the address.")
    redirect_uri = asked.get("redirect_uri", "")
    if not redirect_uri:
        redirect_uri = next((uri for uri in app.redirect_uris if not uri.endswith("*")), "")
    if not redirect_uri or not app.knows(redirect_uri):
        raise Refused("redirect_uri is missing or not registered for this application.")
    return app, redirect_uri


async def consent(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    asked = dict(request.query_params)
    try:
        app, _ = _asked(sandbox, asked)
    except Refused as refused:
        return page("This cannot be authorised", f"<p>{escape(str(refused))}</p>", 400)
    return page(f"Authorise {app.name}", _form(sandbox, app, asked))


def _form(sandbox: Sandbox, app: App, asked: dict[str, str]) -> str:
    sellers = sandbox.store.all(
        "SELECT seller, business_name, region FROM sellers ORDER BY business_name LIMIT 500"
    )
    if not sellers:
        return "<p>The sandbox has no sellers yet. Add one with <code>POST /__sandbox/sellers</code>.</p>"
    chosen = asked.get("selling_partner_id") or sellers[0]["seller"]
    choices = "".join(
        f'<label class="choice"><input type="radio" name="seller" value="{escape(row["seller"])}"'
        f"{' checked' if row['seller'] == chosen else ''}> <span>{escape(row['business_name'])}"
        f' <span class="note">{escape(row["seller"])}, {row["region"].upper()}</span></span></label>'
        for row in sellers
    )
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
        for name in ("application_id", "state", "redirect_uri", "version", "amazon_state")
        if name in asked
    )
    roles = "".join(f"<li>{escape(role)}</li>" for role in sorted(app.roles))
    return (
        f"<p><strong>{escape(app.name)}</strong> asks to act for a selling account, with these roles:</p>"
        f"<ul>{roles}</ul>"
        f'<form method="post" action="/apps/authorize/consent">{hidden}<fieldset>'
        f"<legend>Sign in as</legend>{choices}"
        f'</fieldset><button class="go" name="decision" value="authorise">Authorise</button> '
        f'<button name="decision" value="decline">Decline</button></form>'
    )


async def decide(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    form = {name: str(value) for name, value in (await request.form()).items()}
    try:
        app, redirect_uri = _asked(sandbox, form)
        answer = _answer(sandbox, app, form, redirect_uri)
    except Refused as refused:
        return page("This cannot be authorised", f"<p>{escape(str(refused))}</p>", 400)
    return RedirectResponse(_with(redirect_uri, answer), 303)


def _answer(sandbox: Sandbox, app: App, form: dict[str, str], redirect_uri: str) -> dict[str, str]:
    back: dict[str, str] = {name: form[name] for name in ("state", "amazon_state") if name in form}
    if form.get("decision") != "authorise":
        return {
            **back,
            "error": "access_denied",
            "error_description": "The seller declined the authorisation.",
        }
    seller = form.get("seller", "")
    if sandbox.store.one("SELECT 1 FROM sellers WHERE seller=?", seller) is None:
        raise Refused("Choose one of the sellers.")
    if not sandbox.auth.may_grant(app):
        raise Refused("An application that is not listed in the Appstore can serve 25 sellers.")
    code = sandbox.auth.code(app, seller, redirect_uri)
    return {**back, "selling_partner_id": seller, "spapi_oauth_code": code}


async def appstore(request: Request) -> Response:
    """The seller starts in the Appstore: Amazon opens the application's login address with a way back."""
    sandbox: Sandbox = request.app.state.sandbox
    application_id = request.query_params.get("application_id", "")
    app = sandbox.auth.app_by_application(application_id)
    login_uri = request.query_params.get("login_uri") or (app.login_uri if app else "")
    if app is None or not login_uri or not (login_uri == app.login_uri or app.knows(login_uri)):
        return page(
            "This cannot be authorised",
            "<p>The application is unknown or has no registered login address.</p>",
            400,
        )
    state = secrets.token_urlsafe(12)
    seller = request.query_params.get("selling_partner_id", "")
    sandbox.store.remember(f"amazon_state:{state}", {"application_id": application_id, "seller": seller})
    callback = f"{sandbox.base_url}/apps/authorize/confirm/{application_id}"
    query = {"amazon_callback_uri": callback, "amazon_state": state, "selling_partner_id": seller}
    return RedirectResponse(_with(login_uri, query), 303)


async def confirm(request: Request) -> Response:
    """The application sends the seller back here after its own sign-in; the rest is the ordinary redirect."""
    sandbox: Sandbox = request.app.state.sandbox
    asked = {**request.query_params, "application_id": request.path_params["application_id"]}
    known = sandbox.store.recall(f"amazon_state:{asked.get('amazon_state', '')}")
    try:
        app, redirect_uri = _asked(sandbox, asked)
        if known is None or known["application_id"] != app.application_id:
            raise Refused("amazon_state is missing or unknown.")
        answer = _answer(
            sandbox, app, {**asked, "decision": "authorise", "seller": known["seller"]}, redirect_uri
        )
    except Refused as refused:
        return page("This cannot be authorised", f"<p>{escape(str(refused))}</p>", 400)
    return RedirectResponse(_with(redirect_uri, answer), 303)


def _with(uri: str, query: dict[str, str]) -> str:
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *query.items()])))
