"""One test for each row of docs/failures.md: what sender, candidate and ledger come to know."""

import base64
import re
import socket
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.hops import EightBit, HopSettings, HopTls
from gateway.settings import HERE, HostPort
from gateway.smtp.hop_tls import bind_password
from gateway.store.company_records import CompanyRecord
from gateway.store.referrals import ReferralState
from tests.certificates import Authority
from tests.core.mails import mail, multipart, part
from tests.e2e.program import below_trace, links
from tests.front import SENDER, Front, Line, say
from tests.relaying import OFFER, REJECTION
from tests.smtp.gateways import SEAL, LoopThread
from tests.smtp.sink import Sink

REFUSED, RELAYED, RELAYING = ReferralState.REFUSED, ReferralState.RELAYED, ReferralState.RELAYING
LOST = "451 4.4.1"
HTML = base64.encodebytes(
    "<p>山田様</p><p>誠に残念ながら、採用を見送らせていただくこととなりました。</p>".encode()
).decode()
TO_DOT = ["250 2.0.0", "250 2.0.0", "354"]


def silent_at(hop: Sink, line: bytes, setting: str, seconds: float = 0.3) -> dict[str, object]:
    """Let the hop say nothing to `line`; return the setting by which that is waited for so long.

    Only that: all else takes its time on a busy machine.
    """
    hop.holds[line] = threading.Event()
    return {setting: seconds}


@pytest.fixture
def front(thread: LoopThread, hop: Sink, ledger: Engine, company: CompanyRecord) -> Front:
    """Give a gateway in front of it, that a test runs."""
    return Front(thread, hop, ledger, company)


def written(reply: int, referral: ReferralState | None, why: str = "link-added") -> list[Line]:
    return [Line(why, reply, referral)]


def test_hop_is_down(front: Front) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        front.sink.address = HostPort(*taken.getsockname())
        assert front.send() == [LOST]
    assert front.ledger_lines() == []


@pytest.mark.parametrize("banner", ["554 5.3.2 no", "421 4.3.2 busy", "450 later", "garbage"])
def test_hop_greets_with_a_refusal(front: Front, hop: Sink, banner: str) -> None:
    hop.banner = banner
    assert front.send() == [LOST]
    assert front.ledger_lines() == []


@pytest.mark.parametrize("answer", ["421 4.3.2 busy", "450 later", "garbage"])
def test_hop_refuses_ehlo(front: Front, hop: Sink, answer: str) -> None:
    hop.answers[b"EHLO"] = answer
    assert front.send() == [LOST]
    assert front.ledger_lines() == []


def test_hop_is_slow_to_greet(front: Front, hop: Sink) -> None:
    front.settings = silent_at(hop, b"EHLO", "next_hop_greeting_seconds")
    assert front.send() == [LOST]
    assert front.ledger_lines() == []


def test_first_hop_is_down_and_another_is_not(front: Front, hop: Sink) -> None:
    there = hop.address
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        front.sink.address = HostPort(*taken.getsockname())
        front.hop = HopSettings(fallbacks=(there,))
        assert front.send() == [*TO_DOT, "250 2.0.0"]
    assert front.ledger_lines() == written(250, RELAYED)
    hop.address = there


def test_hop_offers_no_tls_that_must_be(front: Front, hop: Sink) -> None:
    front.hop = HopSettings(tls=HopTls.VERIFY)
    assert front.send() == [LOST]
    assert not any(line.startswith(b"MAIL") for line in hop.lines)
    assert front.ledger_lines() == []


def test_hop_shows_a_wrong_certificate(
    front: Front, hop: Sink, thread: LoopThread, tmp_path: Path
) -> None:
    authority = Authority()
    hop.tls, hop.offers = authority.server(tmp_path, "other.example"), ("STARTTLS",)
    thread.run(hop.restart())
    front.hop = HopSettings(tls=HopTls.PINNED, authority=authority.pem)
    assert front.send() == [LOST]
    assert not any(line.startswith(b"MAIL") for line in hop.lines)
    assert front.ledger_lines() == []


def test_hop_refuses_the_login(front: Front, hop: Sink) -> None:
    hop.offers, hop.login = ("AUTH PLAIN",), ("acme", "right")
    sealed = SEAL.lock(b"wrong", bind_password(front.company.company.id))
    front.hop = HopSettings(user="acme", sealed_password=sealed)
    assert front.send() == [LOST]
    assert front.ledger_lines() == []


def test_hop_has_too_many_mails_on_their_way(front: Front, hop: Sink) -> None:
    front.settings, front.hop = {"next_hop_turn_seconds": 0.2}, HopSettings(most_connections=1)
    hop.holds[b"."] = threading.Event()
    with front.running() as address:
        first: list[str] = []
        busy = threading.Thread(
            target=lambda: first.extend(say(address, REJECTION.raw, (REJECTION.recipient,)))
        )
        busy.start()
        hop.wait_for_line(b".")
        assert say(address, OFFER.raw, (OFFER.recipient,)) == ["451 4.3.2"]
        hop.holds.pop(b".").set()
        busy.join()
    assert first == [*TO_DOT, "250 2.0.0"]
    assert front.ledger_lines() == written(250, RELAYED)


@pytest.mark.parametrize("answer", ["450 4.7.1 greylisted", "550 5.7.1 not you"])
def test_hop_refuses_mail(front: Front, hop: Sink, answer: str) -> None:
    hop.answers[b"MAIL"] = answer
    assert front.send() == [answer[:9]]
    assert front.ledger_lines() == []


def test_kept_connection_has_died(front: Front, hop: Sink, thread: LoopThread) -> None:
    with front.running() as address:
        say(address, OFFER.raw, (OFFER.recipient,))
        thread.run(hop.restart())
        told = say(address, REJECTION.raw, (REJECTION.recipient,))
    assert told == [*TO_DOT, "250 2.0.0"]
    assert [len(links(mail.content)) for mail in hop.mails] == [0, 1]
    assert written(250, RELAYED)[0] in front.ledger_lines()


@pytest.mark.parametrize("how", ["drops", "421"])
def test_hop_goes_away_at_mail(front: Front, hop: Sink, how: str) -> None:
    if how == "drops":
        hop.drops.add(b"MAIL")
    else:
        hop.answers[b"MAIL"] = "421 4.3.2 going down"
    (told,) = front.send()
    assert told.startswith("451 4.")
    assert front.ledger_lines() == []


def test_hop_refuses_one_recipient(front: Front, hop: Sink) -> None:
    hop.answers[b"RCPT TO:<GONE@"] = "550 5.1.1 nobody here"
    told = front.send("gone@example.com", REJECTION.recipient)
    assert told == ["250 2.0.0", "550 5.1.1", "250 2.0.0", "354", "250 2.0.0"]
    assert len(links(hop.mails[0].content)) == 1
    assert front.ledger_lines() == written(250, RELAYED)


@pytest.mark.parametrize("how", ["drops", "421", "silent"])
def test_hop_goes_away_at_rcpt(front: Front, hop: Sink, how: str) -> None:
    if how == "drops":
        hop.drops.add(b"RCPT")
    elif how == "421":
        hop.answers[b"RCPT"] = "421 4.3.2 going down"
    else:  # MAIL is to be answered within that time, too
        front.settings = silent_at(hop, b"RCPT", "next_hop_timeout_seconds", 2.0)
    told = front.send()
    assert (told[0], told[1][:6]) == ("250 2.0.0", "451 4.")
    assert front.ledger_lines() == []


@pytest.mark.parametrize("answer", ["452 4.3.1 full", "554 5.5.1 no"])
def test_hop_refuses_data(front: Front, hop: Sink, answer: str) -> None:
    hop.answers[b"DATA"] = answer
    assert front.send() == [*TO_DOT, answer[:9]]
    assert hop.mails == []
    assert front.ledger_lines() == written(int(answer[:3]), REFUSED)


@pytest.mark.parametrize("how", ["DATA", "body", "421", "silent"])
def test_hop_goes_away_before_the_final_dot(front: Front, hop: Sink, how: str) -> None:
    large = REJECTION.raw + b"." * 30_000_000 + b"\r\n" if how == "body" else REJECTION.raw
    if how == "421":
        hop.answers[b"DATA"] = "421 4.3.2 going down"
    elif how == "silent":
        front.settings = silent_at(hop, b"DATA", "next_hop_data_seconds")
    else:
        hop.drops.add(how.encode())
    told = front.send(raw=large)
    assert told[-1].startswith("451 4.")
    assert hop.mails == []
    want = None if how == "body" else REFUSED  # a text that large gets no link
    assert [(line.reply, line.referral) for line in front.ledger_lines()] == [(451, want)]


@pytest.mark.parametrize("answer", ["451 4.3.0 later", "552 5.3.4 too large", "550 5.7.1 spam"])
def test_hop_refuses_the_mail(front: Front, hop: Sink, answer: str) -> None:
    hop.answers[b"."] = answer
    assert front.send() == [*TO_DOT, answer[:9]]
    assert hop.mails == []
    assert front.ledger_lines() == written(int(answer[:3]), REFUSED)


@pytest.mark.parametrize("how", ["drops", "silent", "garbage", "354"])
def test_hop_goes_away_after_the_final_dot(front: Front, hop: Sink, how: str) -> None:
    if how == "drops":
        hop.drops.add(b".")
    elif how == "silent":
        front.settings = silent_at(hop, b".", "next_hop_dot_seconds")
    else:
        hop.answers[b"."] = "354 what" if how == "354" else how
    assert front.send() == [*TO_DOT, LOST]
    assert front.ledger_lines() == written(451, RELAYING)
    for event in hop.holds.values():
        event.set()
    hop.holds, hop.drops, hop.answers = {}, set(), {}
    front.settings = {}
    assert front.send() == [*TO_DOT, "250 2.0.0"]
    assert len(set().union(*(links(mail.content) for mail in hop.mails))) == 1
    assert front.ledger_lines()[0] == Line("link-added", 250, RELAYED)


@pytest.mark.parametrize("offer", ["SIZE 100000", "8BITMIME", "SMTPUTF8"])
def test_hop_refuses_what_it_offers(front: Front, hop: Sink, offer: str) -> None:
    hop.offers = ("PIPELINING", offer)
    hop.answers[b"MAIL"] = "555 5.5.4 unsupported parameter"
    assert front.send() == ["555 5.5.4"]
    assert front.ledger_lines() == []


def test_block_is_too_large_for_the_hop(front: Front, hop: Sink) -> None:
    hop.offers = (f"SIZE {len(REJECTION.raw) + 1100}",)
    assert front.send() == [*TO_DOT, "250 2.0.0"]
    assert below_trace(hop.mails[0].content) == REJECTION.raw
    assert front.ledger_lines() == written(250, None, "next-hop-size")


@pytest.mark.parametrize("takes_it", [True, False])
def test_block_would_be_the_only_8_bit_text(front: Front, hop: Sink, *, takes_it: bool) -> None:
    """A stub in ASCII that is labelled 8bit, beside Japanese HTML in base64."""
    front.hop = HopSettings(eight_bit=EightBit.REFUSE)
    raw = mail(
        multipart(
            "alternative",
            part("text/plain; charset=utf-8", "See HTML", "Content-Transfer-Encoding: 8bit"),
            part("text/html; charset=utf-8", HTML, "Content-Transfer-Encoding: base64"),
        )
    ).replace(b"hr@a.example", SENDER.encode())
    hop.offers = ("PIPELINING", *(["8BITMIME"] if takes_it else []))
    assert front.send(raw=raw) == [*TO_DOT, "250 2.0.0"]
    if takes_it:
        assert links(hop.mails[0].content)
    else:
        assert below_trace(hop.mails[0].content) == raw
        assert front.ledger_lines() == written(250, None, "next-hop-eight-bit")


def test_a_copy_is_too_large_for_the_hop(front: Front, hop: Sink) -> None:
    hop.offers = (f"SIZE {len(REJECTION.raw) + 1100}",)
    people = (REJECTION.recipient, "jiro@example.net")
    assert front.send(*people)[-1] == "250 2.0.0"
    assert all(below_trace(mail.content) == REJECTION.raw for mail in hop.mails)
    assert {line.why for line in front.ledger_lines()} <= {"next-hop-size", "several-candidates"}


def test_each_row_of_the_failure_table_has_its_test() -> None:
    page = (HERE / "docs" / "failures.md").read_text("utf-8")
    rows = re.findall(r"^\| .+ \| `(test_\w+)` \|$", page, re.MULTILINE)
    tests = "".join(path.read_text("utf-8") for path in (HERE / "tests").rglob("test_*.py"))
    assert rows
    assert [name for name in rows if f"def {name}(" not in tests] == []
    here = set(re.findall(r"^def (test_\w+)\(", Path(__file__).read_text("utf-8"), re.MULTILINE))
    own = {test_each_row_of_the_failure_table_has_its_test.__name__}
    assert here - own - set(rows) == set()
