"""A database that takes connections and never answers: mails without a link flow all the same."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from gateway.core.why import Why
from gateway.errors import StoreUnavailableError
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.mails import list_mails
from tests.e2e.program import links
from tests.e2e.sink import Sink
from tests.relaying import OFFER, REJECTION, add_midori, relaying

ROLE = "info@agency.example"


class Line:
    """A line to a server that can fall silent: connections stay, nothing goes through."""

    def __init__(self, server: tuple[str, int]) -> None:
        """Listen; start() begins."""
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listening]
        self._flows = threading.Event()
        self._flows.set()
        self.port: int = self._listening.getsockname()[1]

    def start(self) -> None:
        """Begin to take connections."""
        threading.Thread(target=self._accept, daemon=True).start()

    def hang(self) -> None:
        """Let nothing through any more."""
        self._flows.clear()

    def go_on(self) -> None:
        """Let through what waits, and what comes."""
        self._flows.set()

    def close(self) -> None:
        """Break every connection."""
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._flows.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._server)
                self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                target.sendall(data)


@pytest.fixture
def line(postgresql_url: str) -> Iterator[Line]:
    """Give a line to the PostgreSQL of the tests."""
    address = make_url(postgresql_url)
    opened = Line((address.host or "", address.port or 0))
    opened.start()
    yield opened
    opened.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("was_used", [True, False], ids=["in a session", "from the first byte"])
def test_a_database_that_hangs_holds_up_mails_with_a_link_alone(
    postgresql_url: str, line: Line, sink: Sink, was_used: bool
) -> None:
    direct = open_engine(postgresql_url)
    with writing_session(direct).begin() as session:
        company = add_midori(session, sink.address)
    through = open_engine(str(make_url(postgresql_url).set(port=line.port)))

    async def main() -> None:
        async with relaying(through, company, writer_seconds=0.5) as send:
            if was_used:
                assert (await send(REJECTION.raw, REJECTION.recipient)).code == 250
            line.hang()
            try:
                with pytest.raises(StoreUnavailableError):
                    await send(REJECTION.raw, "emma@three.example")
                sink.mails.clear()
                assert (await send(OFFER.raw, OFFER.recipient)).code == 250
                assert (await send(REJECTION.raw, ROLE)).code == 250  # perhaps the rest of copies
                assert [len(links(mail.raw)) for mail in sink.mails] == [0, 0]
            finally:
                line.go_on()  # or the writer would wait at its end

    asyncio.run(main())
    through.dispose()
    with reading_session(direct)() as session:
        logged = {mail.why for mail in list_mails(session)}
    assert {Why.NOT_A_REJECTION, Why.ROLE_RECIPIENT} <= logged
    direct.dispose()
