"""The rulebook: every rule with its page, in chapters, to be searched and turned over. Made from the rules; pure."""

import dataclasses
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from compliance.engine import pages
from compliance.engine.passes import applies
from compliance.engine.run import check
from compliance.engine.types import Draft, Finding, Outcome, Rule, Severity, Stage, Targeting
from compliance.marking import marked
from compliance.rules import RULES
from compliance.unchecked import UNCHECKED, Unchecked

#: The letter a rule's code begins with.
CHAPTERS = {
    "P": ("Purpose", "What a message may be written for, and to whom."),
    "R": ("Reviews and feedback", "How a buyer may be asked for an opinion, and how never."),
    "C": ("Content", "Links, files, pictures and words that have no place in a message."),
    "T": ("Timing and form", "When, how often, in which language, and what must be in it."),
    "D": ("Design", "How a mail may look."),
    "F": ("Sender and delivery", "From which address, to which, and by whom it is carried."),
    "L": ("Law beyond Amazon", "What a country's law asks besides."),
    "U": ("Meaning", "What is not understood goes to a person."),
}
SEVERITIES = {
    Severity.ACCOUNT: ("Puts the account at risk", "Amazon closes accounts for it."),
    Severity.BLOCK: ("Stops the message", "Amazon does not permit it."),
    Severity.ADVISE: ("Worth mending", "Held only where a person should look."),
}
MEDIA = {"relay_email": "E-mail", "messaging_api": "Messaging API text", "insert_card": "Insert card"}
STAGES = {
    Stage.LIVE: ("Live", "It counts."),
    Stage.SHADOW: ("Shadow", "It is being tried: it records what it would hold, and holds nothing."),
    Stage.RETIRED: ("Retired", "It is no longer asked. Its page and its code stay."),
}
READS = {
    "message": "the message",
    "targeting": "whom the campaign writes to",
    "sending": "the moment of sending",
}


@dataclass(frozen=True)
class Entry:
    """A rule as the rulebook shows it."""

    rule: Rule

    @functools.cached_property
    def page(self) -> pages.Page:
        return pages.read(self.rule.page)

    @property
    def chapter(self) -> str:
        return CHAPTERS[self.rule.code[0]][0]

    @property
    def severity(self) -> tuple[str, str]:
        return SEVERITIES[self.rule.severity]

    @property
    def stage(self) -> tuple[str, str]:
        return STAGES[self.rule.stage]

    @property
    def media(self) -> list[str]:
        return [title for medium, title in MEDIA.items() if medium in self.rule.profiles]

    @property
    def reads(self) -> list[str]:
        return [title for kind, title in READS.items() if kind in self.rule.reads]

    @functools.cached_property
    def words(self) -> str:
        """What the search looks through."""
        page = self.page
        return " ".join(
            [self.rule.code, self.rule.slug, self.rule.title, page.lead, *page.sections.values()]
        ).lower()


@dataclass(frozen=True)
class Chapter:
    title: str
    what: str
    entries: list[Entry]


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for; empty fields leave everything in."""

    words: str = ""
    severity: str = ""
    medium: str = ""
    stage: str = ""

    def fits(self, entry: Entry) -> bool:
        rule = entry.rule
        return (
            (not self.severity or rule.severity == self.severity)
            and (not self.medium or self.medium in rule.profiles)
            and (not self.stage or rule.stage == self.stage)
            and all(word in entry.words for word in self.words.lower().split())
        )


def entries(rules: Sequence[Rule] | None = None) -> list[Entry]:
    return [Entry(rule) for rule in (RULES if rules is None else rules)]


def chapters(wanted: Wanted, rules: Sequence[Rule] | None = None) -> list[Chapter]:
    """The chapters in the order people need them, without those in which nothing fits."""
    fitting = [entry for entry in entries(rules) if wanted.fits(entry)]
    all_of = {letter: [e for e in fitting if e.rule.code[0] == letter] for letter in CHAPTERS}
    return [Chapter(*CHAPTERS[letter], found) for letter, found in all_of.items() if found]


def find(slug: str) -> Entry | None:
    return next((entry for entry in entries() if entry.rule.slug == slug), None)


def neighbours(entry: Entry) -> tuple[Entry | None, Entry | None]:
    """The one before and the one after, in the order of the chapters."""
    row = [e for chapter in chapters(Wanted()) for e in chapter.entries]
    at = next(n for n, other in enumerate(row) if other.rule.slug == entry.rule.slug)
    return row[at - 1] if at else None, row[at + 1] if at + 1 < len(row) else None


def unchecked_of(slug: str) -> list[Unchecked]:
    return [told for told in UNCHECKED if told.rule == slug]


# --- examples -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """One of a rule's examples, looked at by the rule itself just now. `subject` and `body` are HTML that is safe to show."""

    draft: Draft
    subject: str
    body: str
    facts: list[tuple[str, str]]
    findings: tuple[Finding, ...]

    @property
    def medium(self) -> str:
        return MEDIA[self.draft.medium]

    @property
    def purpose(self) -> str:
        return self.draft.purpose.replace("_", " ")

    @property
    def outcome(self) -> Outcome:
        return max((f.outcome for f in self.findings), default=Outcome.PASS)


@functools.lru_cache(maxsize=256)
def examples(slug: str) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """What the rule flags and what it lets be. Kept: a process has one rule pack."""
    entry = find(slug)
    if entry is None:
        raise KeyError(slug)
    rule = entry.rule
    return _examples(rule, rule.flagged), _examples(rule, rule.passed)


def _examples(rule: Rule, given: Iterable[Draft | str]) -> tuple[Example, ...]:
    return tuple(_example(rule, draft_of(rule, one)) for one in given)


def _example(rule: Rule, draft: Draft) -> Example:
    found = check(draft, [rule]).findings if applies(rule, draft) else ()
    findings = tuple(dict.fromkeys(found))
    return Example(
        draft, marked(draft.subject, findings, "subject"), marked(draft.body, findings), facts_of(draft), findings
    )  # fmt: skip


def draft_of(rule: Rule, example: Draft | str) -> Draft:
    """A plain string stands for the body of an English review request of the rule's first medium."""
    if isinstance(example, Draft):
        return example
    medium = next(medium for medium in MEDIA if medium in rule.profiles)
    return Draft(medium, "review_request", example, "en-US", "US", order_id="112-4830917-2265401")  # type: ignore[arg-type]


def facts_of(draft: Draft) -> list[tuple[str, str]]:
    """What an example says beside its words: files, the campaign's targeting, the moment of sending."""
    told = [("File", f"{a.filename}, {a.kind}, {a.size_bytes / 1024:,.0f} KB") for a in draft.attachments]
    if draft.targeting is not None:
        told += _targeting_facts(draft.targeting)
    if draft.sending is not None:
        told += _plain_facts(draft.sending)
    return told


def _targeting_facts(targeting: Targeting) -> list[tuple[str, str]]:
    told = [("Writes to", _condition(c)) for c in targeting.conditions]
    told += [("Leaves out", _condition(c)) for c in targeting.excludes]
    plain = dataclasses.replace(targeting, conditions=(), excludes=())
    given = _plain_facts(plain)
    return [*(given if targeting.has_consent else [f for f in given if f[0] != "Has consent"]), *told]


def _condition(condition: object) -> str:
    fact, test, values = dataclasses.astuple(condition)  # type: ignore[call-overload]
    return " ".join([fact, *([test] if values else []), *values]).replace("_", " ")


def _plain_facts(facts: object) -> list[tuple[str, str]]:
    given = ((f.name, getattr(facts, f.name)) for f in dataclasses.fields(facts))  # type: ignore[arg-type]
    return [
        (name.replace("_", " ").capitalize(), _said(value)) for name, value in given if not _is_untold(value)
    ]


def _is_untold(value: object) -> bool:
    """False and 0 are told."""
    return value is None or value in ("", ())


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:%-d %B %Y, %H:%M} UTC" if hasattr(value, "strftime") else str(value).replace("_", " ")
