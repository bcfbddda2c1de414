"""What docs/operations.md has an administrator install: units, settings, the command."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import ENV_PREFIX, Settings
from tests.services import missing

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
PAGE = (ROOT / "docs/operations.md").read_text("utf-8")


def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        missing("systemd-analyze")
    bin_folder = str(Path(sys.executable).parent)
    for unit in UNITS:
        text = unit.read_text("ascii").replace("/opt/career-relay/.venv/bin", bin_folder)
        (tmp_path / unit.name).write_text(text, "ascii")
    files = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        [analyze, "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "career-relay" in line]
    assert (len(files), ours) == (3, [])


def test_the_settings_are_ones_that_there_are() -> None:
    lines = (DEPLOY / "career-relay.env").read_text("ascii").splitlines()
    pairs = (line.removeprefix(ENV_PREFIX).split("=", 1) for line in lines)
    values: dict[str, Any] = {name.lower(): value for name, value in pairs}
    # the shell reads this file too, where a blank, a quote or a dollar would mean something else
    assert not re.search(r"[\s\"'$&;`\\]", "".join(lines))
    settings = Settings(**values)
    assert set(values) <= set(Settings.model_fields)
    assert settings.smtp_listen.port == 587
    assert settings.database.endswith("/career-relay?host=/var/run/postgresql")


@pytest.mark.parametrize("path", re.findall(r"/opt/career-relay/(deploy/[\w.-]+)", PAGE))
def test_what_the_page_installs_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


def test_every_block_of_the_page_is_shell() -> None:
    section = PAGE.partition("## Start\n")[2].partition("\n## ")[0]
    blocks = section.split("```")[1::2]
    assert len(blocks) == 7
    for script in (*blocks, (DEPLOY / "career-relay").read_text("ascii")):
        done = subprocess.run(
            ["sh", "-n"], input=script, text=True, capture_output=True, check=False
        )
        assert done.stderr == ""
