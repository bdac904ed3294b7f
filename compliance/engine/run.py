"""Running the rules: over a draft, over a campaign's targeting, and over the messages of an approved version."""

import dataclasses
import time
from collections.abc import Iterator, Sequence

from compliance import pack
from compliance.engine.document import Document
from compliance.engine.errors import TooLarge
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity, Stage, Targeting
from compliance.rules import RULES


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """`elapsed` in seconds. `outcome` counts live findings as the rules gave them; the verdict is policy's."""

    findings: tuple[Finding, ...]
    pack: str
    elapsed: float

    @property
    def outcome(self) -> Outcome:
        return max((f.outcome for f in self.findings if not f.shadow), default=Outcome.PASS)


def check(draft: Draft, rules: Sequence[Rule] = RULES) -> Report:
    """Every rule that applies to the draft. Pure: the same draft and pack give the same findings; never raises."""
    started = time.perf_counter()
    findings = tuple(_findings(draft, rules))
    return Report(findings, pack.version(), time.perf_counter() - started)


def check_targeting(targeting: Targeting, *, purpose: str, marketplace: str) -> Report:
    """Only the rules about whom a campaign writes to and when: for a campaign that sends Amazon's own request."""
    started = time.perf_counter()
    draft = Draft("messaging_api", purpose, "", "en", marketplace, targeting=targeting)  # type: ignore[arg-type]
    rules = [rule for rule in RULES if rule.reads == "targeting"]
    return Report(tuple(_findings(draft, rules)), pack.version(), time.perf_counter() - started)


def _findings(draft: Draft, rules: Sequence[Rule]) -> Iterator[Finding]:
    try:
        document = Document(draft)
    except TooLarge as error:
        yield pseudo("too-large", str(error), Outcome.BLOCK)
        return
    yield from run_rules(document, [rule for rule in rules if applies(rule, draft)])


def applies(rule: Rule, draft: Draft) -> bool:
    return rule.stage is not Stage.RETIRED and draft.medium in rule.profiles


def run_rules(document: Document, rules: Sequence[Rule]) -> Iterator[Finding]:
    for rule in rules:
        try:
            yield from list(rule.check(document))
        except Exception as error:  # noqa: BLE001 (whatever it is, the message must be held: the gate fails closed)
            yield crashed(rule, error)


def crashed(rule: Rule, error: Exception) -> Finding:
    message = f"The rule {rule.slug} could not look at this text ({type(error).__name__}); a person has to."
    return pseudo("rule-crashed", message, Outcome.REVIEW)


def pseudo(slug: str, message: str, outcome: Outcome) -> Finding:
    """A finding of the engine itself. Nobody can accept it away, for nothing was looked at."""
    return Finding(slug, "E0", outcome, message, severity=Severity.BLOCK, overridable=False)
