"""Commands on single mails: inject, strip. No database, no socket."""

import json
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.folders import summary, treat_all
from gateway.core.why import Action, Why

_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")


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
    from gateway.cli.editing import block_writer, inject_mail

    write_block = block_writer(link, company)
    if paths:
        counts = treat_all(paths, _needed(out), lambda raw: inject_mail(raw, write_block)[:2])
        print(summary(counts, Action.INJECTED, Why.LINK_ADDED, Action.PASSED))
        return
    edited, why, parts = inject_mail(sys.stdin.buffer.read(), write_block)
    sys.stdout.buffer.write(edited)
    sys.stdout.buffer.flush()
    action = Action.INJECTED if why is Why.LINK_ADDED else Action.PASSED
    print(json.dumps({"action": action, "reason": why, "parts": parts}), file=sys.stderr)


def strip(paths: _Paths = None, out: _Out = None) -> None:
    """Take the link block out of mails: the exact originals come out.

    Without files: from standard input to standard output. With files or folders: the results go to
    --out, and a summary counts them.
    """
    from gateway.cli.editing import strip_mail

    if paths:
        counts = treat_all(paths, _needed(out), strip_mail)
        print(summary(counts, "stripped", "stripped", "unchanged"))
        return
    sys.stdout.buffer.write(strip_mail(sys.stdin.buffer.read())[0])
    sys.stdout.buffer.flush()


def _needed(out: Path | None) -> Path:
    if out is None:
        raise typer.BadParameter("name the folder that the results go to", param_hint="--out")
    return out
