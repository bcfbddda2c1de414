"""The step that made members of contacts, on a database that a company was told from already."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, inspect, text

from gateway.store.engine import open_engine
from gateway.store.migrate import config_for
from tests.services import PostgreSQL

_COMPANY = text(
    "INSERT INTO company (id, name, mode, contact, language, next_hop, smtp_user, created_at)"
    " VALUES (:id, :name, 'observe', :contact, :language, 'mx:25', :name, '2026-01-05 00:00:00')"
)
_TOLD = text(
    "INSERT INTO notification (company_id, event, cause, facts, endpoint_id, recipient, language,"
    " state, attempts, next_attempt_at, created_at) VALUES (:company, 'brake', 'day:1', '{}',"
    " :endpoint, :recipient, 'ja', :state, 0, '2026-01-05 00:00:00', '2026-01-05 00:00:00')"
)
_HOOK = text(
    "INSERT INTO webhook_endpoint (id, company_id, url, secret_sealed, created_at)"
    " VALUES (1, 2, 'https://hook.example/', 'x', '2026-01-05 00:00:00')"
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give a database of before the step: one company that is told, one without a contact."""
    file = tmp_path / "ledger.sqlite3"
    file.touch()
    url = f"sqlite:///{file}"
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        name = f"before_members_{uuid.uuid4().hex}"
        server.execute(f"CREATE DATABASE {name}")
        url = server.url(name)
    engine = open_engine(url)
    with engine.begin() as connection:
        command.upgrade(config_for(connection), "0015")
        _fill(connection)
    yield engine
    engine.dispose()


def _fill(connection: Connection) -> None:
    silent = {"id": 1, "name": "A", "contact": "", "language": "ja"}
    told = {"id": 2, "name": "B", "contact": "hr@b.example", "language": "en"}
    connection.execute(_COMPANY, [silent, told])
    connection.execute(_HOOK)
    connection.execute(
        text("INSERT INTO muted_event (company_id, event) VALUES (1, 'test'), (2, 'weekly-report')")
    )
    mail = {"company": 2, "endpoint": None, "recipient": "hr@b.example", "state": "pending"}
    hook = mail | {"endpoint": 1, "recipient": "", "state": "parked"}
    connection.execute(_TOLD, [mail, hook])


def _read(connection: Connection, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


def test_contacts_become_members_with_what_they_chose_and_were_told(before: Engine) -> None:
    with before.begin() as connection:
        command.upgrade(config_for(connection), "0016")
    with before.connect() as connection:
        members = _read(connection, "SELECT id, company_id, address, language FROM member")
        assert members == [(1, 2, "hr@b.example", "en")]
        muted = _read(connection, "SELECT member_id, event FROM member_muted")
        assert muted == [(1, "weekly-report")]
        told = "SELECT endpoint_id, member_id, state, recipient FROM notification ORDER BY id"
        assert _read(connection, told) == [
            (None, 1, "pending", "hr@b.example"),
            (1, None, "parked", ""),
        ]
    inspector = inspect(before)
    assert "muted_event" not in inspector.get_table_names()
    kind = before.dialect.name
    partial = {
        index["name"]
        for index in inspector.get_indexes("notification")
        if index.get("dialect_options", {}).get(f"{kind}_where") is not None
    }
    assert partial == {
        "ix_notification_due",
        "ix_notification_parked",
        "uq_notification_by_mail",
        "uq_notification_by_webhook",
    }


def test_who_wants_to_hear_of_no_failing_next_hop_hears_of_no_working_one(before: Engine) -> None:
    with before.begin() as connection:
        command.upgrade(config_for(connection), "0017")
        connection.execute(
            text("INSERT INTO member_muted (member_id, event) VALUES (1, 'next-hop-failing')")
        )
        command.upgrade(config_for(connection), "0018")
        muted = _read(connection, "SELECT member_id, event FROM member_muted ORDER BY event")
    assert muted == [(1, "next-hop-failing"), (1, "next-hop-working"), (1, "weekly-report")]
