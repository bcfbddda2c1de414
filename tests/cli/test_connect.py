"""`career-relay connect` as a person types it: where the password comes from."""

from pathlib import Path

import pytest

from tests.cli.conftest import COMPANY, Line

CONNECT = ("connect", COMPANY, "--for", "postfix")


def test_the_password_comes_from_a_file_or_from_input(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("right horse\n", "utf-8")
    from_file = line(*CONNECT, "--password-file", str(file))
    assert "right horse" in from_file
    assert line(*CONNECT, "--password-file", "-", stdin=b"right horse\r\n") == from_file
    assert line(*CONNECT, "--password", "right horse") == from_file
    assert "PASSWORD" in line(*CONNECT)


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("--password-file", "-"), b"\n", "empty"),
        (("--password-file", "-"), b"one\ntwo\n", "more than one line"),
        (("--password-file", "-"), b"\xff\n", "UTF-8"),
        (("--password-file", "/nowhere"), b"", "cannot be read"),
        (("--password-file", "-", "--password", "x"), b"x", "goes without --password"),
    ],
)
def test_what_is_no_password_is_said(
    line: Line, arguments: tuple[str, ...], typed: bytes, said: str
) -> None:
    assert said in " ".join(line(*CONNECT, *arguments, stdin=typed, fails=True).split())
