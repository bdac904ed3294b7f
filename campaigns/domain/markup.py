"""The little HTML a text may use, checked with the line it stands on. Pure.

What is not here has no place in a message to a buyer: styles, images, tables, scripts. A fault names the tag or
attribute, so that the author mends it; nothing is dropped silently.
"""

from html.parser import HTMLParser

from campaigns.domain.render import TemplateFault

TAGS: dict[str, frozenset[str]] = {
    "p": frozenset(),
    "br": frozenset(),
    "strong": frozenset(),
    "em": frozenset(),
    "ul": frozenset(),
    "ol": frozenset(),
    "li": frozenset(),
    "a": frozenset({"href"}),
}
_UNCLOSED = frozenset({"br", "p", "li"})  # HTML closes these itself


def find_faults(body: str) -> list[TemplateFault]:
    reader = _Reader()
    reader.feed(body)
    reader.close()
    left_open = [
        _fault(line, f"<{tag}> is never closed; add </{tag}>.")
        for tag, line in reader.open
        if tag not in _UNCLOSED
    ]
    return reader.faults + left_open


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[TemplateFault] = []
        self.open: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        if tag not in TAGS:
            self.faults.append(_fault(line, f"<{tag}> is not permitted; use only {', '.join(TAGS)}."))
            return
        for name, value in attrs:
            self._examine(tag, name, value or "", line)
        if tag != "br":
            self.open.append((tag, line))

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index][0] == tag:
                del self.open[index:]
                return

    def handle_comment(self, data: str) -> None:
        self.faults.append(_fault(self.getpos()[0], "Comments are not permitted; remove <!-- … -->."))

    def _examine(self, tag: str, name: str, value: str, line: int) -> None:
        if name not in TAGS[tag]:
            self.faults.append(_fault(line, f"<{tag} {name}=…> is not permitted; write <{tag}> without it."))
        elif not value.strip().startswith(("https://", "{{")):
            self.faults.append(
                _fault(line, f"The link {value!r:.80} must begin with https:// or be a link placeholder.")
            )


def _fault(line: int, sentence: str) -> TemplateFault:
    return TemplateFault("body", line, sentence)
