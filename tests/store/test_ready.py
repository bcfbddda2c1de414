"""Statements that are ready: what they write is what SQLAlchemy would have written."""

from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from gateway.store.engine import writing_session
from gateway.store.mails import MailRow
from gateway.store.ready import ReadyInsert, ReadyStatement, is_among
from gateway.store.tables import insert_into, insert_unless_there, table_of
from tests.store.records import NOW, write_company
from tests.store.traces import traced

LATER = NOW + timedelta(microseconds=1)
MAIL = table_of(MailRow).c
INSERT = ReadyStatement(lambda dialect: insert_into(dialect, MailRow))
SKIP = ReadyInsert(lambda dialect: insert_unless_there(dialect, MailRow))
REFUSE = ReadyStatement(
    lambda _dialect: (
        update(MailRow)
        .where(MAIL.queue_id == bindparam("mail"), MAIL.verdict == "other")
        .values(reply_code=550, at=bindparam("now"))
    )
)
AMONG = ReadyStatement(
    lambda dialect: (
        select(MAIL.queue_id)
        .where(is_among(dialect, MAIL.queue_id, "names"), is_among(dialect, MAIL.id, "numbers"))
        .order_by(MAIL.queue_id)
    )
)


def _row(company_id: int, name: str, **said: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(column.name for column in MAIL if column.name != "id")
    facts = {"queue_id": name, "company_id": company_id, "at": NOW, "verdict": "other"}
    texts = dict.fromkeys(("rules_version", "why", "action"), "100 %")
    numbers = dict.fromkeys(("score", "size_bytes", "recipients"), 1)
    return {**nothing, **facts, **texts, **numbers, "evidence": [["残", 1.5]], "parts": [], **said}


def test_values_arrive_as_the_columns_keep_them(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        INSERT.run(session, _row(company_id, "a"))
        assert INSERT.run(session, *[_row(company_id, name) for name in "bc"]) == 2
        rows = session.scalars(select(MailRow).order_by(MailRow.queue_id)).all()
    assert [row.queue_id for row in rows] == ["a", "b", "c"]
    assert {(row.at, row.why, row.score, row.reply_code) for row in rows} == {
        (NOW, "100 %", 1.0, None)
    }
    assert [row.evidence for row in rows] == [[["残", 1.5]]] * 3


def test_a_value_met_before_arrives_as_one_that_was_not(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    evidence, elsewhere = (("残", 1.5),), NOW.astimezone(timezone(timedelta(hours=9)))
    said = [
        {"evidence": [["残", 1.5]], "at": NOW},  # a list is never remembered
        {"evidence": evidence, "at": NOW},
        {"evidence": evidence, "at": elsewhere},
        {"evidence": (("残", 2.5),), "at": LATER},
    ]
    with writing_session(engine).begin() as session:
        for name, one in zip("abcd", said, strict=True):
            INSERT.run(session, _row(company_id, name, **one))
        rows = session.scalars(select(MailRow).order_by(MailRow.queue_id)).all()
    assert [row.evidence for row in rows] == [[["残", 1.5]]] * 3 + [[["残", 2.5]]]
    assert [row.at for row in rows] == [NOW] * 3 + [LATER]


@pytest.mark.parametrize("count", [1, 2, 30, 46, 191, 192, 450])
def test_of_many_rows_each_is_written_unless_it_is_there(engine: Engine, count: int) -> None:
    company_id = write_company(engine).company.id
    names = [f"{number:03}" for number in range(count)]
    with writing_session(engine).begin() as session:
        SKIP.run(session, _row(company_id, names[-1], why="first"))
        SKIP.run(session, *[_row(company_id, name) for name in (*names, names[0])])
        rows = session.scalars(select(MailRow).order_by(MailRow.queue_id)).all()
    assert [row.queue_id for row in rows] == names
    assert [row.why for row in rows] == [*["100 %"] * (count - 1), "first"]
    assert {(row.at, str(row.evidence)) for row in rows} == {(NOW, "[['残', 1.5]]")}


@pytest.mark.parametrize(
    ("count", "runs"), [(1, 1), (31, 2), (47, 3), (192, 1), (193, 2), (451, 4)]
)
def test_sqlite_writes_many_rows_in_few_runs(ledger: Engine, count: int, runs: int) -> None:
    company_id = write_company(ledger).company.id
    with traced(ledger) as statements, writing_session(ledger).begin() as session:
        SKIP.run(session, *[_row(company_id, str(number)) for number in range(count)])
    assert len([one for one in statements if one.startswith("INSERT")]) == runs


def test_what_a_statement_says_itself_no_row_brings(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        INSERT.run(session, _row(company_id, "a"), _row(company_id, "b", verdict="possible"))
        asked = [{"mail": name, "now": NOW} for name in "abc"]
        assert REFUSE.run(session, *asked) == 1
        codes = session.scalars(select(MAIL.reply_code).order_by(MAIL.queue_id)).all()
    assert codes == [550, None]


@pytest.mark.parametrize("names", [[], ["a"], ["a", "c", "'"], [*"abc", *map(str, range(500))]])
def test_a_list_is_one_parameter(engine: Engine, names: list[str]) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        INSERT.run(session, *[_row(company_id, name) for name in "abc"])
        numbers = session.scalars(select(MAIL.id)).all()
        found = AMONG.ask(session, names=names, numbers=numbers)
        assert AMONG.ask(session, names=tuple(names), numbers=tuple(numbers)) == found
        assert AMONG.ask(session, names=names, numbers=()) == []
    assert found == [(name,) for name in "abc" if name in names]


def test_an_error_is_sqlalchemys_and_shows_no_value(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with (
        pytest.raises(IntegrityError) as caught,
        writing_session(engine).begin() as session,
    ):
        INSERT.run(session, _row(company_id, "a-secret"), _row(company_id, "a-secret"))
    assert "parameters hidden" in str(caught.value)
