"""What the pages share: money, times, forms and tables, as HTML made here."""

# ruff: noqa: E501 - markup stands in one line
from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from starlette.requests import Request

from ..books import Books, Obj
from ..cards import KINDS


def books_of(request: Request) -> Books:
    found: Books = request.app.state.books
    return found


async def form_of(request: Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.form()).items()}


def money(minor: int, currency: str = "eur") -> str:
    return f"{'−' if minor < 0 else ''}{abs(minor) / 100:,.2f} {currency.upper()}"


def day(at: int | None) -> str:
    return "–" if at is None else f"{datetime.fromtimestamp(at, UTC):%-d %B %Y}"


def moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def table(head: list[str], rows: list[list[str]], empty: str) -> str:
    """Cells are HTML."""
    if not rows:
        return f"<p class='note'>{escape(empty)}</p>"
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class='scroll'><table><thead><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr></thead><tbody>{body}</tbody></table></div>"


def button(action: str, words: str, kind: str = "", **hidden: str) -> str:
    fields = "".join(
        f'<input type="hidden" name="{n}" value="{escape(v)}">'
        for n, v in {"action": action, **hidden}.items()
    )
    return (
        f'<form method="post" class="inline">{fields}<button class="{kind}">{escape(words)}</button></form>'
    )


def card_field() -> str:
    """A number to type, with the test cards and what each does."""
    known = "".join(
        f'<option value="{_grouped(number)}">{escape(kind.words)}</option>' for number, kind in KINDS.items()
    )
    told = "".join(
        f"<li><code>{_grouped(number)}</code> {escape(kind.words)}</li>" for number, kind in KINDS.items()
    )
    return (
        '<label>Card number<input name="number" list="cards" inputmode="numeric" autocomplete="off" '
        f'value="4242 4242 4242 4242" required></label><datalist id="cards">{known}</datalist>'
        '<div class="two"><label>Expires<input value="12 / 34" disabled></label><label>CVC<input value="123" disabled></label></div>'
        f"<details><summary>Test cards</summary><ul>{told}</ul></details>"
    )


def _grouped(number: str) -> str:
    return " ".join(number[i : i + 4] for i in range(0, 16, 4))


def problem(words: str) -> str:
    return f'<p class="problem" role="alert">{escape(words)}</p>' if words else ""


def done(words: str) -> str:
    return f'<p class="done" role="status">{escape(words)}</p>' if words else ""


def status(obj: Obj) -> str:
    return f'<span class="tag {obj["status"]}">{obj["status"].replace("_", " ")}</span>'
