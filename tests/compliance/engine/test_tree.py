"""HTML as a mail client shows it, with every word's place in the source."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.engine.errors import TooLarge
from compliance.engine.tree import read


def source_of(html, words):
    tree = read(html)
    start = tree.visible.index(words)
    return html[slice(*tree.visible_spans.source(start, start + len(words)))]


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two", "one\ntwo"),
        ("a  \n b", "a b"),
        ("<b>5</b>-<i>star</i>", "5-star"),
        ("<table><tr><td>a<td>b</table>", "a\nb"),
        ("x &amp; y&nbsp;z &lt;3", "x & y\xa0z <3"),
        ("<pre>a  b\nc</pre>", "a  b\nc"),
        ("a<script>b</script><style>p{}</style><!-- c -->d", "ad"),
        ("<p title='a>b'>x</p>", "x"),
        ("<a href='x>y", ""),
    ],
)
def test_visible_text_is_what_the_page_shows(html, seen):
    assert read(html).visible.strip() == seen


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY: NONE",
        "visibility:hidden",
        "opacity:0",
        "font-size:0",
        "font-size:1px",
        "mso-hide:all",
        "color:#fff",
        "color:white",
        "color:transparent",
        "height:0;overflow:hidden",
        "position:absolute;left:-9999px",
        "text-indent:-9999px",
        "background:#123456;color:#123456",
    ],
)
def test_text_styled_away_is_hidden(style):
    tree = read(f'<p>seen</p><span style="{style}">gone</span>')
    assert tree.visible.strip() == "seen"
    assert tree.hidden.strip() == "gone"


def test_style_block_hides_by_class_and_inline_important_wins():
    tree = read(
        "<style>.x{display:none} .y{display:none}</style><p class=x>a</p>"
        "<p class=y style='display:block!important'>b</p>"
    )
    assert (tree.visible.strip(), tree.hidden.strip()) == ("b", "a")


def test_child_of_hidden_parent_is_hidden():
    assert read("<div hidden><p>a<b>b</b></p></div>").visible == ""


def test_white_text_on_its_own_dark_background_is_seen():
    assert read('<div style="background:#000"><p style="color:#fff">a</p></div>').visible.strip() == "a"


@pytest.mark.parametrize(
    ("html", "words", "source"),
    [
        ("<p>Hello &amp; bye</p>", "& bye", "&amp; bye"),
        ("<p>a <b>bo</b>ld</p>", "bold", "bo</b>ld"),
        ("<p>a\r\n\r\n  b</p>", "a b", "a\r\n\r\n  b"),
        ("&#53;-star", "5-star", "&#53;-star"),
        ("<table>x<tr><td>y</table>", "x", "x"),
        ("é <i>ü</i> ß", "ß", "ß"),
    ],
)
def test_words_lead_back_to_their_source(html, words, source):
    assert source_of(html, words) == source


def test_link_knows_the_words_that_show_it():
    tree = read('<p>See <a href="https://a.example">the <b>page</b></a>.</p>')
    at = next(number for number, element in enumerate(tree.elements) if element.tag == "a")
    assert tree.visible[slice(*tree.links[at])] == "the page"


def test_text_cannot_forge_the_mark_of_a_tag():
    tree = read('<p>x</p><a data-permitted-at="999999" href="y">z</a>')
    link = next(element for element in tree.elements if element.tag == "a")
    assert link.start == 8


@pytest.mark.parametrize("tag", ["b", "div", "table", "font size=1", "span"])
def test_nesting_too_deep_is_refused(tag):
    with pytest.raises(TooLarge, match="nesting"):
        read(f"<{tag}>" * 5000)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<b>",
                "</b>",
                "<table>",
                "<tr>",
                "<td>",
                "</table>",
                "<br>",
                "<!--",
                "-->",
                "<style>",
                "</style>",
                "<a href='",
                "<pre>\n",
                "</pre>",
                "'",
                '"',
                ">",
                "<",
                "&amp;",
                "&#0;",
                "&",
                "text ",
                "  ",
                "\r\n",
                "\x00",
                "é",
                "\u200b",
                "<svg>",
                "<title>",
                "{{ x }}",
            ]
        ),
        max_size=40,
    )
)
def test_any_markup_reads_and_every_offset_lies_in_the_source(pieces):
    html = "".join(pieces)
    tree = read(html)
    for text, spans in ((tree.visible, tree.visible_spans), (tree.hidden, tree.hidden_spans)):
        assert spans.size == len(text)
        for at in range(len(text)):
            start, end = spans.source(at, at + 1)
            assert 0 <= start <= end <= len(html)
