"""A rule's page as HTML: its paragraphs, its `words in code`, its sources one by one; and what a number of rules is called."""

import re

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from compliance import rulebook

register = template.Library()
_CODE = re.compile(r"`([^`]+)`")
#: A source ends with the day it was read, or with a full stop after it.
_AFTER_A_SOURCE = re.compile(r"(?<=\d\d\d\d-\d\d-\d\d\))[.;,]?\s+")
_TONES = {"account": "bad", "block": "warn", "advise": "info"}
_STAGE_TONES = {"live": "good", "shadow": "info", "retired": ""}


@register.filter
def prose(text: str) -> SafeString:
    """Blank lines part paragraphs; line breaks within them are the source file's and mean nothing."""
    paragraphs = ([" ".join(part.split())] for part in re.split(r"\n\s*\n", text.strip()))
    return format_html_join("", "<p>{}</p>", ((_inline(words),) for (words,) in paragraphs))


@register.filter
def sources(text: str) -> SafeString:
    """A list, one source an item."""
    found = [part.strip(" .;,") for part in _AFTER_A_SOURCE.split(" ".join(text.split()))]
    items = format_html_join("", "<li>{}</li>", ((_inline(one),) for one in found if one))
    return format_html('<ul class="plain">{}</ul>', items)


@register.simple_tag
def severity_badge(severity: str, words: str) -> SafeString:
    return format_html('<span class="badge {}">{}</span>', _TONES[severity], words)


@register.simple_tag
def stage_badge(stage: str, words: str) -> SafeString:
    return format_html('<span class="badge {}">{}</span>', _STAGE_TONES[stage], words)


def _inline(words: str) -> SafeString:
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(words)))  # noqa: S308 (escaped first)


@register.filter
def section(sections: dict[str, str], name: str) -> str:
    return sections[name]


@register.filter
def in_short(sections: dict[str, str]) -> str:
    """The first sentence of what a rule flags, for lists."""
    words = " ".join(sections["What it flags"].replace("`", "").split())
    first = re.split(r"(?<=[.!?])\s+(?=[A-Z'\"“])", words, maxsplit=1)[0]
    return first if len(first) <= 180 else first[:177].rsplit(" ", 1)[0] + " …"


@register.simple_tag
def rule_link(slug: str) -> SafeString:
    """A link to the rule's page; the engine's own findings have none."""
    if rulebook.find(slug) is None:
        return format_html('<span class="mono">{}</span>', slug)
    return format_html('<a class="mono" href="{}">{}</a>', reverse("rule", args=[slug]), slug)
