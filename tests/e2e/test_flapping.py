"""Postfix in front, a next hop that flaps behind, the gateway killed again and again: none lost."""

import os
import random
import re
import smtplib
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.core.restore import restore
from gateway.demo.samples import COMPANY, SENDER, samples
from gateway.settings import HostPort
from tests.e2e.conftest import add_company
from tests.e2e.flapping import FlappingHop, flapping_hop
from tests.e2e.postfix import postfix
from tests.e2e.program import Installation, below_trace, ledger_dump, links
from tests.e2e.sink import Sink
from tests.e2e.test_postfix import below_received
from tests.services import wait_until

MAILS = int(os.environ.get("FLAP_MAILS", "40"))
"""1,000 by hand: FLAP_MAILS=1000 pytest -s tests/e2e/test_flapping.py."""

SEED = int(os.environ.get("FLAP_SEED", "5"))
KILLS = 5

_PATIENCE_SECONDS = 360 + MAILS / 2

_SAMPLES = tuple(samples())
_REJECTIONS = 10  # the first so many samples
_FORMS = 20
_MESSAGE_ID = re.compile(rb"\r\nMessage-ID: <(flap-\d+)@")
_BROKEN = re.compile(
    r"^(\w+ +\d+ [\d:]+ \S+ \S+/smtp\[\d+\]): (\w+): to=.*sent more than once\)$", re.MULTILINE
)
_NAMED = re.compile(r": (\w+): message-id=<(flap-\d+)@", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """One mail that the company sends."""

    name: str
    recipients: tuple[str, ...]
    raw: bytes
    is_rejection: bool


def letter(number: int) -> Letter:
    """Return mail `number`: the fifteen samples, then Bcc, and recipients beyond ASCII."""
    form = number % _FORMS
    sample = _SAMPLES[form if form < len(_SAMPLES) else number // _FORMS % _REJECTIONS]
    local, _, domain = sample.recipient.partition("@")
    recipient = f"{'候補' if form in {18, 19} else local}.{number}@{domain}"
    raw = sample.raw.replace(sample.recipient.encode(), recipient.encode())
    raw = re.sub(rb"<demo-\d+@", b"<flap-%d@" % number, raw)
    recipients: tuple[str, ...] = (recipient,)
    if form in {15, 16, 17}:
        recipients = tuple(f"bcc{one}.{number}@people.example" for one in range(2, form - 10))
        raw = raw.replace(b"To: " + recipient.encode(), b"To: undisclosed-recipients:;")
    is_rejection = form < _REJECTIONS or form >= len(_SAMPLES)
    return Letter(f"flap-{number}", recipients, raw, is_rejection)


LETTERS = {one.name: one for one in map(letter, range(MAILS))}


def send(door: HostPort, letters: list[Letter]) -> None:
    """Hand letters to the company's Postfix, which keeps them until they are gone."""
    for one in letters:
        with smtplib.SMTP(*door, timeout=60) as client:
            client.sendmail(SENDER, one.recipients, one.raw, ["BODY=8BITMIME", "SMTPUTF8"])


def arrivals(hop: FlappingHop) -> Iterator[tuple[str, tuple[str, ...], bytes, bool]]:
    """Yield name, recipients, bytes and whether the hop's 250 went out, of the company's mails."""
    for one in tuple(hop.arrivals):
        if one.mail_from == SENDER:
            named = _MESSAGE_ID.search(one.raw)
            assert named, one.raw[:500]
            # Postfix quotes k..suzuki, as RFC 5321 wants it; it is the same mailbox
            recipients = tuple(recipient.replace('"', "") for recipient in one.recipients)
            yield named[1].decode(), recipients, one.raw, one.is_told


def arrived(hop: FlappingHop) -> Counter[tuple[str, str]]:
    """Return how often each recipient got each mail."""
    return Counter((name, to) for name, recipients, _, _ in arrivals(hop) for to in recipients)


def queued(front: Path) -> int:
    """Return how many mails wait in a Postfix."""
    parts = ("maildrop", "incoming", "active", "deferred")
    return sum(path.is_file() for part in parts for path in (front / "queue" / part).rglob("*"))


def may_have_left(hop: FlappingHop, front: Path) -> Counter[str]:
    """Return how often each mail's answer was lost, behind the relay or before it (RFC 1047)."""
    log = (front / "mail.log").read_text("utf-8", "replace")
    names = dict(_NAMED.findall(log))
    attempts = {(process, names[queue_id]) for process, queue_id in _BROKEN.findall(log)}
    lost = Counter(name for name, _, _, is_told in arrivals(hop) if not is_told)
    return lost + Counter(name for _, name in attempts)


@pytest.mark.postfix
@pytest.mark.timeout(900 + MAILS)
def test_a_flapping_next_hop_and_five_kills_lose_no_mail(
    installation: Installation, tmp_path: Path
) -> None:
    chance, started = random.Random(SEED), time.monotonic()
    front = tmp_path / "front"
    everything = {(one.name, to) for one in LETTERS.values() for to in one.recipients}
    with flapping_hop(SEED) as hop:
        login = add_company(installation, Sink(hop.address))
        with postfix(front, **_through_the_relay(installation, login)) as door:
            for thread in _senders(door):
                thread.start()
            for share in sorted(chance.uniform(0.05, 0.9) for _ in range(KILLS)):
                _kill_at(installation, hop, int(len(everything) * share), chance.uniform(0, 0.3))
            with installation.up():
                here = hop.wait_for(lambda: arrived(hop).keys() >= everything, _PATIENCE_SECONDS)
                assert here, sorted(everything - arrived(hop).keys())
                wait_until(lambda: queued(front) == 0, "nothing waits in Postfix", 60)
                ledger = installation.wait_for_points(COMPANY, _candidates())
        repeats = check_arrived(hop, front)
    check_ledger(installation, hop, ledger)
    print(  # noqa: T201  the numbers are what a run by hand is for
        f"{MAILS} mails to {len(everything)} recipients in {time.monotonic() - started:.0f} s: "
        f"the next hop refused {hop.refusals}, dropped {hop.drops}, restarted {hop.restarts} "
        f"times; {KILLS} kills; {repeats[0]} of at most {repeats[1]} repeats; "
        f"{ledger['counted']} counted"
    )


def _through_the_relay(installation: Installation, login: dict[str, str]) -> dict[str, str]:
    relay = f"[{installation.smtp.host}]:{installation.smtp.port}"
    password = f"{login['smtp_user']}:{login['smtp_password']}"
    return {
        "relayhost": relay,
        "smtp_sasl_auth_enable": "yes",
        "smtp_sasl_password_maps": f"inline:{{ {{ {relay} = {password} }} }}",
        "smtp_sasl_security_options": "noanonymous",
        # A mail that a busy machine still has in hand when its turn comes again waits 300 s more.
        "minimal_backoff_time": f"{3 + MAILS // 300}s",
        "maximal_backoff_time": f"{6 + MAILS // 100}s",
    }


def _senders(door: HostPort) -> list[threading.Thread]:
    letters = list(LETTERS.values())
    parts = [letters[number::4] for number in range(4)]
    return [threading.Thread(target=send, args=(door, part), daemon=True) for part in parts]


def _kill_at(installation: Installation, hop: FlappingHop, count: int, later: float) -> None:
    """Run the relay until so many mails have left, and a moment longer; then kill it."""
    with installation.process("career-relay", "gateway") as running:
        assert hop.wait_for(lambda: len(hop.arrivals) >= count, _PATIENCE_SECONDS)
        time.sleep(later)  # somewhere in the middle of other mails
        running.kill()
        running.wait(10)


def _candidates() -> int:
    return sum(len(one.recipients) for one in LETTERS.values() if one.is_rejection)


def check_arrived(hop: FlappingHop, front: Path) -> tuple[int, int]:
    """Look at all that came; return how many mails came again, and how many might have."""
    repeats: Counter[str] = Counter()
    allowed = may_have_left(hop, front)
    bodies: dict[tuple[str, tuple[str, ...]], set[bytes]] = defaultdict(set)
    for name, recipients, raw, _ in arrivals(hop):
        assert below_received(restore(raw)) == LETTERS[name].raw
        bodies[name, recipients].add(below_trace(raw))
    for (name, _), times in arrived(hop).items():
        repeats[name] += times - 1
    assert not repeats - allowed, (repeats - allowed, allowed)
    assert all(len(forms) == 1 for forms in bodies.values()), "sent again is the same bytes"
    for (name, _), forms in bodies.items():
        assert sum(len(links(form)) for form in forms) == LETTERS[name].is_rejection, name
    linked = [link for forms in bodies.values() for form in forms for link in links(form)]
    assert len(linked) == len(set(linked)) == _candidates()
    return repeats.total(), allowed.total()


def check_ledger(installation: Installation, hop: FlappingHop, ledger: dict[str, object]) -> None:
    """Look at every point: one for each candidate, and no row that nobody can explain."""
    assert installation.run("ledger", "verify").returncode == 0
    again = installation.ask("ledger", COMPANY)
    assert again["counted"] == ledger["counted"] == _candidates()
    assert again["slots_earned"] == _candidates() // 10
    dump = [row for row in ledger_dump(installation) if row.startswith('INSERT INTO "referral"')]
    assert len(dump) == _candidates()
    assert all("'relayed'" in row for row in dump)
