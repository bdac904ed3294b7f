"""A rule's page: its module's docstring, in four fixed sections."""

import dataclasses
import inspect

SECTIONS = ("What it flags", "Why", "Write instead", "Sources")


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """`sections` maps each of SECTIONS to its text; `lead` is the line before them."""

    lead: str
    sections: dict[str, str]


def read(docstring: str) -> Page:
    """Raises ValueError naming what is missing."""
    lines = inspect.cleandoc(docstring).splitlines()
    starts = [(number, line.strip()) for number, line in enumerate(lines) if line.strip() in SECTIONS]
    if tuple(name for _, name in starts) != SECTIONS:
        raise ValueError(
            f"a rule's page has the sections {', '.join(SECTIONS)}, in this order, each on a line"
        )
    ends = [number for number, _ in starts[1:]] + [len(lines)]
    texts = {
        name: "\n".join(lines[at + 1 : end]).strip() for (at, name), end in zip(starts, ends, strict=True)
    }
    empty = [name for name, text in texts.items() if not text]
    if empty:
        raise ValueError(f"nothing is said under {', '.join(empty)}")
    return Page(" ".join(lines[: starts[0][0]]).strip(), texts)
