"""One pass of rules over one document, and what it answers. `run` is the door."""

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Sequence

from compliance.engine import phrases, remedies
from compliance.engine.document import Document
from compliance.engine.errors import TooLarge
from compliance.engine.types import Draft, Finding, Medium, Outcome, Reads, Rule, Severity, Stage


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """`elapsed` in seconds. `outcome` counts live findings as the rules gave them; the verdict is
    policy's."""

    findings: tuple[Finding, ...]
    pack: str
    elapsed: float

    @property
    def outcome(self) -> Outcome:
        return max((f.outcome for f in self.findings if not f.shadow), default=Outcome.PASS)


def findings_of(draft: Draft, rules: Sequence[Rule]) -> Iterator[Finding]:
    try:
        document = Document(draft)
    except TooLarge as error:
        yield of_engine("too-large", str(error), Outcome.BLOCK)
        return
    yield from unread_language(draft)
    asked = applying(rules, draft)
    try:
        yield from remedies.offered(document, over(document, asked), asked)
    except Exception as error:  # noqa: BLE001 (as below)
        message = f"No rewrite could be made for this text ({type(error).__name__}); a person has to look."
        yield of_engine("rule-crashed", message, Outcome.REVIEW)


def applying(rules: Iterable[Rule], draft: Draft) -> Sequence[Rule]:
    """Those rules that are asked about such a draft."""
    return _applying(tuple(rules), draft.medium, draft.targeting is not None, draft.sending is not None)


@functools.lru_cache(maxsize=64)
def _applying(
    rules: tuple[Rule, ...], medium: Medium, has_targeting: bool, has_sending: bool
) -> tuple[Rule, ...]:
    given: set[Reads] = {"message"}
    given |= {"targeting"} if has_targeting else set()
    given |= {"sending"} if has_sending else set()
    return tuple(
        r for r in rules if r.stage is not Stage.RETIRED and medium in r.profiles and r.reads & given
    )


def applies(rule: Rule, draft: Draft) -> bool:
    return bool(applying((rule,), draft))


def over(document: Document, rules: Iterable[Rule]) -> Iterator[Finding]:
    """In the rules' order: a later one may look at what the earlier ones found."""
    for rule in rules:
        try:
            found = _enough(rule.check(document))
            document.found += found
            yield from found
        except Exception as error:  # noqa: BLE001 (whatever it is, the message must be held: the gate fails closed)
            yield of_engine("rule-crashed", _crashed(rule, error), Outcome.REVIEW)


_ENOUGH, _AT_MOST = 200, 5_000


def _enough(findings: Iterator[Finding]) -> list[Finding]:
    """All of a rule's findings, or as many as anyone reads: not cut before the gravest outcome is among them."""
    kept: list[Finding] = []
    is_blocked = False
    for finding in findings:
        kept.append(finding)
        is_blocked = is_blocked or finding.outcome is Outcome.BLOCK
        if (is_blocked and len(kept) >= _ENOUGH) or len(kept) >= _AT_MOST:
            break
    return kept


def _crashed(rule: Rule, error: Exception) -> str:
    return f"The rule {rule.slug} could not look at this text ({type(error).__name__}); a person has to."


def unread_language(draft: Draft) -> Iterator[Finding]:
    """The rules about words know eleven languages. What they cannot read they have not cleared."""
    if draft.body.strip() and draft.primary_language not in phrases.LANGUAGES:
        message = f"No rule reads {draft.language!r} yet; a person who does has to look."
        yield Finding("language-not-read", "E1", Outcome.REVIEW, message, severity=Severity.ADVISE)


def of_engine(slug: str, message: str, outcome: Outcome) -> Finding:
    """A finding of the engine itself. Nobody can accept it away, for nothing was looked at."""
    return Finding(slug, "E0", outcome, message, severity=Severity.BLOCK, overridable=False)
