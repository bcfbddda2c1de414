"""The command line on an installation with one company."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.app import app
from gateway.cli.parts import Parts
from gateway.errors import CareerRelayError
from gateway.settings import load_settings
from tests.store.records import write_company

COMPANY = "Sakura"


class Line:
    """The command line, without a process of its own."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def __call__(self, *arguments: str, stdin: bytes = b"", fails: bool = False) -> str:
        """Return what a command prints; of one that fails, what it tells of its failure."""
        done = CliRunner().invoke(app, arguments, input=stdin)
        assert (done.exit_code != 0) is fails, done.output
        return str(done.exception) if isinstance(done.exception, CareerRelayError) else done.output


@pytest.fixture
def line(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """Give the command line of an installation with one company."""
    monkeypatch.setenv("CAREER_RELAY_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CAREER_RELAY_DATA_DIR", str(tmp_path))
    parts = Parts(load_settings())
    write_company(parts.engine, COMPANY)
    yield Line(parts)
    parts.engine.dispose()
