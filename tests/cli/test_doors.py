"""Sockets that systemd holds stand for the settings' addresses, and for what hangs on them."""

import contextlib
import socket

import pytest

from gateway.cli.doors import as_given
from gateway.errors import SettingError
from gateway.smtp.tls import tls_source
from tests.smtp.gateways import make_settings

SETTINGS = make_settings(smtp_listen="127.0.0.1:1")
HERE, ANYWHERE = "127.0.0.1", "0.0.0.0"


@pytest.mark.parametrize(
    ("hosts", "is_loopback"),
    [
        pytest.param((HERE,), True, id="only this machine"),
        pytest.param((ANYWHERE,), False, id="all machines"),
        pytest.param((HERE, ANYWHERE), False, id="both, and nobody logs in in clear"),
        pytest.param((ANYWHERE, HERE), False, id="both, the other way round"),
    ],
)
def test_who_may_log_in_without_tls_hangs_on_every_socket_given(
    hosts: tuple[str, ...], is_loopback: bool
) -> None:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server((host, 0))) for host in hosts]
        settings = as_given(SETTINGS, {"smtp": tuple(sockets)})
        assert settings.smtp_listen.is_loopback == is_loopback
        assert settings.smtp_listen.port in {held.getsockname()[1] for held in sockets}


def test_a_socket_for_tls_without_a_certificate_is_a_wrong_setting() -> None:
    with socket.create_server((HERE, 0)) as held:
        settings = as_given(SETTINGS, {"smtps": (held,)})
    assert settings.smtp_listen == SETTINGS.smtp_listen
    with pytest.raises(SettingError, match="CAREER_RELAY_TLS_CERTIFICATE"):
        tls_source(settings)


def test_without_a_socket_given_the_settings_stay() -> None:
    assert as_given(SETTINGS, {}) == SETTINGS
