"""Look at a mail as it reached its reader: relayed once, and trusted by the receiver."""

from collections.abc import Iterator

from gateway.core.auth_results import Results, is_aligned, read_results
from gateway.core.company import Company
from gateway.core.header import unfold
from gateway.core.link import identify_message
from gateway.core.mailboxes import addresses_in
from gateway.core.mime import field_values, scan
from gateway.core.trace import find_traces, is_genuine
from gateway.doctor.diagnosis import Finding, Health
from gateway.reply import printable

_NO_DMARC = "the receiver said nothing of DMARC: publish _dmarc, and compare the domains above"


def look_at_arrival(raw: bytes, company: Company, key: bytes) -> Iterator[Finding]:
    """Yield what the source of a received mail tells.

    raw  as a mail program saves it, with any line ends
    """
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    root = scan(raw)

    def values(name: str) -> list[str]:
        found = field_values(raw, root, name)
        return [printable(unfold(one).decode("utf-8", "replace")).strip() for one in found]

    yield _look_at_trace(raw, company, key, next(iter(field_values(raw, root, "message-id")), None))
    authors = addresses_in(next(iter(values("from")), ""))
    author = authors[-1].rpartition("@")[2].lower() if authors else ""
    claims = values("authentication-results")
    if not claims:
        step = "ask a mailbox that writes them; only its own server can tell"
        yield Finding("received results", Health.WARN, "no Authentication-Results", step)
        return
    yield from _look_at_results(read_results(claims[0]), author)


def _look_at_trace(raw: bytes, company: Company, key: bytes, message_id: bytes | None) -> Finding:
    what, message = "received trace", identify_message(message_id, raw)
    traces = [(one, mac) for one, mac, _ in find_traces(raw)]
    ours = [one for one, mac in traces if is_genuine(key, one, mac, message)]
    if len(ours) == 1 and ours[0].company_id == company.id:
        one = ours[0]
        return Finding(what, Health.OK, f"once through this relay, as {one.id}: {one.why}")
    if len(ours) > 1:
        step = "the next hop, or a rule behind it, sends mail here again"
        return Finding(what, Health.FAIL, f"{len(ours)} times through this relay", step)
    if ours:
        return Finding(what, Health.FAIL, "relayed for another company", "which login was it?")
    step = "is the mail server's route the relay? `career-relay connect`"
    text = "a trace that is not this relay's" if traces else "it did not come through the relay"
    return Finding(what, Health.FAIL, text, step)


def _look_at_results(results: Results, author: str) -> Iterator[Finding]:
    """Yield what the receiving server found; the topmost field is its own, others may be forged."""
    spf = [
        (one.result, one.about.get("smtp.mailfrom", "").rpartition("@")[2])
        for one in results.of("spf")
    ]
    dkim = [(one.result, one.about.get("header.d", "")) for one in results.of("dkim")]
    aligned = False
    for method, found in (("SPF", spf), ("DKIM", dkim)):
        good = [domain for result, domain in found if result == "pass"]
        own = [domain for domain in good if is_aligned(domain, author)]
        aligned = aligned or bool(own)
        said = ", ".join(f"{result} for {domain or '?'}" for result, domain in found) or "nothing"
        text = f"{results.server}: {said}; From is {author or '?'}"
        if own:
            yield Finding(f"received {method}", Health.OK, text)
        else:
            step = "a pass for another domain proves nothing of From: docs/dkim.md"
            yield Finding(f"received {method}", Health.WARN, text, step)
    dmarc = [one.result for one in results.of("dmarc")]
    if "pass" in dmarc:
        yield Finding("received DMARC", Health.OK, "pass")
    elif dmarc and not aligned:
        step = "one of SPF and DKIM must pass for the domain of From: docs/dkim.md"
        yield Finding("received DMARC", Health.FAIL, ", ".join(dmarc), step)
    else:
        yield Finding("received DMARC", Health.WARN, ", ".join(dmarc) or "nothing", _NO_DMARC)
