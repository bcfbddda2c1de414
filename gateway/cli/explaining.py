"""What `explain` does: judge mails as the relay would, and say in lines or JSON what came of it."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.cli.mailboxes import past_mails
from gateway.cli.reading import read_file
from gateway.cli.replay import Replayed, Report, date_of, report_lines
from gateway.core.company import Company, Language, Mode
from gateway.core.decide import decide
from gateway.core.envelope import Address, Envelope, domain_of
from gateway.core.language import language_of
from gateway.core.mime import decode_words, field_values, scan
from gateway.core.plan import Desk, Plan
from gateway.core.reader import read_mail
from gateway.errors import CareerRelayError
from gateway.render import Renderer
from gateway.settings import HERE
from gateway.web.explanation import Decided, five_lines

_ADDRESS = re.compile(r"""(?:"[^"]*"|[^\s<>,;:"()]+)@[^\s<>,;:"()]+""")
_QUOTED_NAME = re.compile(r'"[^"]*"\s*<')
_CSV_COLUMNS = {"file", "own_domains", "mail_from", "rcpt_to"}
_RECIPIENTS = ("to", "cc", "bcc", "delivered-to")

Decide = Callable[[bytes, Envelope, Company], Plan]


@dataclass(frozen=True, slots=True)
class Judge:
    """Who decides: with `company` the one that was named, without it whoever sent the mail."""

    decide: Decide
    company: Company | None

    def plan(self, raw: bytes, known: tuple[Envelope, Company] | None = None) -> Plan:
        """Return what would become of a mail; `known` is its envelope and company, if told."""
        envelope, sender = known or _from_headers(raw)
        return self.decide(raw, envelope, self.company or sender)


def judge_for(name: str | None) -> Judge:
    """Return who judges: with the settings of the company called `name`, or without a database.

    Raises NotFoundError when there is no such company.
    """
    if name is None:
        desk = Desk(b"explain", "https://relay.example", Renderer(HERE / "templates").block)
        return Judge(lambda raw, envelope, company: decide(raw, envelope, company, desk), None)
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company

    parts = open_parts()
    with parts.reading() as session:
        company = find_company(session, name).company
    return Judge(parts.decide, company)


def explain_files(
    files: Iterable[Path],
    judge: Judge,
    envelopes: Path | None,
    language: Language | None,
    *,
    as_json: bool,
) -> None:
    """Print five lines, or one of JSON, about each mail file.

    envelopes  a CSV file with the columns file, own_domains, mail_from, rcpt_to
    language   of the lines; None is that of each mail

    Raises NotFoundError for a file that cannot be read.
    """
    known = _read_envelopes(envelopes) if envelopes else {}
    for file in files:
        raw = read_file(file)
        plan = judge.plan(raw, known.get(file.name))
        if as_json:
            print(json.dumps(_as_dict(file, plan), ensure_ascii=False))
        else:
            _print_lines(file, plan, language or _language_of(raw))


def _print_lines(file: Path, plan: Plan, language: Language) -> None:
    decided = Decided(plan.verdict, plan.score, plan.why, plan.action, plan.evidence, plan.parts)
    print(f"{file}")
    for line in five_lines(decided, language):
        print(f"  {line}")


def replay(
    source: Path, judge: Judge, language: Language, *, everything: bool, as_json: bool
) -> None:
    """Print what would have become of past mails: a report, or one line of JSON each."""
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
