"""How good the checker is on labelled messages: what it catches, what it lets through, by language and by rule.

The measures are those of tests/compliance/cases/README.md. Pure."""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from compliance.corpus_case import answer_of, draft_of
from compliance.engine.run import check

HELD = ("review", "block")
_SHORTEST_TELLING = 3
"""Characters of a word that shows that the right place was found."""


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """One message with what was expected and what was answered. `tolerated` rules are neither right nor wrong."""

    id: str
    language: str
    wanted: str
    got: str
    rules: frozenset[str]
    named: frozenset[str]
    must_not: frozenset[str]
    tolerated: frozenset[str]
    evidence: tuple[bool, ...]

    @property
    def is_clean(self) -> bool:
        return self.wanted == "pass"

    @property
    def is_caught(self) -> bool:
        return self.got in HELD and bool(self.named & (self.rules | self.tolerated))

    @property
    def is_as_wanted(self) -> bool:
        """Clean and let through; or caught, and blocked where it must be."""
        if self.is_clean:
            return self.got == "pass"
        return self.is_caught and (self.wanted != "block" or self.got == "block")


def judge(case: Mapping[str, Any]) -> Judged:
    """Raises EngineError where the case is no message, KeyError where it has no expectation."""
    answer, expect = answer_of(case["id"], check(draft_of(case))), case["expect"]
    held = [finding for finding in answer["findings"] if finding["outcome"] in HELD]
    named = frozenset(finding["rule"] for finding in held)
    tolerated = (tag.removeprefix("also:") for tag in case.get("tags", ()) if tag.startswith("also:"))
    return Judged(
        case["id"], case["language"].split("-")[0], expect["outcome"], answer["outcome"],
        frozenset(one["rule"] for one in expect["rules"]), named, frozenset(expect.get("must_not", ())),
        frozenset(tolerated), tuple(_evidence(expect["rules"], held, named)),
    )  # fmt: skip


def _evidence(
    expected: Iterable[Mapping[str, str]], held: Sequence[Mapping[str, str]], named: frozenset[str]
) -> Iterator[bool]:
    for one in expected:
        if one["evidence"] and one["rule"] in named:
            said = " ".join(found["text"] for found in held if found["rule"] == one["rule"]).lower()
            whole = one["evidence"].lower()
            words = {word for word in whole.split() if len(word) >= _SHORTEST_TELLING} or {whole}
            yield any(word in said for word in words)


def share(judged: Iterable[Judged], whose: Callable[[Judged], bool], what: Callable[[Judged], bool]) -> float:
    """Of those `whose` holds, the part of which `what` holds, too; not a number where there is none."""
    found = [what(one) for one in judged if whose(one)]
    return sum(found) / len(found) if found else float("nan")


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    def is_bad(one: Judged) -> bool:
        return not one.is_clean

    def must_block(one: Judged) -> bool:
        return one.wanted == "block"

    right = sum(len(one.rules & one.named) for one in judged)
    wrong = sum(len(one.named - one.rules - one.tolerated) for one in judged)
    wanted = sum(len(one.rules) for one in judged)
    traps = sum(len(one.must_not) for one in judged)
    shown = [hit for one in judged for hit in one.evidence]
    return {
        "caught": share(judged, is_bad, lambda one: one.is_caught),
        "stopped": share(judged, is_bad, lambda one: one.got in HELD),
        "leaked": share(judged, must_block, lambda one: one.got not in HELD),
        "blocked": share(judged, must_block, lambda one: one.got == "block"),
        "let through": share(judged, lambda one: one.is_clean, lambda one: one.got == "pass"),
        "precision": right / max(1, right + wrong),
        "recall": right / max(1, wanted),
        "traps avoided": 1 - sum(len(one.must_not & one.named) for one in judged) / max(1, traps),
        "evidence": sum(shown) / max(1, len(shown)),
    }


def lines(judged: Sequence[Judged]) -> Iterator[str]:
    yield "  ".join(f"{name} {value:.3f}" for name, value in figures(judged).items())
    yield "\nlanguage   caught   leaked  let through"
    for language in sorted({one.language for one in judged}):
        inside = [one for one in judged if one.language == language]
        bad, clean = [one for one in inside if not one.is_clean], [one for one in inside if one.is_clean]
        leaked = sum(one.wanted == "block" and one.got not in HELD for one in bad)
        through = sum(one.got == "pass" for one in clean)
        yield f"{language:8} {sum(one.is_caught for one in bad):4}/{len(bad):<4} {leaked:6} {through:7}/{len(clean)}"
    yield "\nrule                                found/wanted  wrong  named instead"
    yield from _by_rule(judged)


def _by_rule(judged: Sequence[Judged]) -> Iterator[str]:
    wanted, found, wrong = Counter[str](), Counter[str](), Counter[str]()
    instead: dict[str, Counter[str]] = defaultdict(Counter)
    for one in judged:
        wanted.update(one.rules)
        found.update(one.rules & one.named)
        extra = one.named - one.rules - one.tolerated
        wrong.update(extra)
        for rule in one.rules - one.named:
            instead[rule].update(extra or ["nothing"])
    for rule in sorted({*wanted, *wrong}):
        others = ", ".join(f"{name} {count}" for name, count in instead[rule].most_common(3))
        yield f"{rule:36} {found[rule]:4}/{wanted[rule]:<4} {wrong[rule]:8}  {others}"
