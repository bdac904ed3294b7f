"""Drafts and findings as JSON and back: what a case freezes and a check stores. Pure."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from compliance.engine.types import (
    Attachment,
    Condition,
    Draft,
    FilledSpan,
    Finding,
    Fix,
    Outcome,
    Severity,
    Targeting,
)


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """Facts of the moment of sending are not kept: they are not the text's, and buyers' addresses are among them."""
    data = dataclasses.asdict(dataclasses.replace(draft, sending=None))
    del data["sending"]
    data["values"] = dict(draft.values)
    return data


def draft_from_json(data: dict[str, Any]) -> Draft:
    targeting = data.get("targeting")
    return Draft(
        **{
            **data,
            "product_titles": tuple(data["product_titles"]),
            "attachments": tuple(Attachment(**a) for a in data["attachments"]),
            "targeting": _targeting(targeting) if targeting else None,
            "value_spans": tuple(FilledSpan(**s) for s in data["value_spans"]),
        }
    )


def finding_to_json(finding: Finding) -> dict[str, Any]:
    return {**dataclasses.asdict(finding), "words_hash": finding.words_hash}


def finding_from_json(data: dict[str, Any]) -> Finding:
    kept = {k: v for k, v in data.items() if k != "words_hash"}
    fix = Fix(**kept["fix"]) if kept.get("fix") else None
    return Finding(
        **{**kept, "outcome": Outcome(kept["outcome"]), "severity": Severity(kept["severity"]), "fix": fix}
    )


def content_hash(draft: Draft) -> str:
    """The same for drafts the rules cannot tell apart."""
    canonical = json.dumps(draft_to_json(draft), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _targeting(data: dict[str, Any]) -> Targeting:
    conditions = tuple(_condition(c) for c in data["conditions"])
    excludes = tuple(_condition(c) for c in data["excludes"])
    return Targeting(
        data["trigger"], data["delay_hours"], conditions, excludes, data["note"], data.get("channel", ""),
        tuple(data.get("stores", ())), tuple(data.get("other_requests", ())), data.get("has_consent", False),
    )  # fmt: skip


def _condition(data: dict[str, Any]) -> Condition:
    return Condition(data["fact"], data["test"], tuple(data["values"]))


def text_hash(drafts: Iterable[Draft]) -> str:
    """The same for what buyers would read the same, whichever seller sends it: store and marketplace left out."""
    read = sorted(json.dumps(_read(draft), sort_keys=True, ensure_ascii=False) for draft in drafts)
    return hashlib.sha256("\n".join(read).encode()).hexdigest()


_NOT_READ = frozenset({"store_name", "marketplace", "fulfilment", "stage", "values", "value_spans"})


def _read(draft: Draft) -> dict[str, Any]:
    return {name: value for name, value in draft_to_json(draft).items() if name not in _NOT_READ}
