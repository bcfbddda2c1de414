"""The parts: what is made when."""

from pathlib import Path

import jinja2
import pytest
from sqlalchemy import text

from gateway.cli import parts as made
from gateway.cli.parts import Parts
from tests.smtp.gateways import make_settings


def test_a_broken_template_stops_the_start_and_not_each_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "templates" / "link"
    folder.mkdir(parents=True)
    for name in ("en.txt", "en.html", "ja.txt", "ja.html"):
        (folder / name).write_text("{% if %}")
    monkeypatch.setattr(made, "HERE", tmp_path)
    parts = Parts(make_settings(data_dir=tmp_path))
    with pytest.raises(jinja2.TemplateError):
        parts.decide  # noqa: B018  what gateway_side() asks for before it listens


def test_parts_that_are_given_up_leave_no_connection_open(sqlite_url: str, tmp_path: Path) -> None:
    parts = Parts(make_settings(data_dir=tmp_path, database_url=sqlite_url))
    engine = parts.engine
    with parts.reading() as session:
        session.execute(text("SELECT 1"))
    held = engine.pool.status()
    del parts
    assert engine.pool.status() != held
    assert "Connections in pool: 0" in engine.pool.status()
