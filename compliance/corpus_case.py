"""A line of a labelled corpus (JSON, one message) as a draft, and a report as an answer. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from compliance.engine.errors import DraftInvalid, EngineError
from compliance.engine.run import Report, check
from compliance.engine.types import Attachment, Draft

_NEEDED = ("medium", "purpose", "body", "language", "marketplace")
_COPIED = (*_NEEDED, "fulfilment", "stage", "subject", "body_format", "api_type", "order_id")


def draft_of(case: Mapping[str, Any]) -> Draft:
    """Raises DraftInvalid naming the field; unknown fields are left alone."""
    fields = {name: case[name] for name in _COPIED if case.get(name) is not None}
    for name in _COPIED:
        if name in _NEEDED and name not in fields:
            raise DraftInvalid(name, None, "give it")
        if not isinstance(fields.get(name, ""), str):
            raise DraftInvalid(name, fields[name], "give text")
    return Draft(**fields, product_titles=_titles(case), attachments=_attachments(case))


def _titles(case: Mapping[str, Any]) -> tuple[str, ...]:
    titles = case.get("product_titles") or ()
    if not isinstance(titles, list | tuple) or not all(isinstance(title, str) for title in titles):
        raise DraftInvalid("product_titles", titles, "give a list of texts")
    return tuple(titles)


def _attachments(case: Mapping[str, Any]) -> tuple[Attachment, ...]:
    attachments = case.get("attachments") or ()
    try:
        found = tuple(Attachment(**attachment) for attachment in attachments)
    except TypeError:
        found = None
    if found is None or not all(_is_sound(attachment) for attachment in found):
        raise DraftInvalid(
            "attachments", attachments, "give a list of {filename, content_type, size_bytes, kind}"
        )
    return found


def _is_sound(attachment: Attachment) -> bool:
    texts = (attachment.filename, attachment.content_type, attachment.kind)
    return all(isinstance(text, str) for text in texts) and type(attachment.size_bytes) is int


def visible_outcome(report: Report) -> str:
    """`pass`, `review` or `block`: advice does not hold a message."""
    return "pass" if report.outcome in ("pass", "advice") else str(report.outcome)


def answer_of(case_id: str, report: Report) -> dict[str, Any]:
    """One answer in the corpus' format."""
    findings = [
        {
            "rule": f.rule,
            "outcome": str(f.outcome),
            "start": f.start,
            "end": f.end,
            "text": f.text,
            "message": f.message,
        }
        for f in report.findings
    ]
    return {"id": case_id, "outcome": visible_outcome(report), "findings": findings}


def answer_line(number: int, line: bytes) -> dict[str, Any]:
    """The answer to one line of a file of cases. One that cannot be read is answered with an `error`, and held."""
    case: Any = None
    try:
        case = json.loads(line)
        if not isinstance(case, dict):
            raise DraftInvalid("the line", case, "give one JSON object a line")
        return answer_of(case.get("id") or f"line-{number}", check(draft_of(case)))
    except (ValueError, RecursionError) as error:
        reason = f"line {number} is not JSON in UTF-8: {error}"
    except EngineError as error:
        reason = f"line {number}: {error}"
    known = case.get("id") if isinstance(case, dict) else None
    return {"id": known or f"line-{number}", "outcome": "error", "findings": [], "error": reason}
