"""What the driver runs by itself: the same errors as by way of SQLAlchemy, the same transaction."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError, InvalidRequestError, OperationalError
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash
from gateway.store.driver import Values, ask, change, connection_of
from gateway.store.engine import open_engine, writing_session
from gateway.store.referrals import OptOutRow, opt_out
from gateway.store.tables import dialect_of
from tests.store.records import NOW, digest

Run = Callable[[Connection, str, Sequence[Values]], object]
INSERT = "INSERT INTO opt_out (candidate_hash, at) VALUES ({0}, '2026-01-01 00:00:00')"
TWICE = (("a-secret",), ("a-secret",))
ONE_ROW = [
    pytest.param("SELECT * FROM no_such_table", ((),), id="no such table"),
    pytest.param("SELEKT", ((),), id="no statement"),
    pytest.param("SELECT 1", (("one too many",),), id="a value without a place"),
    pytest.param(INSERT, ((),), id="a place without a value"),
    pytest.param("INSERT INTO opt_out (id, candidate_hash) VALUES (7, 'x')", ((),), id="not null"),
    pytest.param(INSERT, ((object(),),), id="no value for a database"),
]


def _by_sqlalchemy(connection: Connection, text: str, rows: Sequence[Values]) -> object:
    return connection.exec_driver_sql(text, list(rows) if len(rows) > 1 else rows[0])


def _ask(connection: Connection, text: str, rows: Sequence[Values]) -> object:
    return ask(connection, text, rows[0])


def _failure(engine: Engine, run: Run, text: str, rows: Sequence[Values]) -> tuple[object, ...]:
    place = "?" if engine.dialect.name == "sqlite" else "%s"
    with engine.connect() as connection, pytest.raises(Exception) as caught:
        run(connection, text.format(place), rows)
    error = caught.value
    told = error if isinstance(error, DBAPIError) else None
    driver = type(told.orig) if told else None
    return (
        type(error),
        str(error),
        driver,
        told and told.connection_invalidated,
        told and told.ismulti,
        connection.invalidated,
    )


@pytest.mark.parametrize(("text", "rows"), [*ONE_ROW, pytest.param(INSERT, TWICE, id="twice")])
def test_an_error_is_the_same_as_by_way_of_sqlalchemy(
    engine: Engine, text: str, rows: Sequence[Values]
) -> None:
    told = _failure(engine, change, text, rows)
    assert told == _failure(engine, _by_sqlalchemy, text, rows)


@pytest.mark.parametrize(("text", "rows"), ONE_ROW)
def test_so_is_that_of_a_question(engine: Engine, text: str, rows: Sequence[Values]) -> None:
    told = _failure(engine, _ask, text, rows)
    assert told == _failure(engine, _by_sqlalchemy, text, rows)


def test_a_row_that_cannot_be_fetched_is_such_an_error(ledger: Engine) -> None:
    second = "SELECT CASE value WHEN 2 THEN json('{') END FROM json_each('[1, 2]')"
    with ledger.connect() as connection, pytest.raises(OperationalError, match="malformed JSON"):
        ask(connection, second, ())


@pytest.mark.postgresql
@pytest.mark.parametrize("run", [change, _by_sqlalchemy], ids=["by the driver", "by SQLAlchemy"])
def test_a_connection_that_broke_is_given_up(postgresql_url: str, run: Run) -> None:
    engine = open_engine(postgresql_url)
    with engine.connect() as connection, connection.begin() as begun:
        with pytest.raises(DBAPIError) as caught:
            run(connection, "SELECT pg_terminate_backend(pg_backend_pid())", ((),))
        assert caught.value.connection_invalidated
        assert connection.invalidated
        with pytest.raises(InvalidRequestError):
            run(connection, "SELECT 1", ((),))
        begun.rollback()
    with engine.connect() as connection:
        assert ask(connection, "SELECT 1", ()) == [(1,)]
    engine.dispose()


def test_a_locked_sqlite_is_the_same_error(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        change(connection, "PRAGMA busy_timeout = 50")
    other = open_engine(sqlite_url)
    connection = engine.connect()
    with other.begin(), pytest.raises(DBAPIError, match="database is locked") as caught:
        connection.begin()
    connection.close()
    assert caught.value.statement == "BEGIN IMMEDIATE"
    engine.dispose()
    other.dispose()


def _insert(session: Session, name: str) -> None:
    place = "?" if dialect_of(session) == "sqlite" else "%s"
    assert change(connection_of(session), INSERT.format(place), [(digest(name),)]) == 1


def _kept(engine: Engine) -> set[str]:
    with writing_session(engine).begin() as session:
        return set(session.scalars(select(OptOutRow.candidate_hash)))


@pytest.mark.parametrize("joins", [True, False], ids=["in another's transaction", "in its own"])
def test_what_a_session_takes_back_the_driver_has_not_kept(engine: Engine, joins: bool) -> None:
    with engine.connect() as connection:
        begun = connection.begin() if joins else None
        with Session(connection) as session:
            _insert(session, "before")
            with session.begin_nested() as savepoint:
                _insert(session, "taken back")
                savepoint.rollback()
            with session.begin_nested():
                opt_out(session, CandidateHash(digest("a savepoint's")), NOW)
                _insert(session, "kept")
            session.commit()
        if begun is not None:
            begun.commit()
    assert _kept(engine) == {digest(name) for name in ("before", "a savepoint's", "kept")}


def test_a_session_that_lost_its_transaction_writes_nothing_more(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin(), Session(connection) as session:
        opt_out(session, CandidateHash(digest("a")), NOW)
        session.rollback()
        with pytest.raises(InvalidRequestError):
            _insert(session, "b")
    assert _kept(engine) == set()
