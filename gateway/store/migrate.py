"""Bring a database to the newest schema: the only place that knows alembic."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from gateway.settings import HERE
from gateway.store.engine import open_engine, sqlite_file

_LOCK = 0x_CA_4E_E4  # any number that nobody else locks on


def migrate(url: str) -> None:
    """Make the database at `url` if it is SQLite's and missing, and apply every missing step.

    Several processes may start at once: one does it, the others wait and find it done. All
    steps are one transaction, so what fails leaves the schema as it was.

    Raises sqlalchemy.exc.DBAPIError when the database does not let it.
    """
    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            command.upgrade(config_for(connection), "head")
    finally:
        engine.dispose()


def config_for(connection: Connection) -> Config:
    """Return alembic's configuration for the steps in migrations/, on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
