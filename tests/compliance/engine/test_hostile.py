"""Texts made to cost time or to break the checker: each gets a clear finding, none an error."""

import pytest

from compliance.engine.document import SIZE_LIMIT, TEXT_LIMIT
from compliance.engine.run import check
from compliance.engine.types import Draft, Outcome

PIECES = {
    "addresses": "a@a@",
    "digits": "1234567890",
    "nested tags": "<div>",
    "paragraphs": "<p>a",
    "entities": "&amp;&#x41;",
    "invisible letters": "r\u200be\u200b",
    "letters apart": "r e v i e w ",
    "hosts": "a.com ",
    "spelled hosts": "acme dot ",
    "conditions": "if you are happy leave a review ",
    "brackets": "[[",
    "placeholders": "{{ x }}",
    "open tags": '<a href="',
    "styles": "<style>p{color:red}</style>",
    "pictures": '<img alt="review 5 stars">',
    "telephones": "0800 123 4567, ",
    "kana": "レビュー",
}


def filled(piece, size):
    return (piece * (size // len(piece.encode()) + 1)).encode()[:size].decode("utf-8", "ignore")


def mail(body, body_format="html"):
    return Draft("relay_email", "review_request", body, "en-US", "US", body_format=body_format)


@pytest.mark.parametrize("body_format", ["html", "text"])
@pytest.mark.parametrize("size", [TEXT_LIMIT - 100, SIZE_LIMIT])
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_endless_text_is_blocked_with_a_reason_and_crashes_no_rule(piece, size, body_format):
    report = check(mail(filled(piece, size), body_format))
    assert report.outcome == Outcome.BLOCK
    assert "rule-crashed" not in {f.rule for f in report.findings}
    assert all(f.message for f in report.findings)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("word " * TEXT_LIMIT, "the text's length"),
        ("<i>a</i>" * 3_001, "the number of tags"),
        ("<div>" * 300, "the nesting of tags"),
        (f'<img alt="{"word " * TEXT_LIMIT}">', "the text's length"),
        ("x" * (SIZE_LIMIT + 1), "the body's size"),
    ],
)
def test_what_is_too_much_is_said_with_the_limit(body, what):
    (finding,) = check(mail(body)).findings
    assert finding.rule == "too-large"
    assert what in finding.message
    assert "at most" in finding.message
    assert not finding.overridable


def test_long_source_with_a_short_text_is_read():
    picture = f'<img alt="" src="data:image/png;base64,{"A" * 200_000}">'
    rules = {f.rule for f in check(mail(f"<p>Leave us 5 stars.</p>{picture}")).findings}
    assert "no-positive-only" in rules
    assert "too-large" not in rules


def test_margins_within_a_comment_that_some_client_reads_crash_nothing():
    aside = "<!--[if mso]><td style='padding:9px 200px'>a<p style='margin:200px'>b</p></td><![endif]-->"
    body = f"{aside}<p style='margin:200px'>c</p>"
    assert "rule-crashed" not in {f.rule for f in check(mail(body)).findings}
