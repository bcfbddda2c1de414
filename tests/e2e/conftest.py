"""A fresh installation, a next hop, and a company between them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.company import Mode
from gateway.demo.samples import COMPANY, DOMAIN
from gateway.store import companies
from gateway.store.engine import open_engine, writing_session
from gateway.store.migrate import migrate
from tests.e2e.program import Installation, new_installation
from tests.e2e.sink import Sink


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An empty data folder and two free ports."""
    return new_installation(tmp_path)


@pytest.fixture
def migrated(tmp_path: Path, sqlite_template: Path) -> Installation:
    """An installation with an empty ledger and two free ports."""
    shutil.copyfile(sqlite_template, tmp_path / "ledger.sqlite3")
    return new_installation(tmp_path)


def add_company(installation: Installation, sink: Sink, *, mode: str = "inject") -> dict[str, str]:
    """Add the sample company as `company add` does, and return its login.

    The command, which tests of its own start, takes a second of the processor each time.
    """
    file = installation.folder / "ledger.sqlite3"
    url = installation.settings.get("CAREER_RELAY_DATABASE_URL", f"sqlite:///{file}")
    migrate(url)
    engine = open_engine(url)
    with writing_session(engine).begin() as session:
        record, password = companies.add_company(
            session,
            name=COMPANY,
            domains=[DOMAIN],
            next_hop=sink.address,
            mode=Mode(mode),
            contact=f"postmaster@{DOMAIN}",
            now=datetime.now(UTC),
        )
    engine.dispose()
    return {"smtp_user": record.smtp_user, "smtp_password": password}
