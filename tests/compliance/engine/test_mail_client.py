"""HTML made to look other than it reads: the checker sees what a mail client shows."""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.engine.errors import TooLarge
from compliance.engine.run import check
from compliance.engine.tree import INLINE_LIMIT, RULES_LIMIT, STYLES_LIMIT, read
from compliance.engine.types import Draft

ORDER = "112-4830917-2265401"


def seen(html):
    tree = read(html)
    return tree.visible.strip(), tree.hidden.strip()


def rules_of(body, above="advice", **fields):
    draft = Draft(
        "relay_email", "review_request", body, "en-US", "US", order_id=ORDER, body_format="html", **fields
    )
    return {f.rule for f in check(draft).findings if f.outcome > above}


@pytest.mark.parametrize(
    "style",
    [
        "font:0/0 a",
        "font-size:0.05em",
        "font-size:1%",
        "font-size:.1vw",
        "line-height:0;overflow:hidden",
        "max-height:0px;overflow:hidden",
        "width:1px;height:1px;overflow:clip",
        "opacity:0.01",
        "opacity:3%",
        "filter:alpha(opacity=0)",
        "filter:opacity(0)",
        "clip:rect(0 0 0 0);position:absolute",
        "clip-path:inset(100%)",
        "clip-path:circle(0)",
        "transform:scale(0)",
        "transform:translateX(-9999px)",
        "position:relative;top:-2000px",
        "margin-left:-5000px",
        "letter-spacing:-1em",
        "zoom:0",
        "content-visibility:hidden",
        "-webkit-text-fill-color:transparent",
        "color:rgba(0,0,0,0.02)",
        "color:rgb(0 0 0 / 1%)",
        "color:hsl(0 0% 100%)",
        "color:#fffffe",
        "color:#fff0",
        "color:WHITE",
        "background:url(x.png) #123456;color:#123457",
        "background:transparent;color:#fff",
        "background-color:rgba(0,0,0,0);color:#fefefe",
    ],
)
def test_words_styled_out_of_sight_are_hidden(style):
    assert seen(f'<p>seen</p><span style="{style}">gone</span>') == ("seen", "gone")


@pytest.mark.parametrize(
    "style",
    [
        "color:#fff;background:#000",
        "color:#fff;background:url(x.png)",
        "color:#fff;background-image:linear-gradient(red,blue)",
        "color:inherit",
        "color:calc(1)",
        "font:14px/20px Arial",
        "font-size:calc(1px + 1em)",
        "overflow:hidden;width:600px",
        "opacity:0.8",
        "margin-left:-10px",
        "letter-spacing:-0.5px",
        "clip-path:inset(10%)",
        "transform:scale(1.1)",
        "max-height:none;overflow:hidden",
    ],
)
def test_words_that_only_look_odd_are_seen(style):
    assert seen(f'<p style="{style}">seen</p>') == ("seen", "")


@pytest.mark.parametrize(
    ("html", "visible", "hidden"),
    [
        ("<p style='font-size:0'>a<span style='font-size:14px'>b</span></p>", "b", "a"),
        ("<p style='visibility:hidden'>a<b style='visibility:visible'>b</b></p>", "b", "a"),
        ("<p style='color:#fff'>a<b style='color:#000'>b</b></p>", "b", "a"),
        ("<p style='display:none'>a<b style='display:block'>b</b></p>", "", "a\nb"),
        ("<p style='color:#fff;background:#000'>a<b style='background:#fff'>b</b></p>", "a", "b"),
        ("<div style='background:#000'><font color=white>a</font></div><font color=#fff>b</font>", "a", "b"),
        ("<body bgcolor=black text=white>a<table bgcolor=white><tr><td>b</table>", "a", "b"),
        ("<p style='color:#fff'>a<a href='https://www.amazon.com'>b</a></p>", "b", "a"),
        ("<details><summary>a</summary>b<p>c</p></details>", "a", "b\nc"),
        ("<details open><summary>a</summary>b</details>", "a\nb", ""),
        ("<dialog>b</dialog>a", "a", "b"),
        ("<template>b</template>a", "a", ""),
        ("<noscript>a</noscript>", "a", ""),
        ("<p hidden style='display:block'>a</p>", "a", ""),
        ("a<textarea>b</textarea><select><option>c</select>", "a", "b\nc"),
        ("<div style='display:inline'>re</div><div style='display:inline'>view</div>", "review", ""),
        ("<span style='display:block'>a</span><span style='display:block'>b</span>", "a\nb", ""),
        ("<svg><text>a</text></svg>", "a", ""),
        ("<p style='white-space:pre'>a  b</p>", "a  b", ""),
    ],
)
def test_what_is_shown_follows_inheritance_and_display(html, visible, hidden):
    assert seen(html) == (visible, hidden)


@pytest.mark.parametrize(
    ("css", "is_seen"),
    [
        (".x{display:none}", False),
        ("@media print{.x{display:none}}", True),
        ("@media screen{.x{display:none}}", False),
        ("@media (max-width:600px){.x{display:none}}", True),
        ("@media (prefers-color-scheme:dark){.x{color:#fff}}", True),
        ("#i{display:block}.x{display:none}", True),
        (".x{display:none}p.x{display:block}", True),
        ("p:not(.y).x{display:none}.x{display:block}", False),
        (".x{display:none!important}#i{display:block}", False),
        ('[class="a.b.c"]{display:block}.x{display:none}', False),
        (".x::before{display:none}", True),
        ("@supports (display:grid){.x{color:red}}", True),
        ("/* .x{display:none} */", True),
        (".x{display:none", False),
        ("}}.x{display:none}", None),
    ],
)
def test_style_sheets_apply_by_weight_order_and_screen(css, is_seen):
    tree = read(f"<style>{css}</style><p class=x id=i>words</p>")
    if is_seen is not None:
        assert (tree.visible.strip() == "words") is is_seen


def test_comment_that_one_client_reads_is_read_and_plain_comments_are_not():
    html = "<p>a</p><!--[if mso]><p>Leave <b>5 stars</b></p><![endif]--><!-- 5 stars --><!--[if !mso]><!-->b<!--<![endif]-->"
    tree = read(html)
    assert (tree.visible.split(), tree.hidden.split()) == (["a", "b"], ["Leave", "5", "stars"])
    start = tree.hidden.index("5 stars")
    assert html[slice(*tree.hidden_spans.source(start, start + 7))] == "5 stars"


def test_links_and_pictures_in_such_a_comment_are_checked():
    link = "<a href='https://acme.example'><img src='http://acme.example/a.gif' alt='x'></a>"
    html = f"<p>Order {ORDER}</p><!--[if mso]>{link}<![endif]-->"
    assert {"link-external", "no-gif", "images-https"} <= rules_of(html)


def test_words_that_a_style_puts_on_the_page_are_read_at_their_place():
    html = f"<style>p::after{{content:'Leave us 5 stars'}}</style><p>Order {ORDER}</p>"
    draft = Draft("relay_email", "review_request", html, "en-US", "US", order_id=ORDER, body_format="html")
    found = next(f for f in check(draft).findings if f.rule == "no-positive-only")
    assert "5 stars" in html[found.start : found.end]


@pytest.mark.parametrize(
    "body",
    [
        f"<p>Hi</p><p style='color:#fff'>{ORDER}</p>",
        f"<p>Hi</p><p title='{ORDER}'>x</p>",
        f"<p>Hi</p><details><summary>More</summary>{ORDER}</details>",
        f"<p>Hi</p><!--[if mso]>{ORDER}<![endif]-->",
        f"<style>.x{{font:0/0 a}}</style><p>Hi</p><p class=x>{ORDER}</p>",
    ],
)
def test_order_id_that_nobody_can_read_does_not_count(body):
    assert "order-id-present" in rules_of(body)


@pytest.mark.parametrize(
    "words",
    [
        "voucher",
        "v o u c h e r",
        "v&nbsp;o&nbsp;u&nbsp;c&nbsp;h&nbsp;e&nbsp;r",
        "v&nbsp; o&nbsp; u&nbsp; c&nbsp; h&nbsp; e&nbsp; r",
        "v-o-u-c-h-e-r",
        "v/o/u/c/h/e/r",
        "v.o.u.c.h.e.r",
        "vou<b></b>cher",
        "vou<wbr>cher",
        "vou<!-- -->cher",
        "<span>vou</span><span>cher</span>",
        "vou<i style='display:none'>xx</i>cher",
        "vou&shy;ch&#8203;er",
        "vou\u2060cher",
        "ｖｏｕｃｈｅｒ",
        "vоuсhеr",
        "ＶＯＵＣＨＥＲ",
        "&#118;oucher",
        "&amp;#118;oucher",
        "v0uch3r",
        "\u202erehcuov\u202c",
        "<table><tr><td>v<td>o<td>u<td>c<td>h<td>e<td>r</table>",
    ],
)
def test_disguised_word_is_read_and_blocks(words):
    assert "no-incentive" in rules_of(
        f"<p>Order {ORDER}</p><p>Write a review: it brings you a {words}.</p>", above="review"
    )


@pytest.mark.parametrize("words", ["brochure", "v, o and u", "B0C7GPRS41", "plan a b c", "&amp;copy; 2026"])
def test_word_that_only_resembles_a_disguise_blocks_nothing(words):
    """The sentence around it sounds like a bargain and may be doubted for that."""
    assert "no-incentive" not in rules_of(
        f"<p>Order {ORDER}</p><p>Write a review: it brings you a {words}.</p>", above="review"
    )


@pytest.mark.parametrize(
    ("sheet", "what"),
    [
        ("p{color:red}" * (STYLES_LIMIT // 12 + 1), "the style sheets' length"),
        ("p{}" * (RULES_LIMIT + 1), "the number of style rules"),
    ],
)
def test_more_styles_than_any_mail_has_are_refused(sheet, what):
    with pytest.raises(TooLarge, match=what):
        read(f"<style>{sheet}</style>")
    with pytest.raises(TooLarge, match="style attributes"):
        read("".join(f'<i style="margin:{n}px;{"x" * 90}:y">a</i>' for n in range(INLINE_LIMIT // 100 + 1)))


# --- offsets, both ways ---

PIECES = st.lists(
    st.sampled_from(
        ["word ", "a", "é", "星", "\U0001f600", "&amp;", "&eacute;", "&#x41;", "&nbsp;", "  ", "\r\n", "\t", "<b>", "</b>", "<p>",
         "</p>", "<br>", "<i style='display:none'>", "</i>", "<td>", "<table>", "<table>", "<tr>", "</table>", "<pre>", "</pre>",
         "<!-- c -->",
         "<!--[if mso]>x<![endif]-->", "<style>p{}</style>", "<a href='#'>", "</a>", "&lt;", "&bogus;", "<", "\u200b"]
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_each_letter_seen_stands_in_the_source_where_it_is_said_to(pieces):
    check_letters("".join(pieces))


@pytest.mark.parametrize(
    "source",
    [
        "word <table>  </b>word ",
        "word <table><tr><td>word</td>loose &amp; word</tr></table> after",
        "<table>a<tr>b<td>c</td>d</tr>e</table>f",
        "a <b>b<table>c<i>d</i> e<tr><td>f</table> g",
        "\U000f0000 a<table>b</table>",
    ],
)
def test_words_loose_in_a_table_are_told_their_place_too(source):
    check_letters(source)


def test_words_moved_out_of_a_table_are_told_the_very_place_they_stand_at():
    source = "<table><tr><td>x</td></tr>x</table>"
    tree = read(source)
    assert tree.visible.split() == ["x", "x"]  # the loose one first, as a browser shows it
    assert [tree.visible_spans.source(at, at + 1)[0] for at, c in enumerate(tree.visible) if c == "x"] == [
        26,
        15,
    ]


def check_letters(source):
    tree = read(source)
    for text, spans in ((tree.visible, tree.visible_spans), (tree.hidden, tree.hidden_spans)):
        assert spans.size == len(text)
        for at, letter in enumerate(text):
            start, end = spans.source(at, at + 1)
            assert 0 <= start <= end <= len(source)
            if not letter.isspace() and start < end:
                assert letter in html.unescape(source[start:end])


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_way_into_the_source_and_back_leads_to_the_same_words(pieces):
    source = "".join(pieces)
    tree = read(source)
    for at, letter in enumerate(tree.visible):
        start, end = tree.visible_spans.source(at, at + 1)
        if letter.isspace() or start == end:
            continue
        back = tree.visible_spans.seen(start, end)
        assert any(first <= at < last for first, last in back)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab c<>&;#\n\t'\"=/!-éñ\u200b星"), max_size=60))
def test_any_text_reads_and_stays_inside_its_source(source):
    tree = read(source)
    for text, spans in ((tree.visible, tree.visible_spans), (tree.hidden, tree.hidden_spans)):
        for at in range(len(text)):
            start, end = spans.source(at, at + 1)
            assert 0 <= start <= end <= len(source)
