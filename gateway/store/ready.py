"""Statements that every mail runs, made ready for the driver once.

At each run SQLAlchemy looks a statement up among those it knows, writes out its lists, asks each
parameter's type and looks for its place: five times what SQLite needs to run it. Here that is
asked once for each kind of database. What is left is Connection.exec_driver_sql(), with the same
errors and events.
"""

from collections.abc import Callable, Mapping, Sequence
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


class ReadyStatement:
    """One statement, for all that ask it."""

    def __init__(self, write: Write) -> None:
        """Prepare; `write` is called at the first run on each kind of database."""
        self._write = write
        self._words: dict[str, _Words] = {}

    def run(self, session: Session, *rows: Mapping[str, Any]) -> CursorResult[Any]:
        """Run the statement once for each of `rows`, at least one; all name the same parameters."""
        connection = session.connection()
        dialect = connection.dialect
        words = self._words.get(dialect.name)
        if words is None:
            words = _Words(self._write(dialect.name), dialect, list(rows[0]))
            self._words[dialect.name] = words
        return connection.exec_driver_sql(words.text, [words.fill(row) for row in rows])


def is_among(dialect: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that `column` is in the list that comes as parameter `name`.

    The list is one parameter, so that the statement's words do not depend on its length.
    """
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    each = func.json_each(bindparam(name, type_=JSON)).table_valued("value", name=name)
    return column.in_(select(each.c.value))
