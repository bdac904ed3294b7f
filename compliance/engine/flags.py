"""The plain case of a rule about words: what one group of phrases says, wherever it is not denied."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Said, Sentence


def said(document: Document, group: str, *, widely: bool = False) -> Iterator[Said]:
    """The first undenied phrase of a group in each sentence."""
    last: Sentence | None = None
    for said in document.says(group):
        if said.sentence is not last and not asks.is_denied(said, widely=widely):
            last = said.sentence
            yield said


def words(said: Said) -> str:
    return said.view.text[said.start : said.end]
