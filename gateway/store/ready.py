"""Statements that every mail runs, made ready for the driver once.

At each run SQLAlchemy looks a statement up among those it knows, writes out its lists, asks each
parameter's type and looks for its place: five times what SQLite needs to run it. Here that is
asked once for each kind of database. What is left is Connection.exec_driver_sql(), with the same
errors and events.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    ClauseElement,
    ColumnElement,
    CursorResult,
    Dialect,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

Write = Callable[[str], ClauseElement]
"""Write a statement for a kind of database, "sqlite" or "postgresql"."""


class _Words:
    """A statement in the words of one kind of database; `names` of what each row brings."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, names: Sequence[str]) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect, column_keys=names))
        self.text = compiled.string
        self._places = compiled.positiontup
        self._fixed = compiled.params  # what the statement says itself; None of what rows bring
        self._converters = [
            (name, convert)
            for name, bound in compiled.binds.items()
            if (convert := bound.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        ]

    def fill(self, row: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        """Return the parameters of one run as the driver takes them, by place or by name."""
        values = {**self._fixed, **row}
        for name, convert in self._converters:
            values[name] = convert(values[name])
        return values if self._places is None else tuple([values[name] for name in self._places])

    def fill_together(self, rows: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[Any, ...]]:
        """Return the text of an INSERT of all `rows`, and its parameters by place.

        For an INSERT that says nothing itself: every value is one of the row's.
        """
        values = [tuple(self.fill(row)) for row in rows]
        places = f"({', '.join('?' * len(values[0]))})"
        before, behind = self.text.split(f" VALUES {places}")
        text = f"{before} VALUES {', '.join([places] * len(rows))}{behind}"
        return text, tuple(chain.from_iterable(values))


class _Ready:
    """A statement, and its words for the kinds of database that it was run on."""

    def __init__(self, write: Write) -> None:
        """Prepare; `write` is called at the first run on each kind of database."""
        self._write = write
        self._words: dict[str, _Words] = {}

    def _words_for(self, dialect: Dialect, row: Mapping[str, Any]) -> _Words:
        words = self._words.get(dialect.name)
        if words is None:
            words = _Words(self._write(dialect.name), dialect, list(row))
            self._words[dialect.name] = words
        return words


class ReadyStatement(_Ready):
    """One statement, for all that ask it."""

    def run(self, session: Session, *rows: Mapping[str, Any]) -> CursorResult[Any]:
        """Run the statement once for each of `rows`, at least one; all name the same parameters."""
        connection = session.connection()
        words = self._words_for(connection.dialect, rows[0])
        return connection.exec_driver_sql(words.text, [words.fill(row) for row in rows])


_SIZES = (192, 128, 96, 64, 48, 32, 24, 16, 12, *range(8, 0, -1))
"""Row counts of one run: a few runs make up any number, with few statements kept prepared."""


class ReadyInsert(_Ready):
    """One INSERT, for all that write rows of a kind; on SQLite many of them at each run.

    Python's sqlite3 lets go of the interpreter at each run and, while the event loop is busy, has
    it back 5 ms later: row by row, the lines of 30 mails in the log held up for 150 ms whatever
    waited for the same commit.
    """

    def run(self, session: Session, *rows: Mapping[str, Any]) -> None:
        """Insert `rows`, at least one; all name the same columns."""
        connection = session.connection()
        words = self._words_for(connection.dialect, rows[0])
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql(words.text, [words.fill(row) for row in rows])
            return
        start = 0
        while start < len(rows):
            size = next(size for size in _SIZES if size <= len(rows) - start)
            text, values = words.fill_together(rows[start : start + size])
            connection.exec_driver_sql(text, values)
            start += size


def is_among(dialect: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that `column` is in the list that comes as parameter `name`.

    The list is one parameter, so that the statement's words do not depend on its length.
    """
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    each = func.json_each(bindparam(name, type_=JSON)).table_valued("value", name=name)
    return column.in_(select(each.c.value))
