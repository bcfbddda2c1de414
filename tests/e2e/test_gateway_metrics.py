"""The SMTP side's own process counts its mails, and tells this machine of them."""

import dataclasses
import urllib.error
import urllib.request

import pytest

from tests.e2e.conftest import add_company
from tests.e2e.program import Installation
from tests.e2e.sink import Sink
from tests.e2e.test_main_job import MAILS
from tests.services import free_port


def _read(port: int, **headers: str) -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


def test_mails_and_replies_are_counted_by_the_process_that_relays_them(
    installation: Installation, sink: Sink
) -> None:
    port = free_port()
    settings = {"CAREER_RELAY_GATEWAY_METRICS_LISTEN": f"127.0.0.1:{port}"}
    made = dataclasses.replace(installation, settings=settings)
    with made.up():
        assert 'gateway_replies_total{code="2"} 0' in _read(port)
        login = add_company(made, sink)
        made.send(login, MAILS)
        sent = _read(port)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            _read(port, **{"X-Forwarded-For": "192.0.2.1"})
    lines = [line for line in sent.splitlines() if not line.startswith("#")]
    values = dict(line.removeprefix("career_relay_gateway_").rsplit(" ", 1) for line in lines)
    mails = {name: int(value) for name, value in values.items() if name.startswith("mails_total")}
    assert sum(mails.values()) == len(MAILS) == int(values['replies_total{code="2"}'])
    assert any('action="injected"' in name for name in mails)
    assert values["mails_in_hand"] == "0"
    assert int(values["connections"]) >= 0
    assert int(values["rows_waiting"]) >= 0
    assert "@" not in sent
    assert "# TYPE career_relay_gateway_mails_total counter" in sent
