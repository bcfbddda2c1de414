"""A next hop that is down, behind a gateway of two processes that both meet it."""

import smtplib

from gateway.demo.samples import COMPANY
from gateway.settings import HostPort
from tests.e2e.conftest import add_company
from tests.e2e.program import Installation
from tests.e2e.sink import Sink, running_sink
from tests.e2e.test_main_job import MAILS
from tests.services import free_port, wait_until

ATTEMPTS = 8


def outages(installation: Installation) -> list[str]:
    said = installation.ask("company", "show", COMPANY)["next_hop_outages"]
    assert isinstance(said, list)
    return said


def is_taken(installation: Installation, login: dict[str, str]) -> bool:
    try:
        installation.send(login, MAILS[-1:])
    except smtplib.SMTPSenderRefused:
        return False
    return True


def test_what_both_met_is_one_outage_and_ends_with_a_mail_through_either(
    installation: Installation,
) -> None:
    host = HostPort("127.0.0.1", free_port())
    login = add_company(installation, Sink(host))
    with installation.process("career-relay", "gateway", "--processes", "2"):
        wait_until(lambda: "SMTP on" in installation.logs(), "the gateway is up")
        assert [is_taken(installation, login) for _ in range(ATTEMPTS)] == [False] * ATTEMPTS
        wait_until(
            lambda: (
                f"(mails: {ATTEMPTS}, the last: connection refused"
                in "".join(outages(installation))
            ),
            "all are written",
        )
        (said,) = outages(installation)
        assert said.startswith(f"{host} took no mail since ")
        with running_sink(host.port):
            wait_until(
                lambda: is_taken(installation, login) and " to " in outages(installation)[0],
                "a taken mail ended it",
            )
