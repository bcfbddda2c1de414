"""Statements that every mail runs, made ready for the driver once.

At each run SQLAlchemy looks a statement up among those it knows, writes out its lists, asks each
parameter's type and looks for its place: five times what SQLite needs to run it. Here that is
asked once for each kind of database, and the driver runs it (driver.py).
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    ClauseElement,
    ColumnElement,
    Dialect,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from gateway.store.driver import Values, ask, change, connection_of

Write = Callable[[str], ClauseElement]
"""Write a statement for a kind of database, "sqlite" or "postgresql"."""


_REMEMBERED = 128
"""Values of a type of which is known what the driver is to get: the time of all that is written
together, the evidence of mails of one letter. What is equal is written alike."""

_Convert = Callable[[Any], Any]


@cache
def _converters(kind: TypeEngine[Any], dialect: Dialect) -> tuple[_Convert, _Convert] | None:
    """Return what makes a type's values such as the driver takes, without and with a memory.

    None where the driver takes them as they are. One memory for all columns of a type.
    """
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return None if convert is None else (convert, lru_cache(_REMEMBERED)(convert))


class _Words:
    """A statement in the words of one kind of database; `names` of what each row brings."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, names: Sequence[str]) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect, column_keys=names))
        self.text = compiled.string
        self._places = compiled.positiontup
        self._fixed = compiled.params  # what the statement says itself; None of what rows bring
        self._converters = [
            (name, *both)
            for name, bound in compiled.binds.items()
            if (both := _converters(bound.type, dialect)) is not None
        ]
        self._texts = {1: self.text}

    def fill(self, row: Mapping[str, Any]) -> Values:
        """Return the parameters of one run as the driver takes them, by place or by name."""
        values = {**self._fixed, **row}
        for name, convert, remembered in self._converters:
            value = values[name]
            # A list cannot be looked up, nor is it worth it: ids, hashes, other ones each time.
            values[name] = convert(value) if type(value) is list else remembered(value)
        return values if self._places is None else tuple([values[name] for name in self._places])

    def text_for(self, rows: int) -> str:
        """Return the text of an INSERT of so many rows at once, for parameters by place.

        For an INSERT that says nothing itself: every value is one of the row's.
        """
        text = self._texts.get(rows)
        if text is None:
            places = f"({', '.join('?' * len(self._places or ()))})"
            before, behind = self.text.split(f" VALUES {places}")
            text = f"{before} VALUES {', '.join([places] * rows)}{behind}"
            self._texts[rows] = text
        return text


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

    def run(self, session: Session, *rows: Mapping[str, Any]) -> int:
        """Run the statement once for each of `rows`, at least one; all name the same parameters.

        Returns how many rows it changed.
        """
        connection = connection_of(session)
        words = self._words_for(connection.dialect, rows[0])
        return change(connection, words.text, [words.fill(row) for row in rows])

    def ask(self, session: Session, **row: Any) -> Sequence[tuple[Any, ...]]:
        """Return what the statement, a SELECT, finds with these parameters, as the driver gives it.

        That is the values of text, numbers and nothing else: no type of a column converts them.
        """
        connection = connection_of(session)
        words = self._words_for(connection.dialect, row)
        return ask(connection, words.text, words.fill(row))


_SIZES = (*range(1, 9), 12, 16, 24, 32, 48, 64, 96, 128, 192)
"""Row counts of one run: a few runs make up any number, with few statements kept prepared."""


class ReadyInsert(_Ready):
    """One INSERT, for all that write rows of a kind; on SQLite many of them at each run.

    Python's sqlite3 lets go of the interpreter at each run and, while the event loop is busy, has
    it back 5 ms later: row by row, the lines of 30 mails in the log held up for 150 ms whatever
    waited for the same commit.
    """

    def run(self, session: Session, *rows: Mapping[str, Any]) -> None:
        """Insert `rows`, at least one; all name the same columns."""
        connection = connection_of(session)
        words = self._words_for(connection.dialect, rows[0])
        filled = [words.fill(row) for row in rows]
        if connection.dialect.name != "sqlite":
            change(connection, words.text, filled)
            return
        start = 0
        while start < len(filled):
            size = _SIZES[bisect_right(_SIZES, len(filled) - start) - 1]
            values = tuple(chain.from_iterable(filled[start : start + size]))
            change(connection, words.text_for(size), (values,))
            start += size


def is_among(dialect: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that `column` is in the list that comes as parameter `name`.

    The list is one parameter, so that the statement's words do not depend on its length.
    """
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    each = func.json_each(bindparam(name, type_=JSON)).table_valued("value", name=name)
    return column.in_(select(each.c.value))
