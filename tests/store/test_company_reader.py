"""All companies, asked for every second: each change is seen, and nothing is read for nothing."""

import dataclasses
import re
from collections.abc import Callable

from sqlalchemy import Engine, Table, event, func, select
from sqlalchemy.orm import Session

from gateway.core.company import BlockTemplate, Language, Mode
from gateway.core.verdict import Verdict
from gateway.settings import HostPort
from gateway.store.block_templates import save_block
from gateway.store.companies import add_company, set_mode
from gateway.store.company_reader import _QUERIES, CompanyReader
from gateway.store.company_records import CompanyRecord, load_companies
from gateway.store.credentials import (
    CredentialKind,
    CredentialRow,
    add_credential,
    limit_credential,
)
from gateway.store.engine import reading_session, writing_session
from gateway.store.letters import add_letter, remove_letter
from gateway.store.mails import record_mails
from gateway.store.reviews import answer
from gateway.store.tuning import set_offset
from tests.store.records import NOW, write_company
from tests.store.test_answers import LETTER, mail


def read(engine: Engine, reader: CompanyReader) -> tuple[CompanyRecord, ...]:
    with reading_session(engine)() as session:
        records = reader.read(session)
        assert records == load_companies(session)
        return records


def tables_asked(engine: Engine, ask: Callable[[Session], object]) -> set[str]:
    """Return the tables named by the statements that `ask` runs through SQLAlchemy."""
    texts: list[str] = []

    def note(_connection: object, _cursor: object, text: str, *_: object) -> None:
        texts.append(text)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with reading_session(engine)() as session:
            ask(session)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return {name for text in texts for name in re.findall(r"(?:FROM|JOIN) (\w+)", text)}


def test_it_looks_at_every_table_that_a_record_is_made_of(engine: Engine) -> None:
    froms = (source for query in _QUERIES for source in query.get_final_froms())
    looked_at = {source.name for source in froms if isinstance(source, Table)}
    made_of = tables_asked(engine, load_companies)
    assert len(made_of) > 10
    assert made_of - looked_at == {"mail"}, "of which a review's row says all that counts"


Change = Callable[[Session, int], object]

CHANGES: dict[str, Change] = {
    "another company": lambda session, _: add_company(
        session, name="B", domains=["b.example"], next_hop=HostPort("127.0.0.1", 25), now=NOW
    ),
    "mode": lambda session, one: set_mode(session, one, Mode.INJECT, "test", NOW),
    "offset": lambda session, one: set_offset(session, one, 2.0, "test", NOW),
    "block": lambda session, one: save_block(
        session, one, BlockTemplate(Language.JA, "text", "html", 1), "test", NOW
    ),
    "password revoked": lambda session, one: limit_credential(
        session, one, session.scalars(select(func.min(CredentialRow.id))).one(), None, "test", NOW
    ),
    "credential": lambda session, one: add_credential(
        session, one, CredentialKind.HEADER, "test", NOW
    ),
    "letter": lambda session, one: add_letter(session, one, LETTER, "test", NOW),
    "no letter": lambda session, one: remove_letter(session, one, 1, "test", NOW),
    "answer": lambda session, one: answer(
        session, one, "cr-1", is_rejection=True, actor="test", now=NOW
    ),
    "another answer": lambda session, one: answer(
        session, one, "cr-1", is_rejection=False, actor="test", now=NOW
    ),
}


def test_every_change_is_seen_and_without_one_nothing_is_read(engine: Engine) -> None:
    one = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        record_mails(session, [mail(one, "cr-1", Verdict.POSSIBLE)])
    reader = CompanyReader()
    before = read(engine, reader)
    for name, change in CHANGES.items():
        with writing_session(engine).begin() as session:
            change(session, one)
        after = read(engine, reader)
        assert after != before, name
        assert read(engine, reader) is after, name
        before = after


def test_records_are_adapted_when_they_are_read(engine: Engine) -> None:
    write_company(engine)
    hop = HostPort("127.0.0.1", 2626)
    reader = CompanyReader(lambda record: dataclasses.replace(record, next_hop=hop))
    with reading_session(engine)() as session:
        assert [record.next_hop for record in reader.read(session)] == [hop]
