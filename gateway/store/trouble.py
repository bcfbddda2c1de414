"""What is wrong with the database, as a sentence that says what to do next."""

import sqlite3

from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError

from gateway.store.engine import sqlite_file

_SETTING = "CAREER_RELAY_DATABASE_URL"

_BUSY = "another process is writing: try again when it has finished"
_OTHER = "{file} did not do it ({words}): see that it may be read and written, and has room"
_SQLITE = {
    sqlite3.SQLITE_ERROR: "{file} is not as it must be ({words}): is it a ledger of Career Relay?",
    sqlite3.SQLITE_BUSY: "another process is writing to {file}; try again when it has finished",
    sqlite3.SQLITE_READONLY: "{file} cannot be written: see who may write to it and its folder",
    sqlite3.SQLITE_FULL: "no room is left for {file}: make some, then try again",
    sqlite3.SQLITE_IOERR: "the disk of {file} failed ({words}): see that it has room and works",
    sqlite3.SQLITE_CANTOPEN: (
        "{file} cannot be opened: see that it is a file, and who may read and write it and its "
        "folder"
    ),
    sqlite3.SQLITE_CORRUPT: "{file} is damaged: restore a backup",
    sqlite3.SQLITE_NOTADB: "{file} is no SQLite database, or damaged: restore a backup",
}
"""By the low byte of SQLite's code, which is the kind of trouble (sqlite.org/rescode.html)."""

_POSTGRESQL = {
    "25006": f"it only reads: name the one that writes in {_SETTING}",
    "3D000": f"there is no such database: make it, or correct {_SETTING}",
    "40P01": _BUSY,
    "42501": "its user may not do this: grant the right",
    "53100": "its disk is full: make room, then try again",
    "53300": "it has too many connections: raise max_connections, or end some",
    "55P03": _BUSY,
    "57P01": "it is stopping: try again when it runs",
    "57P03": "it is starting: try again in a moment",
}
"""By SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html)."""


def explain_trouble(error: DBAPIError, url: str | URL) -> str:
    """Return what is wrong with the database at `url`, and what to do; never a row's value."""
    file = sqlite_file(url)
    if file is not None and isinstance(error.orig, sqlite3.Error):
        kind = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        sentence = _SQLITE.get(kind, _OTHER)
        return sentence.format(file=file, words=error.orig)
    return f"the database at {_place(url)}: {_reason(error)}"


def _place(url: str | URL) -> str:
    """Return where a database server is, without user and password."""
    address = make_url(url)
    return f"{address.host or 'this machine'}:{address.port or 5432}/{address.database or ''}"


def _reason(error: DBAPIError) -> str:
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # there is no connection; the words name host, user and database, no value
        words = str(error.orig).partition("\n")[0].rpartition("failed: ")[2]
        return (
            f"{words}. See that it runs, and that {_SETTING} names host, database, user and "
            "password as they are"
        )
    known = _POSTGRESQL.get(state)
    return known or f"it did not do it ({type(error.orig).__name__}, {state}); see its own log"


def is_of(error: DBAPIError, url: str | URL) -> bool:
    """Tell whether an error can be that of the database at `url`, by its kind."""
    return isinstance(error.orig, sqlite3.Error) == (sqlite_file(url) is not None)
