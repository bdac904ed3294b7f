"""Amazon's static sandbox: the example pairs written into Amazon's models, read from a folder at start.

An answer applies when every parameter its request names has the given value; the one that names most wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson


@dataclass(frozen=True, slots=True)
class Pair:
    operation: str
    method: str
    pattern: re.Pattern[str]
    status: int
    wanted: dict[str, Any]
    response: Any
    media: str

    def fits(self, given: dict[str, Any]) -> bool:
        return all(_same(given.get(name), value) for name, value in self.wanted.items())


def _same(given: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return bool([str(v) for v in wanted] == given)
    if isinstance(wanted, dict):
        return bool(given == wanted)
    return bool(given == [str(wanted)])


def load(folder: str) -> list[Pair]:
    """Every pair of every model below a folder. Raises FileNotFoundError when there is no model in it."""
    files = sorted(Path(folder).rglob("*.json"))
    pairs = [pair for file in files for pair in _of_model(orjson.loads(file.read_bytes()))]
    if not pairs:
        raise FileNotFoundError(
            f"{folder}: no model with sandbox pairs in it; give the folder of Amazon's models"
        )
    return pairs


def _of_model(model: dict[str, Any]) -> list[Pair]:
    found: list[Pair] = []
    for path, methods in model.get("paths", {}).items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and "operationId" in operation:
                found += _of_operation(path, method.upper(), operation)
    return found


def _of_operation(path: str, method: str, operation: dict[str, Any]) -> list[Pair]:
    greedy = {
        p["name"] for p in operation.get("parameters", []) if p.get("x-amzn-spds-greedy-path-parameter")
    }
    pattern = re.compile(
        re.sub(r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{'.+' if m[1] in greedy else '[^/]*'})", path) + "$"
    )
    found = []
    for status, response in operation["responses"].items():
        for pair in (response.get("x-amzn-api-sandbox") or {}).get("static", []):
            parameters = (pair.get("request") or {}).get("parameters") or {}
            wanted = {name: entry["value"] for name, entry in parameters.items() if "value" in entry}
            media = next(iter(response.get("examples") or {"application/json": None}))
            found.append(
                Pair(
                    operation["operationId"],
                    method,
                    pattern,
                    int(status),
                    wanted,
                    pair.get("response"),
                    media,
                )
            )
    return found


def answer(
    pairs: list[Pair], method: str, path: str, query: dict[str, list[str]], body: bytes
) -> Pair | None:
    best: Pair | None = None
    for pair in pairs:
        match = pair.pattern.match(path) if pair.method == method else None
        if match is None:
            continue
        given: dict[str, Any] = {
            **query,
            **{name: [unquote(value)] for name, value in match.groupdict().items()},
        }
        if body:
            given["body"] = _json(body)
        if pair.fits(given) and (best is None or _rank(pair) > _rank(best)):
            best = pair
    return best


def _rank(pair: Pair) -> tuple[int, bool]:
    return len(pair.wanted), pair.status < 300


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
