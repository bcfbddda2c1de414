"""Each migration step keeps what was there: rows of the first version go through all of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, insert

from gateway.core.chain import GENESIS, hash_content
from gateway.store import members, outbox
from gateway.store.company_records import get_company
from gateway.store.due import due
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.ledger import balance
from gateway.store.mails import list_mails
from gateway.store.migrate import config_for
from gateway.store.outbox import Event
from gateway.store.verify import verify
from gateway.store.version import is_current
from tests.services import PostgreSQL
from tests.store.records import digest
from tests.workers.work import relay_many, settle

AT = datetime(2026, 1, 5, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give a database without tables."""
    if request.param == "sqlite":
        file = tmp_path / "bare.sqlite3"
        file.touch()
        url = f"sqlite:///{file}"
    else:
        cluster: PostgreSQL = request.getfixturevalue("postgresql")
        name = f"steps_{id(request)}"
        cluster.execute(f"CREATE DATABASE {name}")
        url = cluster.url(name)
    engine = open_engine(url)
    yield engine
    engine.dispose()


def _step(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.upgrade(config_for(connection), revision)


def _revisions(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        script = ScriptDirectory.from_config(config_for(connection))
    return [step.revision for step in script.walk_revisions()][::-1]


def _entry() -> dict[str, object]:
    """Return an entry as the first version wrote it."""
    content: dict[str, object] = {"company_id": 1, "seq": 1, "kind": "counted", "referral_id": 1}
    content |= {"reason": None, "rule_version": "2026-1", "actor": "settle", "at": AT.isoformat()}
    content |= {"points": [], "prev_hash": GENESIS}
    return content | {"hash": hash_content(content), "at": AT}


def _write_first_version(engine: Engine) -> None:
    metadata = MetaData()
    metadata.reflect(engine)
    sakura = {"language": "ja", "company_id": 1, "created_at": AT, "at": AT}
    rows: tuple[tuple[str, dict[str, object]], ...] = (
        ("company", {"name": "Sakura", "mode": "inject", "contact": "hr@sakura.example"}),
        ("company_domain", {"domain": "sakura.example"}),
        ("referral", {"candidate_hash": digest("c"), "message_key": digest("m"), "attempts": 0}),
        ("mail", {"queue_id": "q", "verdict": "rejection", "score": 0.9, "rules_version": "1"}),
        ("ledger_entry", _entry()),
        ("notification", {"event": "first-referral", "cause_entry_id": 1, "state": "pending"}),
    )
    more: dict[str, dict[str, object]] = {
        "company": {"next_hop": "127.0.0.1:25", "smtp_user": "one", "password_hash": "0" * 64},
        "referral": {"masked": "c•••@x.example", "token_hash": digest("t"), "state": "relayed"}
        | {"relayed_at": AT, "settled_at": AT},
        "mail": {"why": "link-added", "action": "injected", "evidence": [], "parts": []}
        | {"size_bytes": 1, "recipients": 1, "referral_id": 1},
        "notification": {"recipient": "hr@sakura.example", "attempts": 3, "next_attempt_at": AT},
    }
    with engine.begin() as connection:
        for name, values in rows:
            table = metadata.tables[name]
            all_ = sakura | values | more.get(name, {})
            written = {key: value for key, value in all_.items() if key in table.c}
            connection.execute(insert(table).values(**written))


def test_rows_of_the_first_version_go_through_every_step(bare: Engine) -> None:
    first, *later = _revisions(bare)
    _step(bare, first)
    _write_first_version(bare)
    for revision in later:
        _step(bare, revision)
    assert is_current(bare)
    with reading_session(bare)() as session:
        assert not verify(session)
        assert balance(session, 1).counted == 1
        assert get_company(session, 1).company.name == "Sakura"
        assert [mail.queue_id for mail in list_mails(session)] == ["q"]
        (told,) = outbox.list_notifications(session, 1)
        (member,) = members.list_members(session, 1)
        assert (told.member_id, told.recipient) == (member.id, member.address)
        assert (told.event, told.cause) == (Event.FIRST_REFERRAL, "entry:1")
        assert (told.attempts, told.created_at) == (3, AT)
        assert len(due(session, told.created_at)) == 1


def test_what_was_brought_up_to_date_goes_on(bare: Engine) -> None:
    first, *later = _revisions(bare)
    _step(bare, first)
    _write_first_version(bare)
    _step(bare, later[-1])
    for referral_id in relay_many(bare, 1, 0, 9):
        settle(bare, referral_id)
    with writing_session(bare).begin() as session:
        assert balance(session, 1).slots_earned == 1
        assert not verify(session)
