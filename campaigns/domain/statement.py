"""Statements that are composed once and filled in many times: to compose one takes longer than to plan a few orders
with it. Pure.
"""

from collections.abc import Iterator

from psycopg.abc import AdaptContext
from psycopg.sql import Composable, Composed


class Hole(Composable):
    """A place for what differs from one use to the next. Holes of one name are filled alike."""

    def __init__(self, name: str) -> None:
        super().__init__(name)

    @property
    def name(self) -> str:
        return str(self._obj)

    def __hash__(self) -> int:
        return hash(self._obj)

    def as_bytes(self, context: AdaptContext | None = None) -> bytes:
        raise ValueError(f"{self.name}: the statement's hole is not filled")


#: In the planner's statements: the moment of planning.
NOW = Hole("now")


class Statement:
    """What was composed, in as few pieces as its holes leave."""

    def __init__(self, sql: Composable) -> None:
        self._sql = sql
        self._pieces: list[bytes | str] = []  # text, and names of holes

    def filled(self, **values: Composable) -> "Filled":
        return Filled(self, values)

    def as_bytes(self, values: dict[str, Composable], context: AdaptContext | None) -> bytes:
        if not self._pieces:
            self._pieces = _pieces(self._sql, context)
        text = {name: value.as_bytes(context) for name, value in values.items()}
        return b"".join(piece if isinstance(piece, bytes) else text[piece] for piece in self._pieces)


class Filled(Composable):
    def __init__(self, statement: Statement, values: dict[str, Composable]) -> None:
        super().__init__((statement, values))

    def as_bytes(self, context: AdaptContext | None = None) -> bytes:
        statement, values = self._obj
        found: bytes = statement.as_bytes(values, context)
        return found


def _pieces(sql: Composable, context: AdaptContext | None) -> list[bytes | str]:
    pieces: list[bytes | str] = []
    for leaf in _leaves(sql):
        if isinstance(leaf, Hole):
            pieces.append(leaf.name)
        elif pieces and isinstance(pieces[-1], bytes):
            pieces[-1] += leaf.as_bytes(context)
        else:
            pieces.append(leaf.as_bytes(context))
    return pieces


def _leaves(sql: Composable) -> Iterator[Composable]:
    if isinstance(sql, Composed):
        for part in sql:
            yield from _leaves(part)
    else:
        yield sql
