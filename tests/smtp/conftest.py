"""Fixtures: a sink as next hop, and gateways in front of it."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from gateway.smtp.tls import TlsSource
from tests.certificates import Authority
from tests.smtp.gateways import Gateway, LoopThread, make_settings, running_hop, start_gateway
from tests.smtp.sink import Sink

Contexts = tuple[ssl.SSLContext, ssl.SSLContext]


class StartGateway(Protocol):
    """Starts a gateway with some settings changed."""

    def __call__(
        self, tls: ssl.SSLContext | TlsSource | None = None, **changes: Any
    ) -> Gateway: ...


@pytest.fixture
def sink(thread: LoopThread) -> Iterator[Sink]:
    """Give a next hop."""
    with running_hop(thread) as running:
        yield running


@pytest.fixture
def start(thread: LoopThread, sink: Sink) -> Iterator[StartGateway]:
    """Give what starts a gateway in front of the sink; it is closed afterwards."""
    started: list[Gateway] = []

    def start_one(tls: ssl.SSLContext | TlsSource | None = None, **changes: Any) -> Gateway:
        settings = make_settings(**changes)
        started.append(thread.run(start_gateway(thread, sink, settings, tls)))
        return started[-1]

    yield start_one
    for gateway in started:
        gateway.close(grace_seconds=0.2)


@pytest.fixture
def gateway(start: StartGateway) -> Gateway:
    """Give a gateway with ordinary settings."""
    return start()


@pytest.fixture
def contexts(tmp_path: Path) -> Contexts:
    """Give a server's and a client's TLS context around a fresh certificate."""
    authority = Authority()
    client = ssl.create_default_context(cadata=authority.pem)
    return authority.server(tmp_path, "localhost", "127.0.0.1"), client
