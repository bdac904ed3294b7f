"""The frame of the sandbox's pages."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.responses import HTMLResponse

STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
# No script anywhere; form-action stays open because consent redirects to the application.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """`body` is HTML made here; `title` is escaped."""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        "<body>"
        f'<header><strong>Sandbox</strong><a href="/inbox">Buyers&#39; inbox</a>'
        '<a href="/stripe/">Payments</a><span class="note">A stand-in for Amazon and Stripe on this machine. '
        "Nothing here reaches a real buyer or a real card.</span>"
        "</header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status, headers)
