"""The API's edge: keys, idempotency, faults, expansion, pages of lists, and the table of operations."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from ..wire import abort
from . import checkout, invoices, portal, resources, subscriptions
from .books import API_VERSION, Books, Obj
from .errors import StripeError, broken, invalid, key_reused, missing, too_many, unauthorised
from .forms import Params, decoded, several

Action = Callable[[Books, tuple[str, ...], Params], Obj]
SECRET = re.compile(r"(Bearer|Basic) +(\S+)")


async def handle(request: Request) -> Response:
    """Any path below /v1."""
    books: Books = request.app.state.books
    request_id = f"req_{secrets.token_hex(7)}"
    key = request.headers.get("idempotency-key", "")
    body = (await request.body()).decode()
    if books.settings["slow_seconds"]:
        await asyncio.sleep(books.settings["slow_seconds"])
    status, content, is_replayed = _answer(books, request, body, key, request_id)
    _note_call(books, request, status, request_id, key)
    if status == 200 and books.settings["lost_answers"] > 0 and not is_replayed:
        books.settings["lost_answers"] -= 1
        abort(request.scope)
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
    if key:
        headers["Idempotency-Key"] = key
    if is_replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(content, status, headers, "application/json")


def _note_call(books: Books, request: Request, status: int, request_id: str, key: str) -> None:
    sql = "INSERT INTO stripe_calls (at, method, path, status, request_id, idempotency_key) VALUES (?,?,?,?,?,?)"
    books.store.run(sql, books.clock.now(), request.method, request.url.path, status, request_id, key)


def _answer(books: Books, request: Request, body: str, key: str, request_id: str) -> tuple[int, bytes, bool]:
    """Status, content, and whether it is the answer of an earlier call with the same key."""
    asked = f"{request.method} {request.url.path} {body}"
    try:
        _may_answer(books, request)
        if key and (known := _known(books, key, asked)) is not None:
            return *known, True
        params = decoded(body if request.method == "POST" else request.url.query)
        status, content = 200, orjson.dumps(_done(books, request, params, request_id, key))
    except StripeError as error:
        status, content = error.status, orjson.dumps(error.body(request_id))
    # What never began to be done is not kept: a corrected call may use the key again.
    if key and request.method == "POST" and status in (200, 402):
        books.store.run(
            "INSERT OR IGNORE INTO stripe_keys VALUES (?,?,?,?)", key, asked, status, content.decode()
        )
    return status, content, False


def _may_answer(books: Books, request: Request) -> None:
    if books.settings["down"]:
        raise broken()
    if books.settings["down_after"] > 0:
        books.settings["down_after"] -= 1
        books.settings["down"] = books.settings["down_after"] == 0
    if books.settings["rate_limited"] > 0:
        books.settings["rate_limited"] -= 1
        raise too_many()
    given = SECRET.match(request.headers.get("authorization", ""))
    if given is None:
        raise unauthorised("You did not provide an API key.")
    if given[1] == "Bearer" and not given[2].startswith(("sk_test_", "rk_test_")):
        raise unauthorised("Invalid API Key provided: the stand-in takes test keys only.")


def _known(books: Books, key: str, asked: str) -> tuple[int, bytes] | None:
    row = books.store.one("SELECT * FROM stripe_keys WHERE key=?", key)
    if row is None:
        return None
    if row["asked"] != asked:
        raise key_reused(key)
    return int(row["status"]), str(row["body"]).encode()


def _done(books: Books, request: Request, params: Params, request_id: str, key: str) -> Any:
    path = request.url.path.partition("/v1/")[2].strip("/")
    for method, pattern, action in OPERATIONS:
        found = pattern.fullmatch(path)
        if found and method == request.method:
            books.request = {"id": request_id, "idempotency_key": key or None}
            try:
                with books.store.transaction():
                    result = action(books, found.groups(), params)
            finally:
                books.request = {"id": None, "idempotency_key": None}
            return expanded(books, result, [str(p) for p in several(params, "expand")])
    raise invalid(f"Unrecognized request URL ({request.method}: /v1/{path}).", status=404)


# -- expansion and lists


def expanded(books: Books, obj: Any, paths: list[str]) -> Any:
    shown = resources.shown(obj)
    if isinstance(shown, dict) and shown.get("object") == "price" and "tiers" in paths:
        shown = {**shown, "tiers": obj["tiers"]}
    if isinstance(shown, dict) and isinstance(shown.get("data"), list):
        inner = [p.removeprefix("data.") for p in paths if p.startswith("data.")]
        return {**shown, "data": [expanded(books, entry, inner) for entry in shown["data"]]}
    for path in paths:
        shown = _expand(books, shown, path.split("."))
    return shown


def _expand(books: Books, obj: Any, path: list[str]) -> Any:
    if isinstance(obj, list):
        return [_expand(books, entry, path) for entry in obj]
    if not isinstance(obj, dict) or not path:
        return obj
    name, value = path[0], obj.get(path[0])
    if name == "tax_ids" and obj.get("object") == "customer":
        value = _page(books.all("tax_id", obj["id"]), {}, "/v1/tax_ids")
    if isinstance(value, str) and (found := books.find(value)):
        value = resources.shown(found)
    elif isinstance(value, list) and value and all(isinstance(entry, str) for entry in value):
        value = [resources.shown(books.find(entry) or entry) for entry in value]
    return {**obj, name: _expand(books, value, path[1:])}


def listed(kind: str, *filters: str) -> Action:
    """Newest first; filters compare fields of the object, `created` takes gte, gt, lte and lt."""

    def answer(books: Books, ids: tuple[str, ...], params: Params) -> Obj:
        customer = str(params.get("customer") or "")
        rows = [row for row in books.all(kind, customer) if _fits(row, params, filters)]
        return _page(rows[::-1], params, f"/v1/{kind}s")

    return answer


def _fits(row: Obj, params: Params, filters: tuple[str, ...]) -> bool:
    bounds = params.get("created")
    if isinstance(bounds, dict):
        tests = {"gte": int.__ge__, "gt": int.__gt__, "lte": int.__le__, "lt": int.__lt__}
        if not all(
            tests[name](row["created"], int(value)) for name, value in bounds.items() if name in tests
        ):
            return False
    for name in filters:
        wanted = params.get(name)
        if wanted in (None, "", "all"):
            if (
                name == "status"
                and wanted is None
                and row["object"] == "subscription"
                and row["status"] == "canceled"
            ):
                return False
            continue
        have = str(row.get(name)).lower() if isinstance(row.get(name), bool) else row.get(name)
        if have not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def _page(rows: list[Obj], params: Params, url: str) -> Obj:
    limit = int(str(params.get("limit") or 10))
    if not 1 <= limit <= 100:
        raise invalid("This value must be between 1 and 100 (inclusive).", "limit")
    ids = [row["id"] for row in rows]
    if after := params.get("starting_after"):
        if after not in ids:
            raise missing("object", str(after), "starting_after")
        rows = rows[ids.index(after) + 1 :]
    elif before := params.get("ending_before"):
        rows = rows[: ids.index(before)][-limit:] if before in ids else []
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": rows[:limit]}


def got(kind: str) -> Action:
    return lambda books, ids, params: books.get(kind, ids[0])


def _delete_customer(books: Books, ids: tuple[str, ...], params: Params) -> Obj:
    """What it had ends at once; its id goes on being known as deleted."""
    customer = books.get("customer", ids[0])
    for sub in books.all("subscription", customer["id"]):
        if sub["status"] not in subscriptions.ENDED:
            subscriptions.cancel(books, sub)
    gone = {"id": customer["id"], "object": "customer", "deleted": True}
    books.emit("customer.deleted", customer)
    return books.put(gone)


def _customer(books: Books, ids: tuple[str, ...], params: Params) -> Obj:
    found = books.find(ids[0])
    return found if found and found.get("deleted") else books.get("customer", ids[0])


def _deleted(kind: str) -> Action:
    def answer(books: Books, ids: tuple[str, ...], params: Params) -> Obj:
        found = books.get(kind, ids[-1])
        books.remove(found)
        books.emit(f"{'customer.' if kind == 'tax_id' else ''}{kind}.deleted", found)
        return {"id": found["id"], "object": kind, "deleted": True}

    return answer


def _events(books: Books, ids: tuple[str, ...], params: Params) -> Obj:
    if params.get("types"):
        params = {**params, "type": params["types"]}
    return listed("event", "type")(books, ids, params)


def _prices(books: Books, ids: tuple[str, ...], params: Params) -> Obj:
    if params.get("lookup_keys"):
        params = {**params, "lookup_key": params["lookup_keys"]}
    return listed("price", "active", "product", "lookup_key")(books, ids, params)


def _invoices(books: Books, ids: tuple[str, ...], params: Params) -> Obj:
    found = listed("invoice", "status")(books, ids, params)
    wanted = params.get("subscription")
    data = [i for i in found["data"] if not wanted or invoices.subscription_of(i) == wanted]
    return {**found, "data": data}


def _of(kind: str, act: Callable[[Books, Obj, Params], Obj]) -> Action:
    return lambda books, ids, params: act(books, books.get(kind, ids[0]), params)


def _table() -> list[tuple[str, re.Pattern[str], Action]]:
    r, one = resources, r"([\w-]+)"
    rows: list[tuple[str, str, Action]] = [
        ("POST", "customers", lambda b, i, p: r.create_customer(b, p)),
        ("GET", "customers", listed("customer", "email")),
        ("GET", f"customers/{one}", _customer),
        ("POST", f"customers/{one}", _of("customer", r.update_customer)),
        ("DELETE", f"customers/{one}", _delete_customer),
        ("POST", f"customers/{one}/tax_ids", _of("customer", r.create_tax_id)),
        ("GET", f"customers/{one}/tax_ids", lambda b, i, p: _page(b.all("tax_id", i[0]), p, "/v1/tax_ids")),
        ("DELETE", f"customers/{one}/tax_ids/{one}", _deleted("tax_id")),
        (
            "GET",
            f"customers/{one}/payment_methods",
            lambda b, i, p: _page(b.all("payment_method", i[0]), p, "/v1/payment_methods"),
        ),
        ("POST", "products", lambda b, i, p: r.create_product(b, p)),
        ("GET", "products", listed("product", "active")),
        ("GET", f"products/{one}", got("product")),
        ("POST", f"products/{one}", _of("product", r.update_product)),
        ("POST", "prices", lambda b, i, p: r.create_price(b, p)),
        ("GET", "prices", _prices),
        ("GET", f"prices/{one}", got("price")),
        ("POST", f"prices/{one}", _of("price", r.update_price)),
        ("POST", "coupons", lambda b, i, p: r.create_coupon(b, p)),
        ("GET", "coupons", listed("coupon")),
        ("GET", f"coupons/{one}", got("coupon")),
        ("DELETE", f"coupons/{one}", _deleted("coupon")),
        ("POST", "promotion_codes", lambda b, i, p: r.create_promotion_code(b, p)),
        ("GET", "promotion_codes", listed("promotion_code", "active", "code")),
        ("POST", "checkout/sessions", lambda b, i, p: checkout.create(b, p)),
        ("GET", "checkout/sessions", listed("checkout.session", "status")),
        ("GET", f"checkout/sessions/{one}", got("checkout.session")),
        (
            "POST",
            f"checkout/sessions/{one}/expire",
            lambda b, i, p: checkout.expire(b, b.get("checkout.session", i[0])),
        ),
        ("POST", "billing_portal/sessions", lambda b, i, p: portal.create(b, p)),
        ("POST", "subscriptions", lambda b, i, p: subscriptions.create(b, p)),
        ("GET", "subscriptions", listed("subscription", "status")),
        ("GET", f"subscriptions/{one}", got("subscription")),
        ("POST", f"subscriptions/{one}", _of("subscription", subscriptions.update)),
        ("DELETE", f"subscriptions/{one}", _of("subscription", subscriptions.cancel)),
        (
            "POST",
            f"subscriptions/{one}/resume",
            lambda b, i, p: subscriptions.resume(b, b.get("subscription", i[0])),
        ),
        ("GET", "invoices", _invoices),
        ("POST", "invoices/create_preview", lambda b, i, p: subscriptions.preview(b, p)),
        ("GET", f"invoices/{one}", got("invoice")),
        ("POST", f"invoices/{one}/pay", lambda b, i, p: subscriptions.pay(b, b.get("invoice", i[0]))),
        ("POST", f"invoices/{one}/void", lambda b, i, p: invoices.void(b, b.get("invoice", i[0]))),
        ("GET", f"payment_methods/{one}", got("payment_method")),
        ("GET", "payment_methods", listed("payment_method", "type")),
        ("POST", f"payment_methods/{one}/attach", lambda b, i, p: r.attach_method(b, i[0], p)),
        ("GET", "events", _events),
        ("GET", f"events/{one}", got("event")),
        ("POST", "webhook_endpoints", lambda b, i, p: r.create_endpoint(b, p)),
        ("GET", "webhook_endpoints", listed("webhook_endpoint")),
        ("DELETE", f"webhook_endpoints/{one}", _deleted("webhook_endpoint")),
        ("POST", "test_helpers/test_clocks", lambda b, i, p: r.create_clock(b, p)),
        ("GET", f"test_helpers/test_clocks/{one}", got("test_helpers.test_clock")),
        ("POST", f"test_helpers/test_clocks/{one}/advance", lambda b, i, p: r.advance_clock(b, i[0], p)),
    ]
    return [(method, re.compile(path), action) for method, path, action in rows]


OPERATIONS = _table()
