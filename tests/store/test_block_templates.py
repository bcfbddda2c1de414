"""A company's own link blocks: versions are only added, the newest is used."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from gateway.core.company import BlockTemplate, Language
from gateway.errors import TakenError
from gateway.settings import HostPort
from gateway.store.block_templates import list_blocks, newest_blocks, reset_block, save_block
from gateway.store.companies import add_company
from gateway.store.company_records import find_company, get_company, load_companies
from gateway.store.engine import open_engine, reading_session, writing_session
from tests.services import wait_until
from tests.store.records import NOW

FIRST = BlockTemplate(Language.JA, "案内 {{ link }}", "<p>髙😀</p>")
SECOND = BlockTemplate(Language.JA, "別の案内", "<p>b</p>")
ENGLISH = BlockTemplate(Language.EN, "A notice", "<p>a</p>")


def add(engine: Engine, name: str) -> int:
    with writing_session(engine).begin() as session:
        hop = HostPort("127.0.0.1", 25)
        domain = f"{name.lower()}.example"
        record, _ = add_company(session, name=name, domains=[domain], next_hop=hop, now=NOW)
    return record.company.id


def save(engine: Engine, company_id: int, block: BlockTemplate) -> BlockTemplate:
    with writing_session(engine).begin() as session:
        return save_block(session, company_id, block, "test", NOW)


def test_the_newest_version_of_each_language_is_used(engine: Engine) -> None:
    one, other = add(engine, "A"), add(engine, "B")
    for block in (FIRST, ENGLISH, SECOND):
        save(engine, one, block)
    with reading_session(engine)() as session:
        for company in (
            load_companies(session)[0].company,
            find_company(session, "A").company,
            get_company(session, one).company,
        ):
            japanese, english = (company.own_block(language) for language in Language)
            assert japanese == BlockTemplate(Language.JA, "別の案内", "<p>b</p>", 2)
            assert english == BlockTemplate(Language.EN, "A notice", "<p>a</p>", 1)
        assert get_company(session, other).company.blocks == ()


def test_versions_stay_as_they_were_with_who_saved_them(engine: Engine) -> None:
    company_id = add(engine, "A")
    save(engine, company_id, FIRST)
    save(engine, company_id, SECOND)
    with reading_session(engine)() as session:
        found = list_blocks(session, company_id)
    assert [(each.block.version, each.block.text) for each in found] == [
        (2, "別の案内"),
        (1, "案内 {{ link }}"),
    ]
    assert found[1].block.html == "<p>髙😀</p>"
    assert {(each.actor, each.saved_at) for each in found} == {("test", NOW)}


def test_the_default_comes_back_as_a_version_of_its_own(engine: Engine) -> None:
    company_id = add(engine, "A")
    save(engine, company_id, FIRST)
    with writing_session(engine).begin() as session:
        reset_block(session, company_id, Language.JA, "test", NOW)
    with reading_session(engine)() as session:
        assert get_company(session, company_id).company.own_block(Language.JA) is None
        assert [each.block.version for each in list_blocks(session, company_id)] == [2, 1]
    assert save(engine, company_id, FIRST).version == 3


def test_the_same_again_is_not_written(engine: Engine) -> None:
    company_id = add(engine, "A")
    with writing_session(engine).begin() as session:
        reset_block(session, company_id, Language.JA, "test", NOW)
        assert newest_blocks(session) == {}
    assert [save(engine, company_id, FIRST).version for _ in range(3)] == [1, 1, 1]


@pytest.mark.postgresql
def test_of_two_who_save_at_once_the_second_is_told(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    company_id = add(engine, "A")
    first = writing_session(engine)()
    save_block(first, company_id, FIRST, "first", NOW)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(save, engine, company_id, SECOND)
        wait_until(lambda: _waiting(engine) == 1, "the second waits for the first")
        first.commit()
        with pytest.raises(TakenError, match="save again"):
            second.result(10)
    first.close()
    engine.dispose()


def _waiting(engine: Engine) -> int:
    with reading_session(engine)() as session:
        return session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) or 0
