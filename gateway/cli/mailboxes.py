"""Past mails, one after another, from an mbox file, a maildir or a folder of mail files.

An mbox of any size: one mail is in memory at a time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.core.guard import MAX_BYTES
from gateway.errors import NotFoundError

_FROM_LINE = re.compile(rb"From \S.*\d{1,2}:\d{2}.*\d{4}")
"""A postmark (RFC 4155): a sender and a date; a sentence that begins with From has none."""

_QUOTED_FROM = re.compile(rb">+From ")
_MOST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class PastMail:
    """One mail with CRLF line ends; of a huge one only the beginning.

    place  where it was: a file's name, or "#3" for the third mail of an mbox
    """

    place: str
    raw: bytes


def past_mails(path: Path) -> Iterator[PastMail]:
    """Yield each mail below `path`.

    path  an mbox file (mboxo or mboxrd), a maildir, or a folder with *.eml and *.mbox files

    Raises NotFoundError when it cannot be read.
    """
    try:
        if path.is_dir():
            for file in _files_of(path):
                yield from _of_file(file, str(file.relative_to(path)))
        else:
            yield from _of_file(path, "")
    except OSError as error:
        raise NotFoundError(f"{path} cannot be read: {error.strerror}") from None


def _files_of(folder: Path) -> Iterator[Path]:
    patterns = ("cur/*", "new/*") if (folder / "cur").is_dir() else ("*.eml", "*.mbox")
    found = sorted(file for pattern in patterns for file in folder.rglob(pattern))
    return (file for file in found if file.is_file())


def _of_file(file: Path, name: str) -> Iterator[PastMail]:
    with file.open("rb") as stream:
        lines = iter(lambda: stream.readline(_MOST_LINE), b"")
        first = next(lines, b"")
        if _FROM_LINE.match(first):
            for number, raw in enumerate(_of_mbox(lines), 1):
                yield PastMail(f"{name} #{number}".strip(), raw)
        elif first:
            yield PastMail(name or file.name, _mail(first + stream.read(MAX_BYTES)))


def _of_mbox(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the mails between postmarks; `lines` begin behind the first one."""
    mail = bytearray()
    blank = b""
    for line in lines:
        if blank and _FROM_LINE.match(line):
            yield _mail(mail.removesuffix(blank))  # it stands before the postmark, not in the mail
            mail.clear()
        elif len(mail) <= MAX_BYTES:
            mail += line[1:] if _QUOTED_FROM.match(line) else line
        blank = line if line in {b"\n", b"\r\n"} else b""
    yield _mail(mail)


def _mail(content: bytes | bytearray) -> bytes:
    """Return the mail with CRLF line ends; a pattern would hold each line by itself meanwhile."""
    return bytes(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
