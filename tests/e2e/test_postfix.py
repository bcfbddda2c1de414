"""A real Postfix in front of the relay and one behind it, as a company has them."""

import email
import smtplib
from email.message import Message
from pathlib import Path

import pytest

from gateway.core.restore import restore
from gateway.demo.samples import COMPANY, DOMAIN
from tests.e2e.conftest import add_company
from tests.e2e.postfix import postfix
from tests.e2e.program import Installation, links
from tests.e2e.sink import Sink
from tests.e2e.test_main_job import MAILS, from_company

pytestmark = pytest.mark.postfix


def by_message_id(mails: list[bytes]) -> dict[str, bytes]:
    return {message_id(email.message_from_bytes(raw)): raw for raw in mails}


def message_id(mail: Message) -> str:
    return str(mail["Message-ID"])


def below_received(raw: bytes) -> bytes:
    """Return a mail without the Received fields on its top."""
    while raw.startswith(b"Received:"):
        lines = raw.split(b"\r\n")
        folds = next(n for n, line in enumerate(lines[1:], 1) if not line.startswith((b" ", b"\t")))
        raw = b"\r\n".join(lines[folds:])
    return raw


def test_postfix_logs_in_relays_and_takes_the_mail_behind(
    installation: Installation, sink: Sink, tmp_path: Path
) -> None:
    behind = postfix(tmp_path / "behind", relayhost=f"[{sink.address.host}]:{sink.address.port}")
    with behind as next_hop, installation.up():
        login = add_company(installation, Sink(next_hop))
        relay = f"[{installation.smtp.host}]:{installation.smtp.port}"
        password = f"{login['smtp_user']}:{login['smtp_password']}"
        front = postfix(
            tmp_path / "front",
            relayhost=relay,
            smtp_sasl_auth_enable="yes",
            smtp_sasl_password_maps=f"inline:{{ {{ {relay} = {password} }} }}",
            smtp_sasl_security_options="noanonymous",
        )
        with front as door:
            for sender, recipient, raw in MAILS:
                with smtplib.SMTP(*door) as client:
                    client.sendmail(sender, [recipient], raw)
            assert sink.wait_for(lambda: len(from_company(sink)) == 15, 60)
        ledger = installation.wait_for_points(COMPANY, 10)
        assert sink.wait_for(lambda: len(sink.to(f"postmaster@{DOMAIN}")) == 3)
    assert (ledger["counted"], ledger["slots_available"]) == (10, 1)
    arrived = by_message_id(from_company(sink))
    linked = [links(raw) for raw in arrived.values()]
    assert sum(len(found) for found in linked) == 10
    for _, _, sent in MAILS:
        came = arrived[message_id(email.message_from_bytes(sent))]
        assert below_received(restore(came)) == sent
