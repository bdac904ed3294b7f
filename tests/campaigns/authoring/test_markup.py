"""The little HTML a text may use."""

import pytest

from campaigns.domain import markup


def test_the_permitted_tags_pass():
    assert (
        markup.find_faults(
            '<p>Hello<br><strong>a</strong> <a href="{{ review_url }}">b</a></p><ul><li>c</ul>'
        )
        == []
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p>\n<img src='https://a/b.png'></p>", "<img> is not permitted"),
        ("<p style='color:red'>x</p>", "<p style=…> is not permitted"),
        ("<a href='javascript:alert(1)'>x</a>", "must begin with https://"),
        ("<a href='http://amazon.de'>x</a>", "must begin with https://"),
        ("<!-- 112-4830917-2265401 -->", "Comments are not permitted"),
        ("<strong>x", "never closed"),
        ("<script>x</script>", "<script> is not permitted"),
    ],
)
def test_anything_else_is_named(body, words):
    faults = markup.find_faults(body)
    assert any(words in fault.sentence for fault in faults)


def test_a_fault_names_its_line():
    assert markup.find_faults("<p>a</p>\n<div>b</div>")[0].line == 2
