"""The command that says why: of single mails, or of all past ones as a report."""

import csv
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.mailboxes import past_mails
from gateway.core.company import Company, Language, Mode
from gateway.core.envelope import Address, Envelope, domain_of
from gateway.core.language import language_of
from gateway.core.mime import decode_words, field_values, scan
from gateway.core.plan import Desk, Plan, decide
from gateway.core.reader import read_mail
from gateway.errors import CareerRelayError, NotFoundError
from gateway.render import Renderer
from gateway.settings import HERE

_ADDRESS = re.compile(r"""(?:"[^"]*"|[^\s<>,;:"()]+)@[^\s<>,;:"()]+""")
_QUOTED_NAME = re.compile(r'"[^"]*"\s*<')
_CSV_COLUMNS = {"file", "own_domains", "mail_from", "rcpt_to"}
_RECIPIENTS = ("to", "cc", "bcc", "delivered-to")

Decide = Callable[[bytes, Envelope, Company], Plan]


@dataclass(frozen=True, slots=True)
class _Judge:
    """Who decides: with `company` the one that was named, without it whoever sent the mail."""

    decide: Decide
    company: Company | None

    def plan(self, raw: bytes, known: tuple[Envelope, Company] | None = None) -> Plan:
        envelope, sender = known or _from_headers(raw)
        return self.decide(raw, envelope, self.company or sender)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(explain)


def explain(  # noqa: PLR0913, PLR0917  one parameter an option
    files: Annotated[
        list[Path] | None, typer.Argument(help="Mail files (.eml); - is standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    envelope: Annotated[
        Path | None,
        typer.Option(help="CSV with the columns file, own_domains, mail_from, rcpt_to."),
    ] = None,
    language: Annotated[
        Language | None, typer.Option(help="Of the answer; without it the mail's own language.")
    ] = None,
    company: Annotated[
        str | None,
        typer.Option(help="Judge as mail of this company: its letters and senders hold."),
    ] = None,
    mbox: Annotated[
        Path | None,
        typer.Option(metavar="FILE|FOLDER", help="Past mails (mbox, maildir, *.eml): a report."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List also what is no rejection in the report.")
    ] = False,
) -> None:
    """Say in five lines what the relay would do with a mail, and why; the same code as in it.

    Without --envelope the recipients are those of To, Cc, Bcc and Delivered-To, the sender that of
    Return-Path, else From; without --company the sender's domain is the company's own.
    """
    if bool(files) == (mbox is not None):
        raise typer.BadParameter("give mail files, or --mbox FILE|FOLDER")
    judge = _judge_for(company)
    if mbox is not None:
        _replay(mbox, judge, language or Language.JA, everything=every, as_json=as_json)
        return
    known = _read_envelopes(envelope) if envelope else {}
    for file in files or ():
        raw = _read(file)
        plan = judge.plan(raw, known.get(file.name))
        if as_json:
            print(json.dumps(_as_dict(file, plan), ensure_ascii=False))
        else:
            _print_lines(file, plan, language or _language_of(raw))


def _judge_for(name: str | None) -> _Judge:
    if name is None:
        desk = Desk(b"explain", "https://relay.example", Renderer(HERE / "templates").block)
        return _Judge(lambda raw, envelope, company: decide(raw, envelope, company, desk), None)
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company

    parts = open_parts()
    with parts.reading() as session:
        company = find_company(session, name).company
    return _Judge(parts.decide, company)


def _print_lines(file: Path, plan: Plan, language: Language) -> None:
    from gateway.web.explanation import Decided, five_lines

    decided = Decided(plan.verdict, plan.score, plan.why, plan.action, plan.evidence, plan.parts)
    print(f"{file}")
    for line in five_lines(decided, language):
        print(f"  {line}")


def _replay(
    source: Path, judge: _Judge, language: Language, *, everything: bool, as_json: bool
) -> None:
    from gateway.cli.replay import Replayed, Report, date_of, report_lines

    report = Report()
    for mail in past_mails(source):
        one = Replayed(mail.place, date_of(mail.raw), judge.plan(mail.raw))
        if as_json:
            said = _as_dict(source, one.plan) | {"place": one.place, "date": one.date}
            print(json.dumps(said, ensure_ascii=False))
        else:
            report.note(one, everything=everything)
    if not as_json:
        print("\n".join(report_lines(report, language)))


def _language_of(raw: bytes) -> Language:
    reading = read_mail(raw, scan(raw))
    return language_of("".join(one.text for one in reading.sentences))


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
    sender = next(_addresses(raw, "return-path", "from"), Address(""))
    recipients = dict.fromkeys(_addresses(raw, *_RECIPIENTS))
    own = domain_of(sender)
    company = Company(0, "", (own,) if own else (), Mode.INJECT)
    return Envelope(sender, tuple(recipients)), company


def _addresses(raw: bytes, *names: str) -> Iterator[Address]:
    root = scan(raw)
    for name in names:
        for value in field_values(raw, root, name):
            bare = _QUOTED_NAME.sub("<", decode_words(value))
            yield from (Address(found) for found in _ADDRESS.findall(bare))
