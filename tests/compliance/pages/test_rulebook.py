"""The rulebook's pages: open to anybody, made from the rules, found again under the same address."""

import re

import pytest
from django.test import Client

from accounts.models import User
from compliance import pack, rulebook
from compliance.engine.types import Rule, Stage
from compliance.models import Check
from compliance.rules import RULES
from compliance.unchecked import UNCHECKED

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    return Client()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_every_rule_has_its_page_and_a_visitor_reads_it(visitor, rule):
    page = visitor.get(f"/rules/{rule.slug}/")
    assert page.status_code == 200
    text = page.content.decode()
    for part in ("What it flags", "Why", "Write instead", "Sources", rule.code, pack.version()):
        assert part in text
    assert '<meta name="description" content="' in text


def test_what_is_flagged_is_underlined_and_what_is_let_be_is_not(visitor):
    text = visitor.get("/rules/no-emoji/").content.decode()
    flagged, passed = text.split("It lets be", 1)
    assert re.search('<mark class="block"[^>]*>\U0001f60a</mark>', flagged)
    assert '<mark class="block"' not in passed


def test_the_list_has_every_rule_and_what_no_program_decides(visitor):
    text = visitor.get("/rules/").content.decode()
    assert all(f'href="/rules/{rule.slug}/"' in text for rule in RULES)
    assert f"{len(RULES)} rules" in text
    assert UNCHECKED[0].what in text


def test_a_search_finds_by_code_by_name_and_by_words_of_the_page(visitor):
    for words in ("D2", "no-emoji", "keycaps"):
        assert "/rules/no-emoji/" in visitor.get("/rules/", {"q": words}).content.decode()
    assert "/rules/no-pressure/" not in visitor.get("/rules/", {"q": "keycaps"}).content.decode()


def test_a_search_as_somebody_types_answers_with_the_list_alone(visitor):
    part = visitor.get("/rules/", {"q": "emoji"}, headers={"HX-Request": "true", "HX-Target": "found"})
    assert "<html" not in part.content.decode()
    assert "/rules/no-emoji/" in part.content.decode()


def test_filters_narrow_the_list_and_keep_what_was_chosen(visitor):
    text = visitor.get("/rules/", {"severity": "account", "medium": "insert_card"}).content.decode()
    assert "/rules/no-incentive/" in text
    assert 'href="/rules/no-emoji/"><strong>' not in text
    assert '<option value="account" selected>' in text


def test_a_search_that_finds_nothing_says_so_and_shows_the_way_back(visitor):
    text = visitor.get("/rules/", {"q": "qwertz"}).content.decode()
    assert "No rule fits" in text
    assert "Show all rules" in text


def test_an_unknown_rule_is_a_404(visitor):
    assert visitor.get("/rules/no-such-rule/").status_code == 404


def test_every_rule_stands_in_a_chapter():
    shown = [e.rule.slug for chapter in rulebook.chapters(rulebook.Wanted()) for e in chapter.entries]
    assert sorted(shown) == sorted(rule.slug for rule in RULES)


def test_neighbours_lead_through_all_rules_once():
    first = rulebook.chapters(rulebook.Wanted())[0].entries[0]
    seen, entry = [], first
    while entry is not None:
        seen.append(entry.rule.slug)
        entry = rulebook.neighbours(entry)[1]
    assert sorted(seen) == sorted(rule.slug for rule in RULES)


class OnTrial(Rule):
    """Nothing blue.

    What it flags
    The word blue.

    Why
    Trial.

    Write instead
    Red.

    Sources
    None (read 2026-11-25)."""

    slug, code, title, stage = "nothing-blue", "C99", "Nothing blue", Stage.SHADOW
    flagged, passed = ("blue",), ("red",)
    page = __doc__

    def check(self, document):
        if (at := document.body.text.find("blue")) >= 0:
            yield self.seen("Blue.", document.body, at, at + 4)


@pytest.fixture
def on_trial(monkeypatch):
    monkeypatch.setattr("compliance.rulebook.RULES", (*RULES, OnTrial()))
    rulebook.examples.cache_clear()


def test_a_shadow_rules_page_says_so_and_tells_staff_what_it_would_have_held(on_trial, seller):
    found = {"rule": "nothing-blue", "shadow": True, "outcome": "block"}
    for n, findings in enumerate(([found], [{**found, "outcome": "advice"}], [])):
        Check.objects.create(
            seller=seller, content_hash=str(n), pack=pack.version(), outcome="pass", findings=findings
        )
    visitor, staff = Client(), Client()
    staff.force_login(User.objects.create(email="staff@permitted.example", is_staff=True))
    assert "What it would have held" not in visitor.get("/rules/nothing-blue/").content.decode()
    page = staff.get("/rules/nothing-blue/")
    assert "It is being tried" in page.content.decode()
    assert (page.context["would_hold"].texts, page.context["would_hold"].checked) == (1, 3)
    assert page.context["would_hold"].anew == 1


def test_the_doors_lead_to_rulebook_and_checker(visitor):
    text = visitor.get("/account/login/").content.decode()
    assert 'href="/rules/"' in text
    assert 'href="/check/"' in text
