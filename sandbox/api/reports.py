"""Reports API 2021-06-30 (Amazon's model; traps from Amazon's report pages and developer threads, read
2026-11).

A report without data, or asked for again too soon, ends as CANCELLED; a document's address lives five
minutes.
"""

from __future__ import annotations

import gzip
import secrets
from typing import Any

import orjson

from .. import errors
from ..clock import iso, parsed
from ..context import Sandbox
from ..errors import ApiError
from ..gateway import Call, Reply, operation
from ..limits import Rate
from ..marketplaces import BY_ID
from ..world.order import DAY
from .report_content import TYPES, Period, written

BASE = "/reports/2021-06-30"
URL_LIFE = 300
KEPT = 90 * DAY
OLDEST_SHIPMENTS = 548 * DAY
SHIPMENTS = "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL"
HARSH = Rate(1 / 900, 1)
FINISHED = ("DONE", "CANCELLED", "FATAL")
STATUSES = frozenset((*FINISHED, "IN_QUEUE", "IN_PROGRESS"))
PERIODS = {
    "PT5M": 300,
    "PT15M": 900,
    "PT30M": 1800,
    "PT1H": 3600,
    "PT2H": 7200,
    "PT4H": 14400,
    "PT8H": 28800,
    "PT12H": 43200,
    "P1D": DAY,
    "P2D": 2 * DAY,
    "P3D": 3 * DAY,
    "PT84H": 302400,
    "P7D": 7 * DAY,
    "P14D": 14 * DAY,
    "P15D": 15 * DAY,
    "P18D": 18 * DAY,
    "P30D": 30 * DAY,
    "P1M": 30 * DAY,
}


def _invalid(details: str = "Invalid input") -> ApiError:
    """This API gives the status as its code."""
    return ApiError(400, "400", "Invalid input", details)


@operation("createReport", "POST", BASE + "/reports", 0.0167, 15)
def create_report(call: Call) -> Reply:
    body = call.json()
    kind, marketplaces = _asked(call, body)
    start, end = _time(body, "dataStartTime"), _time(body, "dataEndTime")
    harsh = call.sandbox.settings["harsh_shipments_report"] and kind == SHIPMENTS
    if harsh and not call.sandbox.limits.take(
        call.app.application_id, call.seller, f"createReport:{kind}", HARSH
    ):
        raise errors.throttled()
    report = create(call.sandbox, call.seller, kind, marketplaces, start, end)
    return Reply(202, {"reportId": report})


def create(
    sandbox: Sandbox,
    seller: str,
    kind: str,
    marketplaces: list[str],
    start: float | None,
    end: float | None,
    schedule: str = "",
) -> str:
    """Put a report in the queue; answers its id."""
    now = sandbox.clock.now()
    report = str(50_000_000_000 + secrets.randbelow(10**10))
    ready = now + 2 * float(sandbox.settings["report_delay"])
    sandbox.store.run(
        "INSERT INTO reports VALUES (?,?,?,?,?,?,?,?,'IN_QUEUE',NULL,?)",
        report,
        seller,
        kind,
        orjson.dumps(marketplaces).decode(),
        start,
        end,
        now,
        ready,
        schedule or None,
    )
    return report


@operation("getReport", "GET", BASE + "/reports/{reportId}", 2, 15)
def get_report(call: Call) -> Reply:
    return Reply(200, _shown(call.sandbox, _own(call, "reports", "report", call.path["reportId"])))


@operation("getReports", "GET", BASE + "/reports", 0.0222, 10)
def get_reports(call: Call) -> Reply:
    start = _resumed(call)
    where, values, size = _filters(call)
    sql = (
        f"SELECT * FROM reports WHERE seller=? AND {where} ORDER BY created_at DESC, report LIMIT ? OFFSET ?"  # noqa: S608
    )
    rows = call.sandbox.store.all(sql, call.seller, *values, size + 1, start)
    answer: dict[str, Any] = {"reports": [_shown(call.sandbox, row) for row in rows[:size]]}
    if len(rows) > size:
        answer["nextToken"] = orjson.dumps([call.query, start + size]).hex()
    return Reply(200, answer)


def _resumed(call: Call) -> int:
    """Where the page starts; a token brings back the question it was given for, and must come alone."""
    if not call.text("nextToken"):
        return 0
    if set(call.query) - {"nextToken"}:
        raise _invalid("nextToken must be the only parameter.")
    try:
        call.query, start = orjson.loads(bytes.fromhex(call.text("nextToken")))
    except ValueError:
        raise _invalid("Invalid nextToken") from None
    return int(start)


def _filters(call: Call) -> tuple[str, list[Any], int]:
    where: list[str] = ["created_at>=?"]
    values: list[Any] = [call.now - KEPT]
    types, statuses = call.many("reportTypes"), call.many("processingStatuses")
    if not types:
        raise _invalid("reportTypes or nextToken is required.")
    if not set(statuses) <= STATUSES:
        raise _invalid("Invalid input in processing status")
    settle(call.sandbox, call.seller)
    for column, wanted in (("type", types), ("status", statuses)):
        if wanted:
            where.append(f"{column} IN ({','.join('?' * len(wanted))})")
            values += wanted
    for name, sign in (("createdSince", ">="), ("createdUntil", "<=")):
        if call.text(name):
            where.append(f"created_at{sign}?")
            values.append(_parsed(call.text(name)))
    size = call.text("pageSize", "10")
    if not size.isdigit() or not 1 <= int(size) <= 100:
        raise _invalid("pageSize must be between 1 and 100.")
    return " AND ".join(where), values, int(size)


@operation("cancelReport", "DELETE", BASE + "/reports/{reportId}", 0.0222, 10)
def cancel_report(call: Call) -> Reply:
    row = _own(call, "reports", "report", call.path["reportId"])
    if _status(call.sandbox, row) != "IN_QUEUE":
        raise _invalid("Only a report in the queue can be cancelled.")
    call.sandbox.store.run("UPDATE reports SET status='CANCELLED' WHERE report=?", row["report"])
    return Reply(200, {})


@operation("getReportDocument", "GET", BASE + "/documents/{reportDocumentId}", 0.0167, 15)
def get_report_document(call: Call) -> Reply:
    row = _own(call, "documents", "document", call.path["reportDocumentId"])
    url = f"{call.sandbox.base_url}/documents/{row['document']}?expires={int(call.now) + URL_LIFE}"
    return Reply(200, {"reportDocumentId": row["document"], "url": url, "compressionAlgorithm": "GZIP"})


def download(sandbox: Sandbox, document: str, expires: str) -> bytes | None:
    """The file behind a document's address; None when the address is dead."""
    if not expires.isdigit() or sandbox.clock.now() > int(expires):
        return None
    content = sandbox.store.scalar("SELECT content FROM documents WHERE document=?", document)
    return None if content is None else bytes(content)


# -- schedules


@operation("getReportSchedules", "GET", BASE + "/schedules", 0.0222, 10)
def get_schedules(call: Call) -> Reply:
    types = call.many("reportTypes")
    if not types or not set(types) <= set(TYPES):
        raise _invalid()
    marks = ",".join("?" * len(types))
    sql = f"SELECT * FROM schedules WHERE seller=? AND type IN ({marks})"  # noqa: S608
    rows = call.sandbox.store.all(sql, call.seller, *types)
    return Reply(200, {"reportSchedules": [_schedule(row) for row in rows]})


@operation("createReportSchedule", "POST", BASE + "/schedules", 0.0222, 10)
def create_schedule(call: Call) -> Reply:
    body = call.json()
    kind, marketplaces = _asked(call, body)
    if body.get("period") not in PERIODS:
        raise _invalid()
    schedule = str(50_000_000 + secrets.randbelow(10**7))
    next_at = _time(body, "nextReportCreationTime") or call.now
    call.sandbox.store.run("DELETE FROM schedules WHERE seller=? AND type=?", call.seller, kind)
    call.sandbox.store.run(
        "INSERT INTO schedules VALUES (?,?,?,?,?,?)",
        schedule,
        call.seller,
        kind,
        orjson.dumps(marketplaces).decode(),
        body["period"],
        next_at,
    )
    return Reply(201, {"reportScheduleId": schedule})


@operation("getReportSchedule", "GET", BASE + "/schedules/{reportScheduleId}", 0.0222, 10)
def get_schedule(call: Call) -> Reply:
    return Reply(200, _schedule(_own(call, "schedules", "schedule", call.path["reportScheduleId"])))


@operation("cancelReportSchedule", "DELETE", BASE + "/schedules/{reportScheduleId}", 0.0222, 10)
def cancel_schedule(call: Call) -> Reply:
    row = _own(call, "schedules", "schedule", call.path["reportScheduleId"])
    call.sandbox.store.run("DELETE FROM schedules WHERE schedule=?", row["schedule"])
    return Reply(200, {})


def run_schedules(sandbox: Sandbox) -> None:
    """Create what is due by schedule. May run twice."""
    now = sandbox.clock.now()
    for row in sandbox.store.all("SELECT * FROM schedules WHERE next_at<=?", now):
        span = PERIODS[row["period"]]
        late = max(0, int((now - row["next_at"]) // span))  # a clock moved far makes one report, not hundreds
        create(
            sandbox,
            row["seller"],
            row["type"],
            orjson.loads(row["marketplaces"]),
            now - span,
            now,
            row["schedule"],
        )
        sandbox.store.run(
            "UPDATE schedules SET next_at=? WHERE schedule=?",
            row["next_at"] + (late + 1) * span,
            row["schedule"],
        )


def _schedule(row: Any) -> dict[str, Any]:
    return {
        "reportScheduleId": row["schedule"],
        "reportType": row["type"],
        "period": row["period"],
        "marketplaceIds": orjson.loads(row["marketplaces"]),
        "nextReportCreationTime": iso(row["next_at"]),
    }


# -- a report's life


def _asked(call: Call, body: dict[str, Any]) -> tuple[str, list[str]]:
    kind, marketplaces = str(body.get("reportType", "")), body.get("marketplaceIds")
    if kind not in TYPES or not isinstance(marketplaces, list) or not 1 <= len(marketplaces) <= 25:
        raise _invalid()
    if not set(marketplaces) <= set(BY_ID):
        raise _invalid()
    if not call.app.holds(TYPES[kind].roles):
        raise errors.denied()
    return kind, marketplaces


def _time(body: dict[str, Any], name: str) -> float | None:
    return None if body.get(name) is None else _parsed(str(body[name]))


def _parsed(text: str) -> float:
    try:
        return parsed(text.replace(" ", "+"))
    except ValueError:
        raise _invalid() from None


def _own(call: Call, table: str, column: str, key: str) -> Any:
    row = call.sandbox.store.one(f"SELECT * FROM {table} WHERE {column}=? AND seller=?", key, call.seller)  # noqa: S608
    if row is None:
        raise errors.not_found()
    return row


def settle(sandbox: Sandbox, seller: str = "") -> list[tuple[Any, str]]:
    """Finish what is due; answers the finished rows, each with its status. May run twice."""
    sql = "SELECT * FROM reports WHERE status='IN_QUEUE' AND ready_at<=? AND (?='' OR seller=?)"
    rows = sandbox.store.all(sql, sandbox.clock.now(), seller, seller)
    return [(row, _status(sandbox, row)) for row in rows]


def _status(sandbox: Sandbox, row: Any) -> str:
    if row["status"] in FINISHED:
        return str(row["status"])
    now = sandbox.clock.now()
    if now < row["created_at"] + (row["ready_at"] - row["created_at"]) / 2:
        return "IN_QUEUE"
    return "IN_PROGRESS" if now < row["ready_at"] else _finish(sandbox, row)


def _finish(sandbox: Sandbox, row: Any) -> str:
    kind, period = TYPES[row["type"]], _period(row)
    document = None
    if _is_out_of_reach(row, period):
        status = "FATAL"
    elif _too_soon(sandbox, row, kind.rest):
        status = "CANCELLED"
    else:
        rows = kind.rows(sandbox, period)
        status = "DONE" if rows else "CANCELLED"
        document = _keep(sandbox, row["seller"], written(sandbox, rows)) if rows else None
    sandbox.store.run(
        "UPDATE reports SET status=?, document=? WHERE report=?", status, document, row["report"]
    )
    return status


def _is_out_of_reach(row: Any, period: Period) -> bool:
    longest = TYPES[row["type"]].longest
    if longest and period.end - period.start > longest + DAY:
        return True
    return bool(row["type"] == SHIPMENTS and period.start < row["created_at"] - OLDEST_SHIPMENTS)


def _period(row: Any) -> Period:
    end = row["end_at"] if row["end_at"] is not None else row["created_at"]
    start = row["start_at"] if row["start_at"] is not None else end - DAY
    return Period(row["seller"], orjson.loads(row["marketplaces"]), start, min(end, row["created_at"]))


def _too_soon(sandbox: Sandbox, row: Any, rest: int) -> bool:
    """Amazon makes the same report anew only after a rest; another period is another report."""
    if not rest:
        return False
    sql = """SELECT 1 FROM reports WHERE seller=? AND type=? AND marketplaces=? AND status='DONE'
             AND created_at>?
             AND created_at<? AND CAST(start_at/86400 AS INT) IS CAST(? AS INT)
             AND CAST(end_at/86400 AS INT) IS CAST(? AS INT)"""
    days = [None if row[name] is None else row[name] / DAY for name in ("start_at", "end_at")]
    found = sandbox.store.one(
        sql,
        row["seller"],
        row["type"],
        row["marketplaces"],
        row["created_at"] - rest,
        row["created_at"],
        *days,
    )
    return found is not None


def _keep(sandbox: Sandbox, seller: str, content: bytes) -> str:
    document = f"amzn1.spdoc.1.4.sb.{secrets.token_hex(16)}"
    sandbox.store.run("INSERT INTO documents VALUES (?,?,?)", document, seller, gzip.compress(content, 3))
    return document


def _shown(sandbox: Sandbox, row: Any) -> dict[str, Any]:
    status = _status(sandbox, row)
    period = _period(row)
    shown: dict[str, Any] = {
        "reportId": row["report"],
        "reportType": row["type"],
        "processingStatus": status,
        "marketplaceIds": period.marketplaces,
        "createdTime": iso(row["created_at"]),
        "dataStartTime": iso(period.start),
        "dataEndTime": iso(period.end),
    }
    if row["schedule"]:
        shown["reportScheduleId"] = row["schedule"]
    if status != "IN_QUEUE":
        shown["processingStartTime"] = iso((row["created_at"] + row["ready_at"]) / 2)
    if status in FINISHED:
        shown["processingEndTime"] = iso(row["ready_at"])
    if status == "DONE":
        sql = "SELECT document FROM reports WHERE report=?"
        shown["reportDocumentId"] = sandbox.store.scalar(sql, row["report"])
    return shown
