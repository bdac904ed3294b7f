"""The buyers' inbox: Amazon's own requests, typed messages and mails that came through the relay."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..clock import iso
from ..context import Sandbox
from ..marketplaces import BY_ID
from ..world import order as orders
from . import wording
from .layout import page

SIZE = 50
CHANNELS = {"solicitation": "Amazon's review request", "messaging": "Message", "relay_email": "E-mail"}
STATES = {"delivered": "Delivered", "bounced": "Bounced: opted out", "silently_blocked": "Blocked silently"}


def routes() -> list[Route]:
    return [Route("/inbox", listing), Route("/inbox/{id:int}", single)]


async def index(request: Request) -> Response:
    return RedirectResponse("/inbox", 307)


async def listing(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    query = request.query_params
    words, channel, state = (
        query.get("q", "").strip(),
        query.get("channel", ""),
        query.get("state", "delivered"),
    )
    number = int(query["page"]) if query.get("page", "").isdigit() else 1
    rows, total = _find(sandbox, words, channel, state, max(1, number))
    shown = f"<p class='note'>{total} {'message' if total == 1 else 'messages'}</p>" + _table(rows)
    body = _bar(words, channel, state) + shown + _pages(query, max(1, number), total)
    return page("Buyers' inbox", body)


def _find(sandbox: Sandbox, words: str, channel: str, state: str, number: int) -> tuple[list[Any], int]:
    where, values = ["1"], []
    if channel in CHANNELS:
        where.append("channel=?")
        values.append(channel)
    if state in STATES:
        where.append("state=?")
        values.append(state)
    if words:
        where.append(
            "(order_id LIKE ?1 OR subject LIKE ?1 OR text LIKE ?1 OR seller LIKE ?1)".replace("?1", "?")
        )
        values += [f"%{words}%"] * 4
    clause = " AND ".join(where)
    total = sandbox.store.scalar(f"SELECT count(*) FROM contacts WHERE {clause}", *values)  # noqa: S608
    sql = f"SELECT * FROM contacts WHERE {clause} ORDER BY id DESC LIMIT ? OFFSET ?"  # noqa: S608
    return [shaped(sandbox, row) for row in sandbox.store.all(sql, *values, SIZE, (number - 1) * SIZE)], total


def shaped(sandbox: Sandbox, row: Any) -> dict[str, Any]:
    """A contact as its buyer would read it; Amazon's own words for what Amazon writes itself."""
    contact = dict(row)
    order = orders.load(sandbox.store, contact["order_id"])
    language = BY_ID[order.marketplace].language[:2] if order else "en"
    contact["buyer_name"] = (
        sandbox.store.scalar("SELECT name FROM buyers WHERE buyer=?", contact["buyer"]) or ""
    )
    contact["shop"] = (
        sandbox.store.scalar("SELECT business_name FROM sellers WHERE seller=?", contact["seller"]) or ""
    )
    if contact["channel"] == "solicitation":
        title = order.items[0]["title"] if order else ""
        contact["subject"], contact["text"] = wording.review_request(
            language, contact["buyer_name"], contact["shop"], title
        )
    elif contact["channel"] == "messaging":
        contact["subject"] = wording.message_subject(language, contact["kind"], contact["order_id"])
    return contact


def _bar(words: str, channel: str, state: str) -> str:
    kinds = _options({"": "Every kind", **CHANNELS}, channel)
    states = _options({**STATES, "all": "All"}, state)
    return (
        '<form class="bar" role="search"><input type="search" name="q" aria-label="Search" '
        f'value="{escape(words)}" '
        f'placeholder="Order id, seller, words"><select name="channel" aria-label="Kind">{kinds}</select>'
        f'<select name="state" aria-label="State">{states}</select><button class="go">Search</button></form>'
    )


def _options(choices: dict[str, str], chosen: str) -> str:
    return "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{escape(label)}</option>'
        for value, label in choices.items()
    )


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "<p>Nothing here yet. What sellers send and Amazon asks appears as it is accepted.</p>"
    lines = "".join(
        f'<tr><td class="nowrap wide">{iso(row["at"])[:16].replace("T", " ")}</td>'
        f"<td>{escape(row['buyer_name'])}</td>"
        f'<td><a href="/inbox/{row["id"]}">{escape(row["subject"] or "(no subject)")}</a><br>'
        f'<span class="note">{escape(row["shop"])}</span></td>'
        f'<td class="nowrap wide">{escape(row["order_id"])}</td>'
        f'<td><span class="tag">{CHANNELS[row["channel"]]}</span></td></tr>'
        for row in rows
    )
    head = (
        '<tr><th class="wide">When</th><th>Buyer</th><th>Subject</th>'
        '<th class="wide">Order</th><th>Kind</th></tr>'
    )
    return f"<table><thead>{head}</thead><tbody>{lines}</tbody></table>"


def _pages(query: Any, number: int, total: int) -> str:
    kept = {name: value for name, value in query.items() if name != "page"}
    links = []
    if number > 1:
        links.append(f'<a rel="prev" href="?{escape(urlencode({**kept, "page": number - 1}))}">Newer</a>')
    if number * SIZE < total:
        links.append(f'<a rel="next" href="?{escape(urlencode({**kept, "page": number + 1}))}">Older</a>')
    return f'<nav class="pages" aria-label="Pages">{"".join(links)}</nav>' if links else ""


async def single(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    row = sandbox.store.one("SELECT * FROM contacts WHERE id=?", request.path_params["id"])
    if row is None:
        return page("No such message", '<p><a href="/inbox">Back to the inbox</a></p>', 404)
    contact = shaped(sandbox, row)
    return page(contact["subject"] or "(no subject)", _facts(contact) + _content(contact))


def _facts(contact: dict[str, Any]) -> str:
    facts = {
        "Buyer": contact["buyer_name"],
        "From": contact["sender"] or contact["shop"] or "Amazon",
        "Order": contact["order_id"],
        "When": iso(contact["at"]).replace("T", " ").rstrip("Z") + " UTC",
        "Kind": f"{CHANNELS[contact['channel']]} ({contact['kind']})",
        "State": STATES[contact["state"]] + (f" ({contact['reason']})" if contact["reason"] else ""),
    }
    files = ", ".join(str(file.get("fileName", "")) for file in orjson.loads(contact["attachments"]))
    if files:
        facts["Attachments"] = files
    return (
        "<dl class='card'>"
        + "".join(f"<dt>{k}</dt><dd>{escape(str(v))}</dd>" for k, v in facts.items())
        + "</dl>"
    )


def _content(contact: dict[str, Any]) -> str:
    """A foreign mail runs nothing and loads nothing: an empty sandbox and a policy of its own."""
    if contact["html"]:
        rule = "default-src 'none'; style-src 'unsafe-inline'"
        policy = f'<meta http-equiv="Content-Security-Policy" content="{rule}">'
        frame = escape(policy + contact["html"], quote=True)
        return f'<iframe sandbox="" title="The message" srcdoc="{frame}"></iframe>'
    text = escape(contact["text"] or "").replace("\n", "<br>")
    return f'<div class="card">{text or "<span class=note>No text; see the attachments.</span>"}</div>'
