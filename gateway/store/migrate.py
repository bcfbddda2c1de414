"""Bring a database to the newest schema: the only place that knows alembic."""

import sqlite3
from time import monotonic, sleep

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from gateway.settings import HERE
from gateway.store.engine import open_engine, sqlite_file
from gateway.store.version import is_current, refuse_newer

_LOCK = 0x_CA_4E_E4  # any number that nobody else locks on
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.1


def migrate(url: str) -> None:
    """Make the database at `url` if it is SQLite's and missing, and apply every missing step.

    Several processes may start at once: one does it, the others wait and find it done. All
    steps are one transaction, so what fails leaves the schema as it was.

    Raises sqlalchemy.exc.DBAPIError when the database does not let it, CareerRelayError when it
    has steps that this version does not know.
    """
    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    engine = open_engine(url)
    deadline = monotonic() + _PATIENCE_SECONDS
    try:
        while not _upgrade(engine, is_last_time=monotonic() > deadline):
            sleep(_PAUSE_SECONDS)
    finally:
        engine.dispose()


def _upgrade(engine: Engine, *, is_last_time: bool) -> bool:
    """Apply every missing step; False while another process holds the lock of an SQLite file.

    All steps may take another process longer than a connection waits (engine.py), and to
    switch a file to WAL a connection does not wait at all.
    """
    try:
        refuse_newer(engine)
        if is_current(engine):  # nobody who writes is waited for where nothing is to be done
            return True
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            command.upgrade(config_for(connection), "head")
    except OperationalError as error:
        if is_last_time or not _is_locked(error.orig):
            raise
        return False
    return True


def _is_locked(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)  # an extended one: the low byte is the kind
    return code & 0xFF == sqlite3.SQLITE_BUSY


def config_for(connection: Connection) -> Config:
    """Return alembic's configuration for the steps in migrations/, on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
