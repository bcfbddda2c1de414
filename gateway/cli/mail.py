"""Commands on single mails: explain, inject, strip. No database, no socket."""

import csv
import functools
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.folders import summary, treat_all
from gateway.cli.words import explained
from gateway.core.block import Block, WriteBlock
from gateway.core.company import Company, Language, Mode
from gateway.core.envelope import Address, Envelope, domain_of
from gateway.core.inject import Injection, place_block
from gateway.core.mime import decode_words, field_values, scan
from gateway.core.plan import Desk, Plan, decide
from gateway.core.restore import restore
from gateway.core.splice import apply_edits
from gateway.core.why import Action, Why
from gateway.errors import CareerRelayError, NotFoundError
from gateway.render import Renderer
from gateway.settings import HERE

_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_ADDRESS = re.compile(r"""(?:"[^"]*"|[^\s<>,;:"()]+)@[^\s<>,;:"()]+""")
_QUOTED_NAME = re.compile(r'"[^"]*"\s*<')
_NOBODY = {Language.JA: "弊社", Language.EN: "our company"}
_CSV_COLUMNS = {"file", "own_domains", "mail_from", "rcpt_to"}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command()(explain)
    app.command()(inject)
    app.command()(strip)


def explain(
    files: Annotated[list[Path], typer.Argument(help="Mail files (.eml); - is standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    envelope: Annotated[
        Path | None,
        typer.Option(help="CSV with the columns file, own_domains, mail_from, rcpt_to."),
    ] = None,
) -> None:
    """Say what the relay would do with a mail, and why; the same code as in the relay.

    Without --envelope the sender's domain is taken as the company's own, and the
    recipients from To, Cc and Bcc.
    """
    known = _read_envelopes(envelope) if envelope else {}
    desk = Desk(b"explain", "https://relay.example", Renderer(HERE / "templates").block)
    for file in files:
        raw = _read(file)
        sender, company = known.get(file.name) or _from_headers(raw)
        plan = decide(raw, sender, company, desk)
        if as_json:
            print(json.dumps(_as_dict(file, plan), ensure_ascii=False))
        else:
            print(explained(str(file), plan))


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


def _as_dict(file: Path, plan: Plan) -> dict[str, Any]:
    return {
        "file": str(file),
        "verdict": plan.verdict,
        "score": round(plan.score, 4),
        "why": plan.why,
        "evidence": [
            {"rule": e.rule, "weight": e.weight, "part": e.part, "span": [e.start, e.end]}
            | {"label": e.label}
            for e in plan.evidence
        ],
        "action": plan.action,
        "parts": plan.parts,
    }


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFoundError(f"{file} cannot be read: {error.strerror}") from None


def _read_envelopes(path: Path) -> dict[str, tuple[Envelope, Company]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.DictReader(lines)
            missing = _CSV_COLUMNS - set(rows.fieldnames or ())
            if missing:
                raise CareerRelayError(f"{path} has no column {', '.join(sorted(missing))}")
            return {row["file"]: _from_row(row) for row in rows}
    except (OSError, UnicodeError) as error:
        raise CareerRelayError(f"{path} cannot be read as CSV in UTF-8: {error}") from None


def _from_row(row: dict[str, str]) -> tuple[Envelope, Company]:
    domains = tuple(d.strip().lower() for d in row["own_domains"].split(";") if d.strip())
    recipients = tuple(Address(a.strip()) for a in row["rcpt_to"].split(";") if a.strip())
    sender = Address(row["mail_from"].strip().removeprefix("<").removesuffix(">"))
    return Envelope(sender, recipients), Company(0, "", domains, Mode.INJECT)


def _from_headers(raw: bytes) -> tuple[Envelope, Company]:
    """Return the envelope that the mail's own headers suggest, its sender's domain as own."""
    sender = next(_addresses(raw, "from"), Address(""))
    recipients = dict.fromkeys(_addresses(raw, "to", "cc", "bcc"))
    own = domain_of(sender)
    company = Company(0, "", (own,) if own else (), Mode.INJECT)
    return Envelope(sender, tuple(recipients)), company


def _addresses(raw: bytes, *names: str) -> Iterator[Address]:
    root = scan(raw)
    for name in names:
        for value in field_values(raw, root, name):
            bare = _QUOTED_NAME.sub("<", decode_words(value))
            yield from (Address(found) for found in _ADDRESS.findall(bare))
