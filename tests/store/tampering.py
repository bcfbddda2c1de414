"""Change what must not be changed, as somebody with the database's own password could."""

import contextlib
import sqlite3

from sqlalchemy import Engine, text

from gateway.store.engine import writing_session


def tamper(engine: Engine, *statements: str) -> None:
    """Run statements that no guard and no foreign key judges."""
    if engine.dialect.name == "postgresql":
        with writing_session(engine).begin() as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                session.execute(text(statement))
        return
    with contextlib.closing(sqlite3.connect(str(engine.url.database))) as connection:
        guards = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (guard,) in connection.execute(guards).fetchall():
            connection.execute(f"DROP TRIGGER {guard}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
