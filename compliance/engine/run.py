"""Running the rules: over a draft, over a campaign's targeting, and over the messages of an approved
version."""

import gc
import time
from collections.abc import Iterable, Sequence

from compliance import pack
from compliance.engine import dictionary, phrases, tongues
from compliance.engine.passes import Report, findings_of
from compliance.engine.prepared import Prepared
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Medium, Purpose, Rule, Targeting
from compliance.rules import RULES

__all__ = ["Prepared", "Report", "check", "check_sending", "check_targeting", "prepare", "warm"]


def check(draft: Draft, rules: Sequence[Rule] = RULES) -> Report:
    """Every rule that applies to the draft. Pure: the same draft and pack give the same findings; never
    raises."""
    started = time.perf_counter()
    findings = tuple(findings_of(draft, rules))
    return Report(findings, pack.version(), time.perf_counter() - started)


def check_targeting(targeting: Targeting, *, purpose: str, marketplace: str) -> Report:
    """Only the rules about whom a campaign writes to and when: for a campaign that sends Amazon's own
    request."""
    draft = Draft("messaging_api", purpose, "", "en", marketplace, targeting=targeting)  # type: ignore[arg-type]
    return check(draft, [rule for rule in RULES if "targeting" in rule.reads])


def check_sending(sending: Sending, *, medium: Medium, purpose: Purpose, marketplace: str) -> Report:
    """Only the rules about when, to whom and how a message goes: for what has no words of ours, and for an answer
    without its text."""
    draft = Draft(medium, purpose, "", "en", marketplace, sending=sending)
    return check(draft, [rule for rule in RULES if "sending" in rule.reads])


def prepare(draft: Draft, rules: Sequence[Rule] = RULES) -> Prepared:
    """An approved version, read once so that each of its messages is checked only for what its values can
    change.

    `draft` is the template. Raises NotPreparable where it holds more than plain placeholders; check each
    rendered draft instead."""
    return Prepared(draft, rules)


def warm(languages: Iterable[str] = phrases.LANGUAGES) -> None:
    """Builds what the first check of each language would build, words to compare with included: 1 s for all eleven.
    For a process that will check many texts, once it has started and before it forks; may run twice."""
    gc.disable()  # everything that is made here stays, so that to look for what does not is in vain
    try:
        for language in dict.fromkeys((*languages, "en")):
            check(Draft("relay_email", "invoice", "x", language, "US"))
            if language in dictionary.LANGUAGES:
                dictionary.dictionary(language)
        for language in tongues.LANGUAGES:
            tongues.common(language)
    finally:
        gc.enable()
    # The phrases live as long as the process: without this the collector walks over them again and again.
    gc.collect()
    gc.freeze()
