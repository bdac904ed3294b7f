"""From what the rules saw to whether it may go out. The gravest outcome wins; what a reviewer accepted
does not hold."""

import dataclasses
from collections.abc import Collection, Iterable

from compliance.engine.types import Finding, Outcome, Severity


@dataclasses.dataclass(frozen=True, slots=True)
class Accepted:
    """What a reviewer accepted on a version: this rule, these words (`types.words_hash`), in this place.

    An empty `where` means anywhere in the message. `override` says that a second person agreed to let a
    blocked text out."""

    rule: str
    words_hash: str
    where: str = ""
    override: bool = False

    @classmethod
    def of(cls, finding: Finding, *, override: bool = False) -> "Accepted":
        return cls(finding.rule, finding.words_hash, finding.where, override)


@dataclasses.dataclass(frozen=True, slots=True)
class Strictness:
    """How much stricter than the rules an operator is with one seller. There is no way to say "looser".

    `hold_everything` sends each text to a person; a slug in `review` or `block` lifts that rule's
    findings to it."""

    hold_everything: bool = False
    review: frozenset[str] = frozenset()
    block: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` are the findings that decided (gravest first), `advice` what is only said, `accepted`
    what was let be."""

    outcome: Outcome
    reasons: tuple[Finding, ...] = ()
    advice: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()


AS_THE_RULES = Strictness()


def judge(
    findings: Iterable[Finding], accepted: Collection[Accepted] = (), strictness: Strictness = AS_THE_RULES
) -> Verdict:
    counted = [_stricter(finding, strictness) for finding in findings if not finding.shadow]
    let_be = tuple(finding for finding in counted if _is_accepted(finding, accepted))
    open_ones = [finding for finding in counted if finding not in let_be]
    reasons = sorted((f for f in open_ones if f.outcome >= Outcome.REVIEW), key=lambda f: -f.outcome.rank)
    advice = tuple(f for f in open_ones if f.outcome == Outcome.ADVICE)
    return Verdict(_outcome(open_ones, strictness), tuple(reasons), advice, let_be)


def _outcome(findings: list[Finding], strictness: Strictness) -> Outcome:
    gravest = max((finding.outcome for finding in findings), default=Outcome.PASS)
    return max(gravest, Outcome.REVIEW) if strictness.hold_everything else gravest


def _stricter(finding: Finding, strictness: Strictness) -> Finding:
    wanted = Outcome.PASS
    if finding.rule in strictness.review:
        wanted = Outcome.REVIEW
    if finding.rule in strictness.block:
        wanted = Outcome.BLOCK
    return dataclasses.replace(finding, outcome=wanted) if wanted > finding.outcome else finding


def _is_accepted(finding: Finding, accepted: Collection[Accepted]) -> bool:
    if not finding.overridable:
        return False
    return any(_covers(acceptance, finding) for acceptance in accepted)


def _covers(acceptance: Accepted, finding: Finding) -> bool:
    if (acceptance.rule, acceptance.words_hash) != (finding.rule, finding.words_hash):
        return False
    if acceptance.where not in ("", finding.where):
        return False
    needs_override = finding.outcome == Outcome.BLOCK and finding.severity != Severity.ADVISE
    return acceptance.override or not needs_override
