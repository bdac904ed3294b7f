"""The words every part of the checker shares: what is checked, what a rule is, what it answers."""

import dataclasses
import enum
import hashlib
import inspect
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from compliance.engine.errors import DraftInvalid
from compliance.engine.folding import fold
from compliance.engine.sending import Sending

if TYPE_CHECKING:
    from compliance.engine.document import Document, View

Medium = Literal["relay_email", "messaging_api", "insert_card"]
Purpose = Literal[
    "order_problem", "order_information", "return_question", "invoice", "review_request", "feedback_request",
    "review_and_feedback_request", "delivery_scheduling", "home_services", "custom_design", "warranty",
    "digital_access_key", "legal_disclosure", "other_needed",
]  # fmt: skip
Fulfilment = Literal["FBM", "FBA"]
DraftStage = Literal["rendered", "template"]
BodyFormat = Literal["html", "text"]
Where = Literal["subject", "body", "attachment", "targeting", "sending"]
Reads = Literal["message", "targeting", "sending"]

ASKS: frozenset[str] = frozenset({"review_request", "feedback_request", "review_and_feedback_request"})
"""The purposes under which a buyer is asked for an opinion."""

ALL_MEDIA: frozenset[str] = frozenset(get_args(Medium))


class Outcome(enum.StrEnum):
    """What a finding asks for. Ordered: pass < advice < review < block."""

    PASS = "pass"  # noqa: S105 (an outcome, no password)
    ADVICE = "advice"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    # A StrEnum would compare by spelling ("block" < "pass"), so the order is said here.
    def __lt__(self, other: str) -> bool:
        return self.rank < Outcome(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Outcome(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Outcome(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Outcome(other).rank


_RANKS: dict[Outcome, int] = {outcome: rank for rank, outcome in enumerate(Outcome)}


class Severity(enum.StrEnum):
    """How grave a breach of the rule is in Amazon's eyes (not what one finding asks for)."""

    ADVISE = "advise"
    BLOCK = "block"
    ACCOUNT = "account"


class Stage(enum.StrEnum):
    """LIVE rules count; SHADOW rules record and stop nothing; RETIRED rules keep their page and code."""

    LIVE = "live"
    SHADOW = "shadow"
    RETIRED = "retired"


@dataclasses.dataclass(frozen=True, slots=True)
class Attachment:
    """A file as the seller declares it: `kind` is invoice, warranty, instructions or other."""

    filename: str
    content_type: str
    size_bytes: int
    kind: str = "other"


@dataclasses.dataclass(frozen=True, slots=True)
class Condition:
    """One filter of a campaign: the fact it looks at, how, and at what ("feedback_score", "at_least",
    ("4",))."""

    fact: str
    test: str = "is"
    values: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Targeting:
    """Who a campaign writes to and when. `delay_hours` counts from the trigger; `note` is the seller's
    stated reason.

    `channel` is how it writes (`solicitation`, `relay_email`, `messaging`), `stores` the two-letter stores
    it writes to (empty: all), `other_requests` the names of the seller's other campaigns that ask for an
    opinion, `has_consent` the seller's word that buyers agreed to such mail where the law asks for it."""

    trigger: str = ""
    delay_hours: int | None = None
    conditions: tuple[Condition, ...] = ()
    excludes: tuple[Condition, ...] = ()
    note: str = ""
    channel: str = ""
    stores: tuple[str, ...] = ()
    other_requests: tuple[str, ...] = ()
    has_consent: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class FilledSpan:
    """Where in the rendered source (`subject` or `body`) the value of one placeholder stands."""

    where: Where
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Draft:
    """One message as it would go out (`rendered`) or with its placeholders still in it (`template`).

    `marketplace` is the two-letter store, `language` the buyer's BCP 47 tag. `values` holds what was
    filled in for each placeholder (plain text, before HTML escaping) and `value_spans` where; both are
    empty for free text. `targeting` and `sending` are facts beside the text; where they are missing, the
    rules that read them are not asked. Raises DraftInvalid naming the field."""

    medium: Medium
    purpose: Purpose
    body: str
    language: str
    marketplace: str
    fulfilment: Fulfilment = "FBM"
    stage: DraftStage = "rendered"
    subject: str = ""
    body_format: BodyFormat = "text"
    api_type: str = ""
    order_id: str = ""
    product_titles: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    store_name: str = ""
    targeting: Targeting | None = None
    sending: Sending | None = None
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    value_spans: tuple[FilledSpan, ...] = ()

    def __post_init__(self) -> None:
        for field, kinds in _CHOICES.items():
            if getattr(self, field) not in kinds:
                raise DraftInvalid(field, getattr(self, field), f"use one of {', '.join(kinds)}")
        for field in ("body", "subject", "language", "marketplace", "order_id", "store_name"):
            if not isinstance(getattr(self, field), str):
                raise DraftInvalid(field, getattr(self, field), "give text")

    @property
    def primary_language(self) -> str:
        return self.language.replace("_", "-").split("-")[0].lower()


_CHOICES: dict[str, tuple[str, ...]] = {
    "medium": get_args(Medium), "purpose": get_args(Purpose), "fulfilment": get_args(Fulfilment),
    "stage": get_args(DraftStage), "body_format": get_args(BodyFormat),
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Fix:
    """A rewrite that is safe to apply: put `text` in place of the source from `start` to `end`, or of the finding's
    own span where they are None. An empty span is where something is put in."""

    text: str
    label: str
    start: int | None = None
    end: int | None = None


class Remedy(enum.StrEnum):
    """What may be done about a certain breach where the rule offers no rewrite of its own (see engine.remedies)."""

    SENTENCE = "sentence"
    """The sentence is left out."""
    REQUEST = "request"
    """A request for an opinion becomes a neutral one; any other sentence is left out."""
    LINK = "link"
    """A link's words stay without their address; of an address that is typed the sentence is left out."""
    ELEMENT = "element"
    """A picture, or what else has no words, is taken out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What a rule saw.

    `start` and `end` are offsets into the source of the field named by `where` (0, 0 for an absence);
    `visible_start` and `visible_end` into that field's visible text, or None where nothing of it is visible.
    `overridable` is False where not even a second person may let it through: what such a rule blocks, and
    what the engine could not look at.
    """

    rule: str
    code: str
    outcome: Outcome
    message: str
    text: str = ""
    where: Where = "body"
    start: int = 0
    end: int = 0
    visible_start: int | None = None
    visible_end: int | None = None
    fix: Fix | None = None
    severity: Severity = Severity.BLOCK
    overridable: bool = True
    shadow: bool = False

    @property
    def fixed_span(self) -> tuple[int, int]:
        """What of the source its rewrite takes the place of."""
        if self.fix is None or self.fix.start is None or self.fix.end is None:
            return self.start, self.end
        return self.fix.start, self.fix.end

    @property
    def can_be_fixed(self) -> bool:
        """The text itself can take the rewrite: it is about no absence, and no file's name."""
        if self.fix is None or self.where not in ("subject", "body"):
            return False
        return self.fix.start is not None or self.end > self.start

    @property
    def words_hash(self) -> str:
        return words_hash(self.text)


def words_hash(words: str) -> str:
    """The same for the same words however they are spelled, so that an acceptance survives a re-rendering."""
    return hashlib.sha256(" ".join(fold(words).split()).encode()).hexdigest()[:32]


class Rule:
    """One rule, one file. The module's docstring is its page; `flagged` and `passed` are its tests.

    `flagged` and `passed` hold drafts, or plain strings that stand for the body of an English review
    request of the rule's first medium. `depends_on_values` says that what is filled in for a placeholder
    can change the answer, so that the rule is asked again for every message of an approved version."""

    slug: ClassVar[str]
    code: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Severity] = Severity.BLOCK
    stage: ClassVar[Stage] = Stage.LIVE
    profiles: ClassVar[frozenset[str]] = ALL_MEDIA
    reads: ClassVar[frozenset[Reads]] = frozenset({"message"})
    depends_on_values: ClassVar[bool] = False
    looks_back: ClassVar[bool] = False
    """It reads what the others found, so it is asked after them."""
    overridable: ClassVar[bool] = True
    """False: what the rule blocks, nobody lets out. What it only doubts, a reviewer may accept all the same."""
    flagged: ClassVar[tuple["Draft | str", ...]] = ()
    passed: ClassVar[tuple["Draft | str", ...]] = ()
    remedy: ClassVar[Remedy | None] = None

    def check(self, document: "Document") -> Iterator[Finding]:
        raise NotImplementedError

    @property
    def page(self) -> str:
        return inspect.getdoc(inspect.getmodule(type(self))) or ""

    def finding(
        self, message: str, *, outcome: Outcome = Outcome.BLOCK, text: str = "", where: Where = "body",
        start: int = 0, end: int = 0, fix: Fix | None = None,
    ) -> Finding:  # fmt: skip
        return Finding(
            self.slug, self.code, outcome, message, text, where, start, end, None, None, fix,
            self.severity, self.overridable or outcome < Outcome.BLOCK, self.stage is Stage.SHADOW,
        )  # fmt: skip

    def seen(
        self, message: str, view: "View", start: int, end: int, *, outcome: Outcome = Outcome.BLOCK,
        fix: Fix | None = None,
    ) -> Finding:  # fmt: skip
        """A finding on the words `view.text[start:end]`."""
        source_start, source_end = view.source_span(start, end)
        shown = (start, end) if view.is_visible else (None, None)
        return dataclasses.replace(
            self.finding(message, outcome=outcome, text=view.text[start:end], where=view.where, fix=fix),
            start=source_start, end=source_end, visible_start=shown[0], visible_end=shown[1],
        )  # fmt: skip
