"""A draft read once, for all rules."""

from compliance.engine.types import Draft


class View:
    text: str
    where: str
    is_visible: bool

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        return start, end


class Document:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
