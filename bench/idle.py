"""What clients cost that send nothing: memory each, and the rate of those that do send.

`python -m bench.idle` measures both alone, in some two minutes.
"""

import argparse
import asyncio
import contextlib
import resource
import statistics
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench import subjects
from bench.mails import Kind
from bench.rounds import Cell, Rounds
from bench.subjects import Subject
from bench.usage import memory_bytes

MOST_CONNECTIONS = "3000"
"""The limit of a relay that is to let all of these clients in."""

_FIRST = 200
_ADDRESSES = 250
_OPENING_AT_ONCE = 50

Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Share(NamedTuple):
    """A busy round against the quiet one before it: mails a second, processor time a mail."""

    rate: float
    cpu: float


async def open_greeted(port: int, count: int) -> list[Client]:
    """Return connections, each greeted and each with its EHLO answered.

    They come from many addresses, as one alone may not have so many. Raises SystemExit when the
    relay does not serve all of them: what is refused costs nothing and would be measured as such.
    """
    turns = asyncio.Semaphore(_OPENING_AT_ONCE)

    async def open_one(number: int) -> Client:
        async with turns:
            source = f"127.1.0.{number % _ADDRESSES + 1}"
            client = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
            await _read_reply(client[0], b"220")
            client[1].write(b"EHLO bench.example\r\n")
            await _read_reply(client[0], b"250")
            return client

    return list(await asyncio.gather(*(open_one(number) for number in range(count))))


async def _read_reply(reader: asyncio.StreamReader, code: bytes) -> None:
    while True:
        line = await asyncio.wait_for(reader.readline(), 60)
        if not line.startswith(code):
            raise SystemExit(f"a client that should wait was answered {line!r}")
        if line[3:4] == b" ":
            return


def silent_connection(subject: Subject, connections: int = 1000) -> float:
    """Return the memory in KiB that a connection costs that says nothing after EHLO.

    What the first ones cost, and the memory that an earlier load left free, does not count.
    """

    async def measure() -> float:
        first = await open_greeted(subject.ports[0], _FIRST)
        before = memory_bytes(subject.roots)
        more = await open_greeted(subject.ports[0], connections)
        after = memory_bytes(subject.roots)
        _close(first + more)
        return (after - before) / 1024 / connections

    return asyncio.run(measure())


def beside_idle_clients(
    rounds: Rounds, subject: Subject, sink_port: int, pairs: int = 5
) -> list[Share]:
    """Return what rounds give while 500 connections are idle and 100 trickle.

    Quiet and busy rounds take turns, so that what else the machine does hits both.
    """
    cell = Cell(Kind.REJECTION, 20)
    rounds.measure(subject, sink_port, cell)
    shares = []
    for _ in range(pairs):
        quiet = rounds.measure(subject, sink_port, cell)
        with trickling(subject.ports[0], idle=500, slow=100):
            busy = rounds.measure(subject, sink_port, cell)
        shares.append(Share(busy.rate / quiet.rate, busy.cpu_ms / quiet.cpu_ms))
    return shares


@contextlib.contextmanager
def trickling(port: int, idle: int, slow: int) -> Iterator[None]:
    """Hold connections open: some say nothing after EHLO, some a byte of a command each second.

    Raises SystemExit when one of them was closed before the end.
    """
    is_over, is_open = threading.Event(), threading.Event()
    closed = 0

    async def hold() -> None:
        nonlocal closed
        clients = await open_greeted(port, idle + slow)
        is_open.set()
        while not is_over.is_set():
            for _, writer in clients[idle:]:
                writer.write(b"N")
            await asyncio.sleep(1)
        closed = sum(reader.at_eof() for reader, _ in clients)
        _close(clients)

    thread = threading.Thread(target=asyncio.run, args=(hold(),))
    thread.start()
    try:
        if not is_open.wait(60):
            raise SystemExit("the relay does not take idle connections")
        yield
    finally:
        is_over.set()
        thread.join()
    if closed:
        raise SystemExit(f"{closed} of the waiting clients were let go before the end")


def _close(clients: list[Client]) -> None:
    for _, writer in clients:
        writer.close()


def main() -> None:
    """Measure a gateway of its own and print both figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7, help="quiet and busy rounds, in turns")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round, about")
    given = parser.parse_args()
    allow_many_files()
    with tempfile.TemporaryDirectory() as name, subjects.sink() as (port, _):
        folder, most = Path(name), MOST_CONNECTIONS
        with subjects.career_relay(folder / "silent", port, max_connections=most) as relay:
            say(f"{silent_connection(relay):.1f} KiB a silent connection, 1,000 of them")
        with subjects.career_relay(folder / "idle", port, max_connections=most) as relay:
            shares = beside_idle_clients(Rounds(given.seconds), relay, port, given.pairs)
    say("beside 500 idle and 100 trickling clients, against a quiet round just before")
    for name in Share._fields:
        each = [getattr(share, name) for share in shares]
        told = ", ".join(f"{share:.2f}" for share in each)
        say(f"  {name:4}  {statistics.median(each):.2f}  ({told})")


def say(line: str) -> None:
    """Print a line."""
    print(line, flush=True)  # noqa: T201


def allow_many_files() -> None:
    """Let this process and those it starts have as many connections as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    main()
