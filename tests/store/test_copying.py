"""A ledger moves to another database whole, and goes on there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from gateway.core.candidate import CandidateHash
from gateway.errors import CareerRelayError
from gateway.store import corrections, members, referrals, webhooks
from gateway.store.announce import News, announce
from gateway.store.copying import copy_database
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.ledger import balance
from gateway.store.outbox import Event
from gateway.store.schema import METADATA
from gateway.store.verify import verify
from tests.store.records import NOW, digest, write_company
from tests.workers.work import relay_many, settle


@pytest.fixture
def other(
    request: pytest.FixtureRequest, engine: Engine, sqlite_template: Path, tmp_path: Path
) -> Iterator[Engine]:
    """Give an empty, migrated database of the other kind than `engine`'s."""
    if engine.dialect.name == "postgresql":
        file = tmp_path / "other.sqlite3"
        shutil.copyfile(sqlite_template, file)
        opened = open_engine(f"sqlite:///{file}")
    else:
        opened = open_engine(request.getfixturevalue("postgresql_url"))
    yield opened
    opened.dispose()


def _fill(engine: Engine) -> int:
    """Write something of everything: slots, one revoked and earned again, a webhook, an opt-out."""
    company_id = write_company(engine).company.id
    ids = relay_many(engine, company_id, 0, 25)
    for referral_id in ids[:23]:
        settle(engine, referral_id)
    with writing_session(engine).begin() as session:
        corrections.void(session, ids[3], "no rejection", "a test", NOW)
        webhooks.add_endpoint(session, company_id, "https://hook.example/", "1:sealed", NOW)
        members.mute(session, 1, [Event.WEEKLY_REPORT], "a test", NOW)
        announce(session, company_id, News(Event.BRAKE, "a test", {"reason": "理由"}), NOW)
        referrals.opt_out(session, CandidateHash(digest("who")), NOW)
    return company_id


def _rows(engine: Engine) -> dict[str, list[dict[str, object]]]:
    with reading_session(engine)() as session:
        return {
            table.name: [
                dict(row) for row in session.execute(select(table).order_by(table.c.id)).mappings()
            ]
            for table in METADATA.sorted_tables
        }


@pytest.mark.postgresql
def test_a_ledger_is_copied_row_by_row_and_goes_on(engine: Engine, other: Engine) -> None:
    company_id = _fill(engine)
    before = _rows(engine)
    copied = copy_database(engine, other)
    assert _rows(other) == before == _rows(engine)
    assert {each.table: each.rows for each in copied} == {
        name: len(rows) for name, rows in before.items()
    }
    with reading_session(other)() as session:
        waiting = referrals.unsettled(session, NOW)
    assert len(waiting) == 2
    for referral_id in (*waiting, *relay_many(other, company_id, 100, 6)):
        settle(other, referral_id)
    write_company(other, "Ume")
    with reading_session(other)() as session:
        sums = balance(session, company_id)
        assert (sums.counted, sums.slots_earned, sums.points) == (30, 3, 0)
        assert not verify(session)


@pytest.mark.postgresql
def test_what_is_not_empty_is_left_alone(engine: Engine, other: Engine) -> None:
    _fill(engine)
    write_company(other, "Ume")
    before = _rows(other)
    with pytest.raises(CareerRelayError, match="not empty"):
        copy_database(engine, other)
    assert _rows(other) == before


@pytest.mark.postgresql
def test_a_ledger_that_was_tampered_with_is_named(engine: Engine, other: Engine) -> None:
    _fill(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("DROP TRIGGER ledger_entry_no_update"))
        connection.execute(text("UPDATE ledger_entry SET actor = 'nobody' WHERE seq = 2"))
    with pytest.raises(CareerRelayError, match="does not verify"):
        copy_database(engine, other)
