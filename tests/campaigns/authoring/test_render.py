"""Placeholders: what a text may name, and what it becomes."""

import pytest

from campaigns.domain import render
from campaigns.domain.placeholders import PLACEHOLDERS, SAMPLES, clean

VALUES = {**SAMPLES, "product_title": "Pan <24 cm> & lid", "sku": ""}


def test_values_are_filled_in_and_escaped_in_html():
    done = render.render("Order {{ order_id }}", "<p>{{ product_title }}</p>", "html", VALUES)
    assert done.subject == "Order 112-4830917-2265401"
    assert done.body == "<p>Pan &lt;24 cm&gt; &amp; lid</p>"


def test_plain_text_is_not_escaped():
    assert render.render("", "{{ product_title }}", "text", VALUES).body == "Pan <24 cm> & lid"


def test_the_values_used_are_remembered_and_no_others():
    assert set(render.render("{{ order_id }}", "{{ asin }}", "text", VALUES).values) == {"order_id", "asin"}


def test_an_empty_value_without_a_default_is_a_fault_and_not_a_hole():
    with pytest.raises(render.TemplateFault, match="no value for this order"):
        render.render("", "Your {{ sku }}", "text", VALUES)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{{ sku | default: 'item' }}", "item"),
        ("a{% if sku %}b{% endif %}c", "ac"),
        ("{% unless sku %}none{% endunless %}", "none"),
    ],
)
def test_an_empty_value_can_be_coped_with(body, expected):
    assert render.render("", body, "text", VALUES).body == expected


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("Hello {{ buyer_name }}", 1, "no placeholder “buyer_name”"),
        ("a\nb {{ order.tenant.refresh_token }}", 2, "no placeholder “order”"),
        ("{% for x in order_id %}{{ x }}{% endfor %}", 1, "not understood"),
        ("{% assign x = 1 %}", 1, "not understood"),
        ("{{ order_id | append: 'x' }}", 1, "cannot be applied"),
        ("{{ order_id", 1, "not understood"),
    ],
)
def test_a_fault_names_its_line_and_what_to_do(body, line, words):
    (fault,) = render.find_faults("", body, "text")
    assert (fault.field, fault.line) == ("body", line)
    assert words in fault.sentence


def test_a_text_beyond_the_limit_is_refused():
    (fault,) = render.find_faults("", "x" * (render.MAX_TEMPLATE_CHARACTERS + 1), "text")
    assert "longer than" in fault.sentence


def test_a_subject_stays_one_line():
    assert "\n" not in render.render("Order\n{{ order_id }}", "x", "text", VALUES).subject


def test_a_value_cannot_bring_in_line_breaks_or_control_characters():
    assert clean("Lamp\r\nBcc: a@b\x00\u2028x") == "Lamp Bcc: a@b x"


def test_every_placeholder_has_a_meaning_and_a_sample_that_renders():
    for name in PLACEHOLDERS:
        assert render.render("", "{{ " + name + " }}", "text", SAMPLES).body
