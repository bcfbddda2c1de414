"""Which schema a database has: asked at every start, so without alembic and its half second."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from gateway.errors import CareerRelayError
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
    return _last_step(engine) == newest_step()


def refuse_newer(engine: Engine) -> None:
    """Raise CareerRelayError when the database has a step that this version does not know.

    Raises sqlalchemy.exc.DBAPIError when it does not answer.
    """
    last, known = _last_step(engine), newest_step()
    if last > known:
        raise CareerRelayError(
            f"the ledger is newer than this program: its schema is at step {last[:20]}, known "
            f"here are steps up to {known}. Install the version again that was here before, or "
            "a newer one; or go back to the backup from before the upgrade"
        )


def _last_step(engine: Engine) -> str:
    """Return the last step that the database has, "" when it has none."""
    try:
        with reading_session(engine)() as session:
            return max(session.scalars(text("SELECT version_num FROM alembic_version")), default="")
    except (OperationalError, ProgrammingError) as error:
        if any(words in str(error.orig) for words in _NOT_THERE):
            return ""
        raise
