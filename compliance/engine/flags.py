"""The plain case of a rule about words: what one group of phrases says, wherever it is not denied."""

from collections.abc import Iterator

from compliance.engine import asks
from compliance.engine.document import Document, Said


def said(document: Document, group: str) -> Iterator[Said]:
    """The first undenied phrase of a group in each sentence."""
    for sentence in document.sentences():
        found = next((said for said in sentence.said.get(group, ()) if not asks.is_denied(said)), None)
        if found is not None:
            yield found


def words(said: Said) -> str:
    return said.view.text[said.start : said.end]
