"""Check everything between a company's mail server and its candidates, one thing after another.

Each check is one line: what was looked at, how it stands, and what to do next.
"""

import asyncio
import contextlib
import enum
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.core.dkim import DkimMode
from gateway.core.proof import is_proven, record_name, record_text
from gateway.errors import CareerRelayError, NextHopLostError
from gateway.resolver import DnsError, Resolver
from gateway.settings import HostPort, Settings
from gateway.smtp.hop import HopTimeouts
from gateway.smtp.hop_open import open_hop
from gateway.smtp.hop_tls import Security
from gateway.store.company_records import CompanyRecord

_SECONDS = 5.0


class Health(enum.StrEnum):
    """How one thing stands."""

    OK = "ok"
    WARN = "warn"  # mail flows, but somebody should look
    FAIL = "fail"  # mail does not flow, or gets no links


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis; `next_step` is "" when there is nothing to do."""

    what: str
    health: Health
    text: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at.

    open_security  opens what the next hop's settings hold; raises CareerRelayError
    """

    record: CompanyRecord
    settings: Settings
    key: bytes
    resolver: Resolver
    open_security: Callable[[], Security]


def diagnose(patient: Patient) -> Iterator[Finding]:
    """Yield what each check finds; never raises for anything that may be wrong outside."""
    yield _look_at_relay(patient.settings)
    yield from _look_at_domains(patient)
    yield from _look_at_next_hop(patient)
    yield _look_for_loop(patient)
    yield _look_at_links(patient.settings)
    yield from _look_at_alignment(patient)


def _look_at_relay(settings: Settings) -> Finding:
    where = settings.smtp_listen.reachable
    try:
        with socket.create_connection(where, _SECONDS) as talk:
            talk.settimeout(_SECONDS)
            is_there = talk.recv(4).startswith(b"220")
    except OSError:
        is_there = False
    if not is_there:
        step = "start it: `career-relay up`, or the unit career-relay-gateway"
        return Finding("relay", Health.FAIL, f"nobody answers on {where}", step)
    if settings.tls_certificate is None and not settings.smtp_listen.is_loopback:
        text = f"answers on {where}, without TLS: nobody can log in from elsewhere"
        return Finding("relay", Health.FAIL, text, "set CAREER_RELAY_TLS_CERTIFICATE")
    return Finding("relay", Health.OK, f"answers on {where}")


def _look_at_domains(patient: Patient) -> Iterator[Finding]:
    company = patient.record.company
    for domain in company.domains:
        name, text = record_name(domain), record_text(patient.key, company.id, domain)
        step = f'publish {name}. IN TXT "{text}", then `career-relay company prove`'
        what = f"domain {domain}"
        lacking = Health.FAIL if patient.settings.require_domain_proof else Health.WARN
        try:
            found = patient.resolver.txt(name)
        except DnsError as error:
            known = domain in company.proven
            yield Finding(what, Health.WARN if known else lacking, str(error), "ask again later")
            continue
        if is_proven(found, text):
            step = "" if domain in company.proven else "`career-relay company prove` notes it"
            yield Finding(what, Health.OK, "its TXT record is right", step)
        elif domain in company.proven:
            yield Finding(what, Health.WARN, "known as theirs, the TXT record is not there", step)
        else:
            yield Finding(what, lacking, "not proven", step)


def _look_at_next_hop(patient: Patient) -> Iterator[Finding]:
    try:
        security = patient.open_security()
    except CareerRelayError as error:
        yield Finding("next hop", Health.FAIL, str(error), "`career-relay company hop`")
        return
    for host in patient.record.route.hosts:
        yield asyncio.run(_call(host, security, patient.settings.hostname))


async def _call(host: HostPort, security: Security, hostname: str) -> Finding:
    timeouts = HopTimeouts(connect=_SECONDS, greeting=_SECONDS, command=_SECONDS)
    what = f"next hop {host}"
    try:
        connection = await open_hop(host, security, hostname, timeouts)
    except NextHopLostError as error:
        step = "is it running, is the way open, are TLS and login right? `career-relay company hop`"
        return Finding(what, Health.FAIL, str(error) or "not reachable", step)
    is_encrypted = connection.is_encrypted
    connection.quit()
    connection.close()
    login = f", logged in as {security.user}" if security.user else ""
    if is_encrypted or host.is_loopback:
        how = "encrypted" if is_encrypted else "in clear on this machine"
        return Finding(what, Health.OK, f"takes mail, {how}{login}")
    step = "`career-relay company hop --tls verify`, if that server can"
    return Finding(what, Health.WARN, f"takes mail, in clear{login}", step)


def _look_for_loop(patient: Patient) -> Finding:
    own = _addresses(patient.settings.smtp_listen.reachable)
    for host in patient.record.route.hosts:
        if own & _addresses(host):
            step = "name the server behind it: `career-relay company hop`"
            return Finding("loop", Health.FAIL, f"the next hop {host} is this relay", step)
    return Finding("loop", Health.OK, "no next hop is this relay")


def _addresses(host: HostPort) -> set[tuple[str, int]]:
    with contextlib.suppress(OSError):
        found = socket.getaddrinfo(*host, type=socket.SOCK_STREAM)
        return {(str(name[0]), host.port) for *_, name in found}
    return {(host.host, host.port)}


def _look_at_links(settings: Settings) -> Finding:
    base = settings.link_base
    step = "CAREER_RELAY_PUBLIC_URL must lead to the web pages: `career-relay web`, or a proxy"
    try:
        with urllib.request.urlopen(f"{base}/livez", timeout=_SECONDS) as answer:  # noqa: S310  http(s): the setting's pattern
            is_there = answer.status == 200
    except (OSError, ValueError, urllib.error.URLError):
        is_there = False
    if not is_there:
        return Finding("links", Health.FAIL, f"{base} does not answer from here", step)
    if not base.startswith("https://"):
        step = "candidates need an https address in CAREER_RELAY_PUBLIC_URL"
        return Finding("links", Health.WARN, f"{base} answers", step)
    return Finding("links", Health.OK, f"{base} answers")


def _look_at_alignment(patient: Patient) -> Iterator[Finding]:
    for domain in patient.record.company.domains:
        try:
            spf = [one for one in patient.resolver.txt(domain) if one.startswith("v=spf1")]
        except DnsError as error:
            yield Finding(f"SPF {domain}", Health.WARN, str(error), "ask again later")
            continue
        step = "the next hop's addresses belong in it, the relay's do not (RFC 7208)"
        if len(spf) == 1:
            yield Finding(f"SPF {domain}", Health.OK, "one record")
        else:
            yield Finding(f"SPF {domain}", Health.WARN, f"{len(spf)} records", step)
    dkim = patient.record.dkim
    if dkim.mode is DkimMode.NEXT_HOP_SIGNS or dkim.key is None:
        step = "it must sign after the relay, for a link breaks an earlier signature: docs/dkim.md"
        yield Finding("DKIM", Health.OK, "the next hop signs", step)
        return
    for domain in patient.record.company.domains:
        yield _look_at_key(patient.resolver, f"{dkim.key.selector}._domainkey.{domain}")


def _look_at_key(resolver: Resolver, name: str) -> Finding:
    try:
        found = resolver.txt(name)
    except DnsError as error:
        return Finding(f"DKIM {name}", Health.WARN, str(error), "ask again later")
    if any("p=" in one for one in found):
        return Finding(f"DKIM {name}", Health.OK, "a key is published")
    step = "`career-relay company dkim` prints the record to publish"
    return Finding(f"DKIM {name}", Health.FAIL, "no key is published", step)
