"""Running the rules and remembering what they said."""

from collections.abc import Collection
from dataclasses import dataclass

from compliance import pack, policy
from compliance.drafts import content_hash, finding_from_json, finding_to_json
from compliance.engine import run
from compliance.engine.types import Draft, Finding, Outcome
from compliance.models import Check
from compliance.policy import Accepted, Verdict
from compliance.rules import RULES


@dataclass(frozen=True)
class CheckResult:
    outcome: Outcome
    findings: tuple[Finding, ...]
    pack: str
    check_id: int | None


def check(seller_id: int, draft: Draft) -> CheckResult:
    """The stored answer for this very text under the current rule pack, or a new one. May run twice at once: one row stays."""
    digest, version = content_hash(draft), pack.version()
    known = Check.objects.filter(seller_id=seller_id, content_hash=digest, pack=version).first()
    if known is None:
        known = _run(seller_id, draft, digest)
    findings = tuple(finding_from_json(f) for f in known.findings)
    return CheckResult(Outcome(known.outcome), findings, known.pack, known.pk)


def judge(draft: Draft, accepted: Collection[Accepted] = ()) -> Verdict:
    """Rules and policy over one text, nothing stored: for a message's rendered text and for the editor."""
    return policy.judge(_report(draft).findings, accepted)


def _report(draft: Draft) -> run.Report:
    """A campaign's choice of buyers comes without words: nobody misses an order id in it."""
    if draft.targeting is None or draft.body or draft.subject:
        return run.check(draft)
    return run.check(draft, [rule for rule in RULES if "targeting" in rule.reads])


def _run(seller_id: int, draft: Draft, digest: str) -> Check:
    report = _report(draft)
    found, _ = Check.objects.get_or_create(
        seller_id=seller_id,
        content_hash=digest,
        pack=report.pack,
        defaults={"outcome": report.outcome, "findings": [finding_to_json(f) for f in report.findings]},
    )
    return found
