"""What `make` does on a machine that is not ready for it."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

OLD = """#!/bin/sh
exit 1
"""
WITHOUT_VENV = """#!/bin/sh
[ "$1" = -c ] && exit 0
mkdir -p .venv/bin && touch .venv/bin/python
echo 'apt install python3-venv'
exit 1
"""


@pytest.mark.parametrize(
    ("python", "words"),
    [
        pytest.param(OLD, "Python 3.11 or newer is needed", id="an old Python"),
        pytest.param(WITHOUT_VENV, "apt install python3-venv", id="Debian without python3-venv"),
    ],
)
def test_what_is_missing_is_said_again_until_it_is_there(
    tmp_path: Path, python: str, words: str
) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    fake = tmp_path / "python3"
    fake.write_text(python, "ascii")
    fake.chmod(0o755)
    for _ in range(2):
        done = subprocess.run(
            ["make", f"PYTHON={fake}", "run"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert words in done.stdout
        assert not (tmp_path / ".venv").exists()
