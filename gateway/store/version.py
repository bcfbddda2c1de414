"""Which schema a database has: asked at every start, so without alembic and its half second."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from gateway.settings import HERE
from gateway.store.engine import reading_session

_NOT_THERE = ("alembic_version", "unable to open database file")
"""What SQLite and PostgreSQL say of a table, and SQLite of a file, that does not exist."""


def newest_step() -> str:
    """Return the number of the newest migration step, the start of its file's name."""
    return max(path.name[:4] for path in (HERE / "migrations" / "versions").glob("[0-9]*_*.py"))


def is_current(engine: Engine) -> bool:
    """Tell whether the database has every step; one without tables has none.

    Raises sqlalchemy.exc.DBAPIError when it does not answer.
    """
    try:
        with reading_session(engine)() as session:
            applied = session.scalars(text("SELECT version_num FROM alembic_version")).all()
    except (OperationalError, ProgrammingError) as error:
        if any(words in str(error.orig) for words in _NOT_THERE):
            return False
        raise
    return applied == [newest_step()]
