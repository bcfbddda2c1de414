"""`career-relay doctor`: look at everything between a company and its candidates."""

import dataclasses
import itertools
import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.cli.parts import Parts
    from gateway.doctor.diagnosis import Finding
    from gateway.store.company_records import CompanyRecord
    from gateway.store.mails import MailRecord

_ACTOR = "doctor (command line)"
_LOGGED_SECONDS = 10.0
_MAILBOX = (
    "what the receiving server says of SPF, DKIM and DMARC is not seen from here: save the mail's "
    "source, and `career-relay doctor COMPANY --received - < FILE`"
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command()(doctor)


def doctor(
    name: str,
    probe: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Send one mail through the relay to an address that you read; it is not judged "
            "and counts nothing.",
        ),
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(
            envvar="CAREER_RELAY_PROBE_PASSWORD",
            help="Of the company's SMTP user, for --probe; without it one is made for the probe "
            "and revoked after it.",
        ),
    ] = None,
    received: Annotated[
        typer.FileBinaryRead | None,
        typer.Option(
            metavar="FILE",
            help="Look only at a mail as it came to its reader: its saved source, - for stdin.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Look at relay, domains, next hop, links, SPF and DKIM of a company, one line each.

    Sends no mail without --probe. Exit code 1 when something fails.
    """
    from gateway.cli.parts import open_parts
    from gateway.doctor.diagnosis import Health
    from gateway.store.company_records import find_company

    if probe is not None and ("@" not in probe or not probe.isascii() or not probe.isprintable()):
        raise typer.BadParameter("an address, for example you@example.jp", param_hint="--probe")
    parts = open_parts()
    with parts.reading() as session:
        record = find_company(session, name)
    if received is not None:
        findings = _look_at(parts, record, received.read())
    else:
        findings = itertools.chain(
            _diagnose(parts, record), _probe(parts, record, probe, password) if probe else ()
        )
    has_failed = False
    for finding in findings:
        has_failed |= finding.health is Health.FAIL
        _show(finding, as_json=as_json)
    if has_failed:
        raise typer.Exit(1)


def _diagnose(parts: "Parts", record: "CompanyRecord") -> Iterator["Finding"]:
    from gateway.doctor.diagnosis import Patient, diagnose
    from gateway.resolver import DnsResolver
    from gateway.smtp.hop_tls import open_security

    return diagnose(
        Patient(
            record,
            parts.settings,
            parts.key,
            DnsResolver(parts.settings.dns_server),
            lambda: open_security(record.company.id, record.hop, parts.hop_seal),
        )
    )


def _look_at(parts: "Parts", record: "CompanyRecord", raw: bytes) -> Iterator["Finding"]:
    from gateway.doctor.arrival import look_at_arrival

    return look_at_arrival(raw, record.company, parts.key)


def _show(finding: "Finding", *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(dataclasses.asdict(finding), ensure_ascii=False), flush=True)
        return
    print(f"{finding.health.value:4}  {finding.what}: {finding.text}", flush=True)
    if finding.next_step:
        print(f"      {finding.next_step}", flush=True)


def _probe(
    parts: "Parts", record: "CompanyRecord", recipient: str, password: str | None
) -> Iterator["Finding"]:
    """Yield how one mail fares; whoever needs a password and gave none gets one for the while."""
    from gateway.cli.parts import utc_now
    from gateway.core.access import Way
    from gateway.doctor.diagnosis import Finding, Health
    from gateway.errors import CareerRelayError
    from gateway.store.access import describe_access
    from gateway.store.credentials import CredentialKind, add_credential, limit_credential

    access, source = record.access, parts.settings.smtp_listen.reachable.host
    shown = access.proofs_of("127.0.0.1" if source == "localhost" else source, None)
    needs_password = not access.admits(shown)
    if not access.admits(shown | {Way.PASSWORD}):
        text = f"not sent: the company {describe_access(access)}, which this machine cannot show"
        step = "send a mail through the company's own mail server, and look at `career-relay log`"
        yield Finding("probe", Health.WARN, text, step)
        return
    made = None
    if needs_password and not password:
        kind = CredentialKind.PASSWORD
        try:
            with parts.writing() as session:
                company_id = record.company.id
                made, password = add_credential(session, company_id, kind, _ACTOR, utc_now())
        except CareerRelayError as error:
            step = "set CAREER_RELAY_PROBE_PASSWORD to the password of the company's SMTP user"
            yield Finding("probe login", Health.FAIL, str(error), step)
            return
    try:
        used = password if needs_password and password else ""
        yield from _send(parts, record, recipient, used)
    finally:
        if made is not None:
            with parts.writing() as session:
                limit_credential(session, record.company.id, made.id, None, _ACTOR, utc_now())


def _send(
    parts: "Parts", record: "CompanyRecord", recipient: str, password: str
) -> Iterator["Finding"]:
    from gateway.cli.parts import utc_now
    from gateway.doctor.diagnosis import Finding, Health
    from gateway.doctor.probe import Probe, Sent, send_probe

    settings, sent = parts.settings, Sent()
    door, sender = settings.smtp_listen.reachable, _sender(record)
    probe = Probe(door, settings.hostname, sender, recipient, record.smtp_user, password)
    yield from send_probe(probe, utc_now(), sent)
    if not sent.queue_id:
        return
    logged = _wait_for_line(parts, sent.queue_id)
    if logged is None:
        step = "the relay's log: is the database there?"
        yield Finding("probe log", Health.WARN, f"{sent.queue_id} is not in the log yet", step)
    else:
        said = f"{logged.action}, {logged.why}; the next hop answered {logged.reply_code}"
        yield Finding("probe log", Health.OK, f"{sent.queue_id}: {said}")
    yield Finding("probe mailbox", Health.OK, f"sent from {sender}, look for it", _MAILBOX)


def _wait_for_line(parts: "Parts", queue_id: str) -> "MailRecord | None":
    """Return the mail's line in the log, which is written after the reply; None without one."""
    from gateway.store.mails import find_mail

    ends = time.monotonic() + _LOGGED_SECONDS
    while True:
        with parts.reading() as session:
            found = find_mail(session, queue_id)
        if found is not None or time.monotonic() > ends:
            return found
        time.sleep(0.1)


def _sender(record: "CompanyRecord") -> str:
    """Return a mailbox of the company that exists: the contact, else postmaster."""
    company = record.company
    if company.owns(company.contact.rpartition("@")[2].lower()):
        return company.contact
    return f"postmaster@{company.domains[0]}"
