"""What systemd hears, and how the gateway ends."""

import dataclasses
import signal
import smtplib
import socket
from pathlib import Path

import pytest

from gateway.settings import HostPort
from tests.e2e.program import Installation
from tests.services import free_port


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    address, web = (HostPort("127.0.0.1", free_port()) for _ in range(2))
    return Installation(tmp_path, address, web)


def test_systemd_hears_ready_alive_and_stopping_and_the_end_is_0(
    installation: Installation, systemd: socket.socket
) -> None:
    unit = {"NOTIFY_SOCKET": str(systemd.getsockname()), "WATCHDOG_USEC": "200000"}
    with dataclasses.replace(installation, settings=unit).process(
        "career-relay", "gateway"
    ) as running:
        assert systemd.recv(100) == b"READY=1"
        with smtplib.SMTP(*installation.smtp, timeout=20) as client:
            client.noop()
        assert {systemd.recv(100) for _ in range(3)} == {b"WATCHDOG=1"}
        running.send_signal(signal.SIGTERM)
        heard = b"WATCHDOG=1"
        while heard == b"WATCHDOG=1":
            heard = systemd.recv(100)
        assert heard == b"STOPPING=1"
        assert running.wait(30) == 0


def test_wrong_settings_end_with_2_and_a_taken_port_with_1(installation: Installation) -> None:
    wrong = {"CAREER_RELAY_PROXY_FROM": "10.1.2.3/8"}
    done = dataclasses.replace(installation, settings=wrong).run("gateway")
    assert done.returncode == 2
    assert b"CAREER_RELAY_PROXY_FROM: '10.1.2.3/8' is not an IP network" in done.stderr
    with socket.create_server(installation.smtp):
        assert installation.run("gateway").returncode == 1
