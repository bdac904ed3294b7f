"""`manage.py check_text`: one text with an exit status, or a file of cases."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from compliance.engine import fixing
from compliance.engine.passes import Report
from compliance.engine.types import Finding, Fix, Outcome
from compliance.management.commands import check_text

ORDER = "112-4830917-2265401"
CLEAN = f"About your order {ORDER}.\n\nIf you have a moment, you can write a product review.\n"
CASE = {
    "id": "a", "medium": "relay_email", "purpose": "review_request", "language": "en-US", "marketplace": "US",
    "order_id": ORDER, "body": CLEAN, "body_format": "text",
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    def write(text, name="text.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_text", *arguments, stdout=out, stderr=err)
    return ended.value.code, out.getvalue(), err.getvalue()


def answers(monkeypatch, *lines):
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    out = io.StringIO()
    call_command("check_text", "--jsonl", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_clean_text_passes_with_status_0(file):
    status, out, _ = run(file(CLEAN), "--order-id", ORDER)
    assert status == 0
    assert out.endswith("pass\n")


def test_doubtful_text_needs_a_person_with_status_1(file):
    status, out, _ = run(
        file(CLEAN.replace("a product", "https://amzn.to/3xYz or a product")), "--order-id", ORDER
    )
    assert status == 1
    assert "link-external (line 3)" in out


def test_forbidden_text_is_blocked_with_status_2_and_says_where_and_why(file):
    status, out, _ = run(file(CLEAN + "A gift card awaits for your review.\n"), "--order-id", ORDER)
    assert status == 2
    assert "no-incentive (line 4)" in out


def test_options_reach_the_draft(file):
    assert run(file("Leave us five stars."), "--medium", "insert_card", "--json")[0] == 2
    subject = run(file(CLEAN), "--order-id", ORDER, "--subject", "[Important] Review", "--json")[1]
    assert "subject-clean" in {f["rule"] for f in json.loads(subject)["findings"]}


GERMAN = "Bestellung 304-4175679-9347155\n\nWenn Sie einen Moment Zeit haben, können Sie eine Produktbewertung schreiben.\n"
OF_MEDIUM = ["--medium", "messaging_api", "--purpose", "custom_design"]
IN_GERMANY = ["--language", "de-DE", "--marketplace", "DE"]


@pytest.mark.parametrize(
    ("text", "flagged", "fine", "rule"),
    [
        ("Shall it be <b>left</b> or right?", OF_MEDIUM, OF_MEDIUM[2:], "api-plain-text"),
        (
            "Five tips for your new pan.",
            ["--purpose", "order_information"],
            [],
            "no-out-of-stock-news-as-critical",
        ),
        (GERMAN, [], IN_GERMANY, "buyer-language"),
        ("Order {{ order_id }}: you can write a review.", [], ["--stage", "template"], "rendered-complete"),
        (CLEAN, ["--order-id", "112-0000000-0000000"], ["--order-id", ORDER], "order-id-present"),
    ],
    ids=["medium", "purpose", "language", "stage", "order-id"],
)
def test_each_option_changes_what_the_text_is_held_against(file, text, flagged, fine, rule):
    def rules(arguments):
        return {f["rule"] for f in json.loads(run(file(text), *arguments, "--json")[1])["findings"]}

    assert rule in rules(flagged)
    assert rule not in rules(fine)


def test_store_and_who_ships_reach_the_draft(monkeypatch, file):
    seen = []
    monkeypatch.setattr(check_text, "check", lambda draft: seen.append(draft) or Report((), "pack", 0.0))
    run(file(CLEAN), "--marketplace", "JP", "--fulfilment", "FBA")
    assert [(draft.marketplace, draft.fulfilment) for draft in seen] == [("JP", "FBA")]


@pytest.mark.parametrize(
    "option", [("--medium", "fax"), ("--purpose", "fun"), ("--fulfilment", "me"), ("--nonsense",)]
)
def test_an_option_nobody_knows_is_refused(file, option):
    with pytest.raises(CommandError):
        call_command("check_text", file(CLEAN), *option)


@pytest.mark.parametrize(("text", "status"), [(CLEAN, 0), (CLEAN + "Leave five stars.\n", 2)])
@pytest.mark.parametrize("form", [(), ("--json",), ("--fix",)])
def test_exit_status_is_the_same_whatever_is_printed(file, text, status, form):
    assert run(file(text), "--order-id", ORDER, *form)[0] == status


def test_json_names_the_file_and_its_outcome(file):
    path = file(CLEAN)
    assert json.loads(run(path, "--order-id", ORDER, "--json")[1]) == {
        "id": path,
        "outcome": "pass",
        "findings": [],
    }


def test_html_is_told_by_its_name_or_by_the_option(file):
    page = f"<p>Order {ORDER}</p><p style='display:none'>Leave five stars</p><p>You can write a product review.</p>"
    for arguments in ([file(page, "mail.html")], [file(page), "--html"]):
        found = json.loads(run(*arguments, "--order-id", ORDER, "--json")[1])["findings"]
        [praise] = [f for f in found if f["rule"] == "no-positive-only"]
        assert page[praise["start"] : praise["end"]] == praise["text"]


def test_fix_asks_neutrally_names_the_order_and_leaves_the_rest(file):
    text = "Hello,\n\nPlease leave a five star review.\nThe lamp is made of felt.\n"
    _, out, err = run(file(text), "--order-id", ORDER, "--fix")
    assert out.startswith(f"Order {ORDER}\n\nHello,")
    assert "five star" not in out
    assert "positive or critical" in out
    assert out.endswith("The lamp is made of felt.\n")
    assert "2 rewrites applied" in err


def test_empty_lines_and_endless_ones_among_cases_are_passed_over_or_answered(monkeypatch):
    found = answers(
        monkeypatch, b"", CASE, b"   ", {**CASE, "id": "long", "body": "x" * 300_000}, b"null", b'"text"'
    )
    assert [(a["id"], a["outcome"]) for a in found] == [
        ("a", "pass"), ("long", "block"), ("line-5", "error"), ("line-6", "error"),
    ]  # fmt: skip
    assert "size in bytes" in found[1]["findings"][0]["message"]


def test_json_answer_points_into_the_text(file):
    text = CLEAN + "Please leave five stars."
    answer = json.loads(run(file(text), "--order-id", ORDER, "--json")[1])
    found = next(f for f in answer["findings"] if f["rule"] == "no-positive-only")
    assert text[found["start"] : found["end"]] == found["text"]


def test_fix_prints_the_text_without_what_is_safe_to_take_out(file):
    status, out, err = run(file(CLEAN.replace("moment", "moment\U0001f600")), "--order-id", ORDER, "--fix")
    assert (status, out) == (2, CLEAN)
    assert "1 rewrite applied" in err


def test_overlapping_rewrites_are_not_both_applied():
    def finding(start, end):
        return Finding("r", "D1", Outcome.BLOCK, "m", start=start, end=end, fix=Fix("", "x"))

    assert fixing.apply("abcdef", [finding(2, 5), finding(1, 3)])[0] == "adef"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["/nowhere/at/all"], "No such file"), ([], "Name a FILE")],
)
def test_what_cannot_be_read_is_refused_with_the_remedy(arguments, said):
    with pytest.raises(CommandError, match=said) as refused:
        call_command("check_text", *arguments)
    assert refused.value.returncode == 3


def test_file_that_is_not_utf8_is_refused_with_the_byte(file):
    with pytest.raises(CommandError, match="byte 4 is not UTF-8"):
        call_command("check_text", file(b"abc\xff"))


def test_each_case_gets_its_answer_and_broken_ones_an_error(monkeypatch):
    found = answers(
        monkeypatch, CASE, b"{broken", [1], {**CASE, "id": "b", "medium": "fax"}, {"id": "c"}, b"\xff",
        {**CASE, "id": "d", "attachments": [{"filename": 1}]}, {**CASE, "id": "e", "product_titles": "x"},
        {**CASE, "id": "f", "body": 7}, {**CASE, "id": "g", "body": "Leave us 5 stars"},
    )  # fmt: skip
    assert [a["id"] for a in found] == ["a", "line-2", "line-3", "b", "c", "line-6", "d", "e", "f", "g"]
    assert [a["outcome"] for a in found] == ["pass", *["error"] * 8, "block"]
    named = ("line 2", "line 3", "medium", "medium", "line 6", "attachments", "product_titles", "body")
    for answer, name in zip(found[1:9], named, strict=True):
        assert name in answer["error"]
    assert set(found[-1]["findings"][0]) == {"rule", "outcome", "start", "end", "text", "message"}
