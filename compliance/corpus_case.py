"""A line of a labelled corpus (JSON, one message) as a draft, and a report as an answer. Pure."""

from collections.abc import Mapping
from typing import Any

from compliance.engine.run import Report
from compliance.engine.types import Attachment, Draft

_COPIED = (
    "medium",
    "purpose",
    "fulfilment",
    "marketplace",
    "language",
    "stage",
    "subject",
    "body",
    "body_format",
    "api_type",
    "order_id",
)


def draft_of(case: Mapping[str, Any]) -> Draft:
    """Raises DraftInvalid naming the field; unknown fields are left alone."""
    fields = {name: case[name] for name in _COPIED if case.get(name) is not None}
    attachments = tuple(Attachment(**attachment) for attachment in case.get("attachments") or ())
    return Draft(**fields, product_titles=tuple(case.get("product_titles") or ()), attachments=attachments)


def answer_of(case_id: str, report: Report) -> dict[str, Any]:
    """One answer in the corpus' format; `advice` does not hold a message, so it counts as pass."""
    outcome = "pass" if report.outcome in ("pass", "advice") else str(report.outcome)
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
    return {"id": case_id, "outcome": outcome, "findings": findings}
