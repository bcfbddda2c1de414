"""Registered letters in the database: hashes, numbers and dates, never a word."""

import pytest
from sqlalchemy import Engine, text

from gateway.core.letter import Letter
from gateway.core.letters import register_letter
from gateway.core.reader import read_text
from gateway.errors import CareerRelayError, NotFoundError
from gateway.settings import HostPort
from gateway.store.companies import add_company
from gateway.store.company_changes import list_changes
from gateway.store.company_records import find_company, get_company, load_companies
from gateway.store.engine import reading_session, writing_session
from gateway.store.letters import add_letter, list_letters, remove_letter
from tests.detection.test_letters import LETTER
from tests.store.records import NOW

KEY = b"k" * 32


def add(engine: Engine, name: str = "A") -> int:
    with writing_session(engine).begin() as session:
        hop = HostPort("127.0.0.1", 25)
        domain = f"{name.lower()}.example"
        record, _ = add_company(session, name=name, domains=[domain], next_hop=hop, now=NOW)
    return record.company.id


def register(engine: Engine, company_id: int, words: str = LETTER) -> Letter:
    letter = register_letter(read_text(words), KEY, company_id)
    with writing_session(engine).begin() as session:
        return add_letter(session, company_id, letter, "test", NOW)


def test_a_letter_comes_back_with_its_company_and_a_number(engine: Engine) -> None:
    one, other = add(engine, "A"), add(engine, "B")
    letter = register(engine, one)
    second = register(engine, one, LETTER.replace("夜間の保守", "海外での勤務"))
    assert (letter.number, second.number) == (1, 2)
    with reading_session(engine)() as session:
        for company in (
            load_companies(session)[0].company,
            find_company(session, "A").company,
            get_company(session, one).company,
        ):
            assert company.letters == (letter, second)
        assert get_company(session, other).company.letters == ()


def test_no_word_of_a_letter_is_in_the_database(engine: Engine) -> None:
    company_id = add(engine)
    register(engine, company_id)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM letter")).all()
    stored = b" ".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    )
    assert len(stored) > 500
    for word in ("夜間", "保守", "作品集", "判断"):
        assert word.encode() not in stored


def test_the_same_letter_is_not_registered_twice(engine: Engine) -> None:
    company_id = add(engine)
    register(engine, company_id)
    with pytest.raises(CareerRelayError, match=r"registered already: no\. 1"):
        register(engine, company_id, LETTER.replace("佐藤", "田中"))


def test_a_removed_letter_is_forgotten_and_its_number_is_not_given_again(engine: Engine) -> None:
    company_id = add(engine)
    register(engine, company_id)
    with writing_session(engine).begin() as session:
        remove_letter(session, company_id, 1, "test", NOW)
    with reading_session(engine)() as session:
        assert get_company(session, company_id).company.letters == ()
        assert [(one.number, one.active) for one in list_letters(session, company_id)] == [
            (1, False)
        ]
        assert [one.new for one in list_changes(session, company_id)] == [
            "removed",
            "no. 1 registered",
        ]
    assert register(engine, company_id).number == 2
    with pytest.raises(NotFoundError), writing_session(engine).begin() as session:
        remove_letter(session, company_id, 1, "test", NOW)


def test_a_letter_of_nobody_is_refused(engine: Engine) -> None:
    with pytest.raises(NotFoundError):
        register(engine, 77)
