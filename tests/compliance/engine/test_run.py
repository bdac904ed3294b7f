"""The run over a draft: it never raises, and fails closed."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compliance.engine.errors import DraftInvalid, NotPreparable
from compliance.engine.run import check, check_targeting, prepare
from compliance.engine.types import Condition, Draft, Finding, Outcome, Rule, Stage, Targeting

ORDER = "112-4830917-2265401"


def mail(body, **fields):
    given = {"subject": f"Order {ORDER}", "order_id": ORDER, "body_format": "html", **fields}
    return Draft(
        "relay_email",
        given.pop("purpose", "review_request"),
        body,
        given.pop("language", "en-US"),
        "US",
        **given,
    )


class Crashes(Rule):
    slug, code, title = "crashes", "Z1", "x"

    def check(self, document):
        yield self.finding("seen before the crash")
        raise RuntimeError("secret of the buyer")


class Speaks(Rule):
    slug, code, title = "speaks", "Z2", "x"

    def check(self, document):
        yield self.finding("always")


class Shadow(Speaks):
    stage = Stage.SHADOW


class Retired(Speaks):
    stage = Stage.RETIRED


def test_clean_request_has_no_findings():
    report = check(
        mail(f"<p>About order {ORDER}.</p><p>If you have a moment, you can write a product review.</p>")
    )
    assert report.findings == ()
    assert report.outcome == Outcome.PASS
    assert report.pack


def test_rule_that_crashes_holds_the_message_and_is_named_and_the_others_still_run():
    findings = check(mail("x"), [Crashes(), Speaks()]).findings
    assert [(f.rule, f.outcome) for f in findings] == [
        ("rule-crashed", Outcome.REVIEW),
        ("speaks", Outcome.BLOCK),
    ]
    assert "crashes" in findings[0].message
    assert "secret" not in findings[0].message
    assert not findings[0].overridable


def test_shadow_rule_records_and_does_not_count_and_retired_rule_is_not_asked():
    report = check(mail("x"), [Shadow(), Retired()])
    assert [f.rule for f in report.findings] == ["speaks"]
    assert report.outcome == Outcome.PASS


def test_text_beyond_the_limit_is_blocked_with_the_size():
    findings = check(mail("é" * 140_000)).findings
    assert [(f.rule, f.outcome) for f in findings] == [("too-large", Outcome.BLOCK)]
    assert "262144" in findings[0].message


def test_rule_that_finds_no_end_is_cut_off_but_not_before_its_gravest():
    class Endless(Rule):
        slug, code, title = "endless", "Z3", "x"

        def check(self, document):
            for _ in range(1000):
                yield self.finding("look", outcome=Outcome.ADVICE)
            while True:
                yield self.finding("stop")

    report = check(mail("x"), [Endless()])
    assert report.outcome == Outcome.BLOCK
    assert len(report.findings) == 1001


def test_language_no_rule_reads_goes_to_a_person():
    assert "language-not-read" in {
        f.rule for f in check(mail(f"<p>Заказ {ORDER}</p>", language="ru-RU")).findings
    }


def test_outcomes_are_ordered_and_not_by_spelling():
    assert max(Outcome) == Outcome.BLOCK
    assert sorted(Outcome) == [Outcome.PASS, Outcome.ADVICE, Outcome.REVIEW, Outcome.BLOCK]


def test_draft_names_the_field_that_is_wrong():
    with pytest.raises(DraftInvalid, match="medium: 'sms'"):
        Draft("sms", "invoice", "x", "en", "US")


def test_targeting_alone_is_checked_without_a_text():
    targeting = Targeting("delivered", 192, (Condition("feedback_score", "at_least", ("4",)),))
    report = check_targeting(targeting, purpose="review_request", marketplace="US")
    assert [f.rule for f in report.findings] == ["no-selective-audience"]
    assert report.findings[0].where == "targeting"


def test_same_words_hash_however_disguised():
    one = Finding("r", "C1", Outcome.REVIEW, "m", text="Five  Stars")
    assert one.words_hash == Finding("r", "C1", Outcome.REVIEW, "m", text="fivе stаrs").words_hash
    assert one.words_hash != Finding("r", "C1", Outcome.REVIEW, "m", text="four stars").words_hash


def test_finding_offsets_point_at_the_words_in_source_and_in_visible_text():
    body = f"<p>Order {ORDER}.</p><p>Please leave a <b>positive</b> review.</p>"
    finding = next(f for f in check(mail(body)).findings if f.rule == "no-positive-only")
    assert body[finding.start : finding.end] == "Please leave a <b>positive</b> review."
    assert finding.text == "Please leave a positive review."
    assert finding.visible_end - finding.visible_start == len(finding.text)


def test_hidden_and_alternative_text_is_read_too():
    hidden = f"<p>Order {ORDER}</p><div style='display:none'>Leave a review for a gift card</div>"
    assert "no-incentive" in {f.rule for f in check(mail(hidden)).findings}
    alt = f"<p>Order {ORDER}: review us</p><img alt='five gold stars' src='cid:a'>"
    assert "no-positive-only" in {f.rule for f in check(mail(alt)).findings}


MIXED = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<a href='https://x.example'>",
            "</a>",
            "<b>",
            "<style>p{color:red}</style>",
            "5 stars",
            "review",
            "if you are happy",
            "gift card",
            "not",
            "?",
            ". ",
            "\n",
            "&amp;",
            "{{ order_id }}",
            "{{",
            "%",
            "+1 415 555 0132",
            "a@b.example",
            "acme dot com",
            "\u200b",
            "星5つ",
            "\U0001f600",
            "\x00",
            "\ue000",
            "\ud83d",
            "[[x]]",
            "e d i t",
            ORDER,
        ]
    ),
    max_size=30,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MIXED, st.sampled_from(["en", "de", "ja", "tr", "ru"]), st.sampled_from(["html", "text"]))
def test_no_text_makes_a_rule_crash(pieces, language, body_format):
    body = "".join(pieces)
    report = check(mail(body, language=language, body_format=body_format, subject=body[:40]))
    assert "rule-crashed" not in {f.rule for f in report.findings}
    for finding in report.findings:
        source = body if finding.where == "body" else body[:40]
        assert 0 <= finding.start <= finding.end <= len(source)


TEMPLATES = (
    "<p>{{ order_id }}: {{ product_title }}</p><a href='{{ review_url }}'>write a review</a>{{ store_name }}",
    "<p>{{ order_id }}</p><p>Happy with {{ product_title }}? Leave a review.</p>",
    "<p>{{ order_id }} {{ store_name }}@mail.example</p>",
    "<p title='{{ product_title }}'>{{ order_id }}</p>A {{ quantity }} star review for {{ store_name }}.com",
    "<p>{{ order_id }}</p><div style='display:none'>{{ product_title }}</div>",
    "{{ order_id }}\n{{ product_title }} in a line that is long enough to wrap at sixty\ngoes on. Review it.",
)
VALUES = st.sampled_from(
    [
        "5 Star Pillow",
        "Lamp \U0001f600",
        "acme.com",
        "a@b.example",
        "Dear [Name]",
        "",
        "null",
        "Felt Desk Pad",
        "x  y",
        "<b>bold</b>",
        "{{ x }}",
        "https://evil.example",
        "https://www.amazon.com/review/create-review?asin=B0",
        "+1 415 555 0132",
        "if you are happy, review",
        "two\nlines",
        "gift card",
        "5",
        "product review",
        "www",
        "you can",
        "Ｌａｍｐ",
        "(at) acme dot com",
        " lead",
        "javascript:alert(1)",
    ]
)


def told(report):
    return sorted((f.rule, str(f.outcome), f.text) for f in report.findings)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(TEMPLATES),
    st.sampled_from(["html", "text"]),
    VALUES,
    VALUES,
    VALUES,
    st.sampled_from([ORDER, "", "111-1111111-1111111"]),
)
@example(TEMPLATES[0], "html", "Felt Desk Pad", "https://www.amazon.com/x", "Acme", ORDER)
def test_prepared_check_says_what_the_full_check_says(body, body_format, title, url, store, order_id):
    template = Draft(
        "relay_email",
        "review_request",
        body,
        "en-US",
        "US",
        stage="template",
        subject="Order {{ order_id }}",
        body_format=body_format,
    )
    prepared = prepare(template)
    values = {
        "order_id": order_id,
        "product_title": title,
        "review_url": url,
        "store_name": store,
        "quantity": "5",
    }
    quick = prepared.check(values, order_id=ORDER, product_titles=(title,))
    full = check(prepared.rendered(values, order_id=ORDER, product_titles=(title,)))
    assert told(quick) == told(full)


def test_prepared_version_of_clean_template_passes_and_catches_what_a_title_brings():
    prepared = prepare(
        Draft(
            "relay_email", "review_request", TEMPLATES[0], "en-US", "US", stage="template", body_format="html"
        )
    )
    values = {
        "order_id": ORDER,
        "product_title": "Lamp",
        "review_url": "https://www.amazon.com/review",
        "store_name": "Acme & Sons",
    }
    assert prepared.check(values).outcome == Outcome.PASS
    assert {f.rule for f in prepared.check({**values, "product_title": "Lamp \U0001f600"}).findings} == {
        "no-emoji"
    }
    assert {f.rule for f in prepared.check({**values, "review_url": "https://acme.example"}).findings} == {
        "link-external"
    }


@pytest.mark.parametrize(
    "body",
    [
        "{% if x %}a{% endif %}",
        "{{ x | upcase }}",
        "<style>{{ x }}</style>",
        "<!-- {{ x }} -->",
        "<a href={{ x }}>y</a>",
        "<p {{ x }}>y",
    ],
)
def test_template_with_more_than_plain_placeholders_is_not_prepared(body):
    with pytest.raises(NotPreparable):
        prepare(Draft("relay_email", "invoice", body, "en-US", "US", stage="template", body_format="html"))


def test_words_of_a_default_are_the_sellers_and_are_read():
    body = '<p>Order {{ order_id }}</p><p>Review {{ product_title | default: "it with 5 stars" }}</p>'
    findings = check(mail(body, stage="template", subject="")).findings
    found = next(f for f in findings if f.rule == "no-positive-only")
    assert body[found.start : found.end] == "it with 5 stars"
