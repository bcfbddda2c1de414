"""A fresh installation, a next hop, and a company between them."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.samples import COMPANY, DOMAIN
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


def add_company(installation: Installation, sink: Sink, *, mode: str = "inject") -> Any:
    """Add the sample company and return what the command says."""
    hop = str(sink.address)
    options = ("--domain", DOMAIN, "--next-hop", hop, "--mode", mode)
    return installation.ask("company", "add", COMPANY, *options)
