"""The frame of the sandbox's pages."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--accent:#0b6e6e}
*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;margin:0}
header{display:flex;gap:1.5rem;align-items:baseline;flex-wrap:wrap;padding:.75rem 1.25rem;border-bottom:1px solid var(--line)}
header strong{font-size:1.1rem}main{max-width:60rem;margin:0 auto;padding:1.25rem}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.5rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{font-size:.8rem;font-weight:600;opacity:.75}td.nowrap{white-space:nowrap}
input,select,button{font:inherit;padding:.45rem .7rem;border:1px solid var(--line);border-radius:.4rem}
button{cursor:pointer}button.go{background:var(--accent);color:#fff;border-color:var(--accent)}
form.bar{display:flex;gap:.6rem;flex-wrap:wrap;margin:0 0 1rem}form.bar input[type=search]{flex:1 1 16rem}
.tag{border:1px solid var(--line);border-radius:1rem;padding:.05rem .6rem;font-size:.85rem;white-space:nowrap}
.note{opacity:.75}.card{border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.25rem;margin:1rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}dt{opacity:.7}dd{margin:0;overflow-wrap:anywhere}
iframe{width:100%;min-height:26rem;border:1px solid var(--line);border-radius:.6rem;background:#fff}
nav.pages{display:flex;gap:1rem;margin-top:1rem}fieldset{border:0;padding:0;margin:0 0 1rem}
label.choice{display:flex;gap:.6rem;padding:.5rem .2rem;border-bottom:1px solid var(--line)}
@media(max-width:40rem){th.wide,td.wide{display:none}}
"""
# No script anywhere; form-action stays open because consent redirects to the application.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'; frame-ancestors 'self'"


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """`body` is HTML made here; `title` is escaped."""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
        f'<header><strong>Sandbox</strong><a href="/inbox">Buyers&#39; inbox</a>'
        f'<span class="note">A stand-in for Amazon on this machine. Nothing here reaches a real buyer.</span></header>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status, headers)
