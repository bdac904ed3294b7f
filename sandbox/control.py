"""The sandbox's own controls, under `/__sandbox/`: worlds, clock, faults, facts of orders, and the ledger.

Every answer is JSON. A wrong request answers 400 `{"error": "<field>: <what is wrong, what to do>"}`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import ledger, store
from .clock import iso, parsed
from .context import Sandbox
from .limits import Rate
from .world import facts, life, sellers

Body = dict[str, Any]
Action = Callable[[Sandbox, Body, Request], Any]


class Unknown(Exception):
    """There is no such thing; the text says what was looked for."""


def routes() -> list[Route]:
    return [Route(path, _endpoint(action), methods=[method]) for method, path, action in ACTIONS]


def _endpoint(action: Action) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        sandbox: Sandbox = request.app.state.sandbox
        try:
            return reply(action(sandbox, await _body(request), request))
        except Unknown as error:
            return reply({"error": str(error)}, 404)
        except (ValueError, KeyError, TypeError) as error:
            text = f"{error.args[0]}: missing" if isinstance(error, KeyError) else str(error)
            return reply({"error": text}, 400)

    return answer


async def _body(request: Request) -> Body:
    raw = await request.body()
    if not raw:
        return {}
    body = orjson.loads(raw)
    if not isinstance(body, dict):
        raise TypeError("body: must be a JSON object")
    return body


def reply(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content, default=str), status, media_type="application/json")


# -- state of the sandbox


def health(sandbox: Sandbox, body: Body, request: Request) -> Any:
    counts = {
        "sellers": sandbox.store.scalar("SELECT count(*) FROM sellers"),
        "contacts": sandbox.store.scalar("SELECT count(*) FROM contacts"),
    }
    return {
        "status": "ok",
        "http": sandbox.base_url,
        "smtp": sandbox.smtp_address,
        "now": iso(sandbox.clock.now()),
        **counts,
    }


def read_clock(sandbox: Sandbox, body: Body, request: Request) -> Any:
    now = sandbox.clock.now()
    return {"now": iso(now), "epoch": now, "speed": sandbox.clock.speed}


def move_clock(sandbox: Sandbox, body: Body, request: Request) -> Any:
    """`set` (ISO 8601), `advance` (seconds) and `speed`, any of them; then everything due happens."""
    if extra := set(body) - {"set", "advance", "speed", "new_orders"}:
        raise ValueError(f"{min(extra)}: unknown; give set, advance, speed or new_orders")
    if "set" in body:
        sandbox.clock.set(parsed(body["set"]))
    if "advance" in body:
        sandbox.clock.advance(float(body["advance"]))
    if "speed" in body:
        sandbox.clock.run_at(float(body["speed"]))
    happened = life.tick(sandbox, new_orders=bool(body.get("new_orders", sandbox.options.live)))
    sandbox.save_clock()
    return {**read_clock(sandbox, body, request), **happened}


def tick(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return life.tick(sandbox, new_orders=bool(body.get("new_orders", True)))


def read_settings(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return sandbox.settings


def change_settings(sandbox: Sandbox, body: Body, request: Request) -> Any:
    sandbox.change_settings(body)
    return sandbox.settings


def reset(sandbox: Sandbox, body: Body, request: Request) -> Any:
    """`{"what": "world"}` (default) forgets everything but applications; `"ledger"` only what was asked
    and sent.
    """
    what = body.get("what", "world")
    if what not in ("world", "ledger"):
        raise ValueError(f"what: {what!r} is neither world nor ledger")
    sandbox.store.clear(store.WORLD if what == "world" else store.LEDGER)
    if what == "world":
        sandbox.auth.forget()
        sandbox.faults.clear()
        sandbox.limits.rates.clear()
    sandbox.limits.refill()
    return {"reset": what}


# -- applications, sellers, grants


def list_apps(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return [
        {
            "client_id": a.client_id,
            "application_id": a.application_id,
            "name": a.name,
            "roles": sorted(a.roles),
            "redirect_uris": a.redirect_uris,
            "draft": a.draft,
            "listed": a.listed,
        }
        for a in sandbox.auth.apps()
    ]


def add_app(sandbox: Sandbox, body: Body, request: Request) -> Any:
    app = sandbox.auth.register(body)
    return {"client_id": app.client_id, "application_id": app.application_id}


def list_sellers(sandbox: Sandbox, body: Body, request: Request) -> Any:
    rows = sandbox.store.all("SELECT * FROM sellers ORDER BY seller")
    return [
        {
            "selling_partner_id": r["seller"],
            "name": r["name"],
            "business_name": r["business_name"],
            "region": r["region"],
            "marketplaces": orjson.loads(r["marketplaces"]),
        }
        for r in rows
    ]


def add_seller(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return sellers.add_seller(sandbox, body)


def _seller(sandbox: Sandbox, body: Body) -> str:
    seller = str(body["selling_partner_id"])
    if sandbox.store.one("SELECT 1 FROM sellers WHERE seller=?", seller) is None:
        raise ValueError(
            f"selling_partner_id: no seller {seller!r} here; add it with POST /__sandbox/sellers"
        )
    return seller


def _client(sandbox: Sandbox, body: Body) -> str:
    client = str(body.get("client_id") or sandbox.auth.apps()[0].client_id)
    if sandbox.auth.app(client) is None:
        raise ValueError(f"client_id: no application {client!r} here; add it with POST /__sandbox/apps")
    return client


def add_grant(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return {"refresh_token": sandbox.auth.grant(_client(sandbox, body), _seller(sandbox, body))}


def revoke(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return {"revoked": sandbox.auth.revoke(_seller(sandbox, body), str(body.get("client_id") or ""))}


# -- limits and faults


def read_buckets(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return [
        {"selling_partner_id": s, "operation": o, "rate": r.per_second, "burst": r.burst}
        for (s, o), r in sandbox.limits.rates.items()
    ]


def set_buckets(sandbox: Sandbox, body: Body, request: Request) -> Any:
    """`rate` and `burst` for a `selling_partner_id` and `operation` (either may be left out: all of them)."""
    limits = sandbox.limits
    if "stray" in body:
        limits.stray = float(body["stray"])
    if "app_wide" in body:
        wide = body["app_wide"]
        limits.app_wide = Rate(float(wide["rate"]), float(wide["burst"])) if wide else None
    if "rate" in body:
        key = (str(body.get("selling_partner_id") or ""), str(body.get("operation") or ""))
        limits.rates[key] = Rate(float(body["rate"]), float(body.get("burst", max(1, body["rate"]))))
    limits.refill()
    return read_buckets(sandbox, body, request)


def list_faults(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return sandbox.faults.all()


def add_fault(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return {"id": sandbox.faults.add(body).id}


def clear_faults(sandbox: Sandbox, body: Body, request: Request) -> Any:
    sandbox.faults.clear(body.get("id"))
    return {"left": len(sandbox.faults.all())}


# -- orders and buyers


def list_orders(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return facts.find(sandbox, dict(request.query_params))


def read_order(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return _known(facts.read(sandbox, request.path_params["order_id"]), request)


def make_order(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return facts.make(sandbox, {**body, "selling_partner_id": _seller(sandbox, body)})


def change_order(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return _known(facts.change(sandbox, request.path_params["order_id"], body), request)


def _known(found: Any, request: Request) -> Any:
    if found is None:
        raise Unknown(f"order_id: no order {request.path_params['order_id']!r} here")
    return found


def opt_out(sandbox: Sandbox, body: Body, request: Request) -> Any:
    """`order_id` or `address` says which buyer; `opted_out` (default true)."""
    return facts.opt_out(sandbox, body)


def approve_sender(sandbox: Sandbox, body: Body, request: Request) -> Any:
    seller, address = _seller(sandbox, body), str(body["address"]).lower()
    sandbox.store.run("INSERT OR IGNORE INTO approved_senders VALUES (?,?)", seller, address)
    return {"approved": True}


def withdraw_sender(sandbox: Sandbox, body: Body, request: Request) -> Any:
    seller, address = _seller(sandbox, body), str(body["address"]).lower()
    count = sandbox.store.run(
        "DELETE FROM approved_senders WHERE seller=? AND address=?", seller, address
    ).rowcount
    return {"withdrawn": count}


def list_senders(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return [dict(row) for row in sandbox.store.all("SELECT * FROM approved_senders ORDER BY seller, address")]


# -- ledger


def list_calls(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return ledger.calls(sandbox.store, dict(request.query_params))


def _contacts(channel: str) -> Action:
    def listed(sandbox: Sandbox, body: Body, request: Request) -> Any:
        return ledger.contacts(sandbox.store, channel, dict(request.query_params))

    return listed


def summary(sandbox: Sandbox, body: Body, request: Request) -> Any:
    return ledger.summary(sandbox.store)


def list_bounces(sandbox: Sandbox, body: Body, request: Request) -> Any:
    """Bounce notices after the id `since` (default 0)."""
    since = int(request.query_params.get("since", "0"))
    rows = sandbox.store.all("SELECT * FROM bounces WHERE id>? ORDER BY id LIMIT 1000", since)
    return [{**dict(row), "raw": row["raw"].decode("utf-8", "replace")} for row in rows]


def list_notifications(sandbox: Sandbox, body: Body, request: Request) -> Any:
    """The in-process inbox: what would have gone to a queue. `since` is an id."""
    since = int(request.query_params.get("since", "0"))
    rows = sandbox.store.all("SELECT * FROM notifications WHERE id>? ORDER BY id LIMIT 1000", since)
    return [{**dict(row), "body": orjson.loads(row["body"])} for row in rows]


ACTIONS: list[tuple[str, str, Action]] = [
    ("GET", "/health", health),
    ("GET", "/clock", read_clock),
    ("POST", "/clock", move_clock),
    ("POST", "/tick", tick),
    ("GET", "/settings", read_settings),
    ("POST", "/settings", change_settings),
    ("POST", "/reset", reset),
    ("GET", "/apps", list_apps),
    ("POST", "/apps", add_app),
    ("GET", "/sellers", list_sellers),
    ("POST", "/sellers", add_seller),
    ("POST", "/grants", add_grant),
    ("POST", "/revoke", revoke),
    ("GET", "/buckets", read_buckets),
    ("POST", "/buckets", set_buckets),
    ("GET", "/faults", list_faults),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
    ("GET", "/orders", list_orders),
    ("POST", "/orders", make_order),
    ("GET", "/orders/{order_id}", read_order),
    ("POST", "/orders/{order_id}", change_order),
    ("POST", "/buyers/opt-out", opt_out),
    ("GET", "/senders", list_senders),
    ("POST", "/senders", approve_sender),
    ("DELETE", "/senders", withdraw_sender),
    ("GET", "/ledger/calls", list_calls),
    ("GET", "/ledger/solicitations", _contacts("solicitation")),
    ("GET", "/ledger/messages", _contacts("messaging")),
    ("GET", "/ledger/mails", _contacts("relay_email")),
    ("GET", "/summary", summary),
    ("GET", "/mail/bounces", list_bounces),
    ("GET", "/notifications", list_notifications),
]
