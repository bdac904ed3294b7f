"""All rewrites that are safe, applied until none is left: what the editor's "apply all" and `check_text --fix` do. Pure."""

import dataclasses

from compliance.engine import fixing
from compliance.engine.run import check
from compliance.engine.types import Draft, Finding

#: Overlapping rewrites are applied one after the other. More rounds than this would be two that undo each other.
ROUNDS = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Rewritten:
    """The draft with its rewrites, and the findings whose rewrite was applied."""

    draft: Draft
    applied: tuple[Finding, ...]


def rewrite(draft: Draft) -> Rewritten:
    """Subject and body. A shadow rule's rewrite is none: it speaks to nobody yet."""
    applied: list[Finding] = []
    for _ in range(ROUNDS):
        findings = [f for f in check(draft).findings if not f.shadow]
        subject, of_subject = fixing.apply(draft.subject, findings, "subject")
        body, of_body = fixing.apply(draft.body, findings)
        if (subject, body) == (draft.subject, draft.body):
            break
        draft = dataclasses.replace(draft, subject=subject, body=body)
        applied += [*of_subject, *of_body]
    return Rewritten(draft, tuple(applied))


def apply_one(draft: Draft, finding: Finding) -> Draft:
    """The draft with this finding's rewrite; unchanged where it has none, or is about neither subject nor body."""
    subject, _ = fixing.apply(draft.subject, [finding], "subject")
    body, _ = fixing.apply(draft.body, [finding])
    return dataclasses.replace(draft, subject=subject, body=body)
