"""Every address in a message: in attributes, typed as text, or spelled out, with its host and registrable
domain."""

import dataclasses
import functools
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import regex
import tldextract

from compliance.engine.types import Where

# Offline: the list that came with the package, no cache on disk.
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
_RESERVED = frozenset({"example", "test", "invalid", "localhost"})

AMAZON = frozenset(
    "amazon." + suffix
    for suffix in (
        [
            "com",
            "ca",
            "com.mx",
            "com.br",
            "co.uk",
            "ie",
            "de",
            "fr",
            "it",
            "es",
            "nl",
            "se",
            "pl",
            "com.be",
            "com.tr",
            "ae",
            "sa",
            "eg",
            "in",
            "co.za",
            "co.jp",
            "com.au",
            "sg",
        ]
    )
)
AMAZON_IMAGES = frozenset({"media-amazon.com", "ssl-images-amazon.com", "images-amazon.com"})
AMAZON_SHORT = frozenset({"amzn.to", "a.co", "amzn.eu", "amzn.asia", "amzn.com"})


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """`kind`: `href` (an attribute), `typed` (an address in the text) or `spelled` ("acme dot com").

    `start`, `end` are offsets in the source. `visible` is the span of the words that show it, if any.
    """

    kind: str
    url: str
    scheme: str
    host: str
    domain: str
    words: str
    start: int
    end: int
    where: Where = "body"
    visible: tuple[int, int] | None = None
    is_placeholder: bool = False

    @property
    def is_amazon(self) -> bool:
        return self.domain in AMAZON or self.domain in AMAZON_IMAGES

    @property
    def is_shortened_amazon(self) -> bool:
        return self.domain in AMAZON_SHORT


@functools.lru_cache(maxsize=4096)
def parts(url: str) -> tuple[str, str, str]:
    """(scheme, host, registrable domain) as a browser would read the address; empty where there is none."""
    cleaned = "".join(char for char in url if char > " " and char != "\x7f").replace("\\", "/")
    scheme_match = _SCHEME.match(cleaned)
    scheme = scheme_match[1].lower() if scheme_match else ""
    if scheme not in ("", "http", "https", "ftp"):
        return scheme, "", ""
    rest = cleaned[scheme_match.end() :] if scheme_match else cleaned
    if scheme or rest.startswith("//"):
        rest = "//" + rest.lstrip("/")
    else:
        return "", "", ""
    host = _host(rest)
    return scheme, host, domain_of(host)


_SCHEME = regex.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return "?"


@functools.lru_cache(maxsize=4096)
def domain_of(host: str) -> str:
    """The part one registers: `shop.acme.co.uk` gives `acme.co.uk`; the host itself where no suffix is
    known."""
    if host.rpartition(".")[2] in _RESERVED:
        return ".".join(host.split(".")[-2:])
    return _extract(host).top_domain_under_public_suffix or host


def is_name(host: str) -> bool:
    """True where the text could be typed into a browser: it ends in a public suffix and has a name before
    it."""
    last = host.rpartition(".")[2]
    if last in _RESERVED:
        return True
    found = _extract(host)
    return bool(found.domain and found.suffix)


TYPED = regex.compile(
    r"(?:https?|ftp)\s?:\s?//\S+"
    r"|(?<![\w@.-])www\.[\w-]+(?:\.[\w-]+)*(?:/[^\s<>\"']*)?"
    r"|(?<![\w@./-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[a-z]{2,18}(?![\w@-])(?:/[^\s<>\"']*)?",
    regex.IGNORECASE,
)
_DOT = r"(?:dot|punkt|point|punto|ponto|kropka|punt|nokta|ドット|点)"
_SUFFIX = r"(?:com|net|org|shop|store|info|biz|eu|io|co|de|fr|es|it|nl|pl|se|uk|jp|br|pt|tr|at|ch|example)"
SPELLED = regex.compile(
    rf"(?<![\w])([\w-]{{2,40}})\s?(?:[\(\[\{{]\s?(?:{_DOT}|\.)\s?[\)\]\}}]\s?{_SUFFIX}|\s{_DOT}\s{_SUFFIX})(?!\w)"
    rf"|(?<![\w])[\w-]{{2,40}}\s\.\s?{_SUFFIX}(?!\w)",
    regex.IGNORECASE,
)
TRAILING = ".,;:!?)]}'\"»”’。、」"


# What every typed address has. Looking for it first, and then only at the word around it, keeps long texts
# quick.
_SIGN = re.compile(r"//|\.[A-Za-z]{2}")
_SPACE = re.compile(r"\s")


def typed(text: str) -> list[tuple[int, int]]:
    """Spans of addresses typed as text."""
    return [span for start, end in _chunks(text) for span in _typed_within(text, start, end)]


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """Stretches without white space that may hold an address, with the word before (`https : //`)."""
    done = 0
    while sign := _SIGN.search(text, done):
        start = _word_start(text, sign.start(), done)
        after = _SPACE.search(text, sign.end() + 1)
        done = after.start() if after else len(text)
        yield start, done


def _word_start(text: str, at: int, first: int) -> int:
    while at > first and (
        not text[at - 1].isspace() or text[at - 1 : at + 1] == " :" or text[at - 2 : at] == ": "
    ):
        at -= 1
    return at


def _typed_within(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in TYPED.finditer(text, start, end):
        found = match[0].rstrip(TRAILING)
        if _is_address(found):
            yield match.start(), match.start() + len(found)


def _is_address(found: str) -> bool:
    lowered = found.lower()
    if lowered.startswith(("http", "ftp", "www.")):
        return True
    host = lowered.split("/")[0]
    if _is_two_sentences(found.split("/")[0]) or _is_file(host):
        return False
    return is_name(host) and not host.rpartition(".")[0].replace(".", "").isdigit()


def _is_two_sentences(host: str) -> bool:
    """`here.It`: a stop without the space after it, where the next word begins with a capital."""
    before, _, last = host.rpartition(".")
    return last[:1].isupper() and not last.isupper() and before[-1:].islower()


def _is_file(host: str) -> bool:
    return host.rpartition(".")[2] in _FILES


_FILES = frozenset(
    [
        "pdf",
        "doc",
        "docx",
        "jpg",
        "jpeg",
        "png",
        "gif",
        "txt",
        "zip",
        "xls",
        "xlsx",
        "csv",
        "md",
        "html",
        "htm",
        "mov",
    ]
)


def spelled(text: str) -> list[tuple[int, int]]:
    """Spans of addresses written out to escape notice ("acme dot com", "acme [.] com")."""
    lowered = text.lower()
    if not any(word in lowered for word in _DOTS):
        return []
    return [match.span() for match in SPELLED.finditer(text)]


_DOTS = (
    "dot", "punkt", "point", "punto", "ponto", "kropka", "punt", "nokta", "点", "ドット",
    "[.", "(.", "{.", "[ .",
    "( .",
    " . ", *(f" .{letter}" for letter in "abcdefijnopstu"),
)  # fmt: skip
