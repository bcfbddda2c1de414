"""Commands on single mails: inject, strip. No database, no socket."""

import functools
import json
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.folders import summary, treat_all
from gateway.core.block import Block, WriteBlock
from gateway.core.company import Company, Language
from gateway.core.inject import Injection, place_block
from gateway.core.mime import scan
from gateway.core.restore import restore
from gateway.core.splice import apply_edits
from gateway.core.why import Action, Why
from gateway.render import Renderer
from gateway.settings import HERE

_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_ADDRESS = re.compile(r"""(?:"[^"]*"|[^\s<>,;:"()]+)@[^\s<>,;:"()]+""")
_QUOTED_NAME = re.compile(r'"[^"]*"\s*<')
_NOBODY = {Language.JA: "弊社", Language.EN: "our company"}
_CSV_COLUMNS = {"file", "own_domains", "mail_from", "rcpt_to"}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command()(inject)
    app.command()(strip)


_Paths = Annotated[
    list[Path] | None,
    typer.Argument(help="Mail files, or folders whose *.eml are taken; none: standard input."),
]
_Out = Annotated[
    Path | None, typer.Option(help="Folder for the results; needed with files and folders.")
]


def inject(
    link: Annotated[str, typer.Option(help="The address that the block shows.")],
    paths: _Paths = None,
    company: Annotated[str, typer.Option(help="The company that the block names.")] = "",
    out: _Out = None,
) -> None:
    """Put a link block into mails, where that is safe, and write them out.

    What a mail says is not judged. Without files: one mail from standard input to standard output,
    and one JSON line on standard error says what was done, and why. With files or folders: the
    results go to --out, and a summary counts the injected and the passed by reason. A mail comes
    out with the block or byte for byte as it came; exit code 0 in any case.
    """
    if not _LINK.fullmatch(link):
        raise typer.BadParameter(
            "must be an http(s) address, for example https://relay.example/r/abc", param_hint="link"
        )
    write_block = _writer(link, company)
    if paths:
        counts = treat_all(paths, _needed(out), lambda raw: _inject(raw, write_block)[:2])
        print(summary(counts, Action.INJECTED, Why.LINK_ADDED, Action.PASSED))
        return
    edited, why, parts = _inject(sys.stdin.buffer.read(), write_block)
    sys.stdout.buffer.write(edited)
    sys.stdout.buffer.flush()
    action = Action.INJECTED if why is Why.LINK_ADDED else Action.PASSED
    print(json.dumps({"action": action, "reason": why, "parts": parts}), file=sys.stderr)


def strip(paths: _Paths = None, out: _Out = None) -> None:
    """Take the link block out of mails: the exact originals come out.

    Without files: from standard input to standard output. With files or folders: the results go to
    --out, and a summary counts them.
    """
    if paths:
        print(summary(treat_all(paths, _needed(out), _strip), "stripped", "stripped", "unchanged"))
        return
    sys.stdout.buffer.write(restore(sys.stdin.buffer.read()))
    sys.stdout.buffer.flush()


def _needed(out: Path | None) -> Path:
    if out is None:
        raise typer.BadParameter("name the folder that the results go to", param_hint="--out")
    return out


def _strip(raw: bytes) -> tuple[bytes, str]:
    original = restore(raw)
    return original, "unchanged" if original == raw else "stripped"


def _writer(link: str, name: str) -> WriteBlock:
    renderer = Renderer(HERE / "templates")

    @functools.cache
    def write_block(language: Language) -> Block:
        return renderer.block(Company(0, name or _NOBODY[language], ()), link, language)

    return write_block


def _inject(raw: bytes, write_block: WriteBlock) -> tuple[bytes, Why, tuple[str, ...]]:
    try:
        placed = place_block(raw, scan(raw), write_block)
        if not isinstance(placed, Injection):
            return raw, placed, ()
        return apply_edits(raw, placed.edits), Why.LINK_ADDED, placed.parts
    except Exception:  # noqa: BLE001  the mail comes first
        return raw, Why.FAULT, ()
