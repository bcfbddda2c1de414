"""Read the files that a command names; `-` is standard input."""

import sys
from pathlib import Path

import typer

from gateway.errors import CareerRelayError, NotFoundError


def read_file(file: Path) -> bytes:
    """Return what a file holds.

    Raises NotFoundError when it cannot be read.
    """
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFoundError(f"{file} cannot be read: {error.strerror}") from None


def decode_text(file: Path, content: bytes) -> str:
    """Return the text that `file` held; raises CareerRelayError when it is not in UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeError:
        raise CareerRelayError(f"{file} is not in UTF-8: save it as UTF-8.") from None


def read_password(file: Path, of: str) -> str:
    """Return the password that `file` holds; `-` asks for it at a terminal, else reads input.

    of  whose it is, as the question says it

    Raises CareerRelayError when it is none.
    """
    if str(file) == "-" and sys.stdin.isatty():
        password = str(typer.prompt(f"Password of {of}", hide_input=True, err=True))
    else:
        password = decode_text(file, read_file(file)).rstrip("\r\n")
    if not password or not password.isprintable():
        raise CareerRelayError("The password is empty, or has more than one line.")
    return password
