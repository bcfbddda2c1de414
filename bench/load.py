"""The bench's load: one process with many connections, each sending mail after mail.

    python -m bench.load SPEC        SPEC is the JSON of a Load; prints the JSON of a Result

All connections are made and logged in first; then the clock starts. Where each mail has one of its
own, making it is measured too.
"""

import asyncio
import base64
import dataclasses
import json
import sys
import time
from collections import deque
from dataclasses import dataclass

from bench.loop import run
from bench.mails import SENDER, Kind, recipient, write_mail


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: `mails` mails numbered from `first`, over `connections` connections.

    ports           the relay's on 127.0.0.1, used in turn
    user, password  for AUTH PLAIN, "" for no login
    is_apart        each mail over a connection of its own, which QUIT ends
    """

    ports: tuple[int, ...]
    kind: str
    connections: int
    mails: int
    first: int
    user: str = ""
    password: str = ""
    sender: str = SENDER
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a load: mails that were taken, and how long each had to wait (ms)."""

    taken: int
    again: int
    seconds: float
    p50: float
    p99: float


class Client:
    """One connection."""

    def __init__(self, load: Load, port: int) -> None:
        self._load = load
        self._port = port

    async def open(self) -> None:
        """Connect, greet, log in."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        await self._expect(b"220")
        self._writer.write(b"EHLO bench.example\r\n")
        offers = await self._expect(b"250")
        self._pipelines = b"PIPELINING" in offers
        if self._load.user:
            secret = f"\0{self._load.user}\0{self._load.password}".encode()
            self._writer.write(b"AUTH PLAIN " + base64.b64encode(secret) + b"\r\n")
            await self._expect(b"235")

    async def carry(self, number: int) -> bool:
        """Do what send() does, over a connection for this mail alone where the load says so."""
        if not self._load.is_apart:
            return await self.send(number)
        await self.open()
        is_taken = await self.send(number)
        await self.leave()
        return is_taken

    async def send(self, number: int) -> bool:
        """Return whether the mail was taken, False for a 4yz after the final dot."""
        commands = (
            b"MAIL FROM:<" + self._load.sender.encode() + b">\r\n",
            b"RCPT TO:<" + recipient(number).encode() + b">\r\n",
            b"DATA\r\n",
        )
        if self._pipelines:
            self._writer.write(b"".join(commands))
            for code in (b"250", b"250", b"354"):
                await self._expect(code)
        else:
            for command, code in zip(commands, (b"250", b"250", b"354"), strict=True):
                self._writer.write(command)
                await self._expect(code)
        self._writer.write(write_mail(Kind(self._load.kind), number) + b".\r\n")
        await self._writer.drain()
        return (await self._reply())[:1] == b"2"

    async def leave(self) -> None:
        """Say QUIT and hear the answer."""
        self._writer.write(b"QUIT\r\n")
        await self._expect(b"221")
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._writer.close()

    async def _expect(self, code: bytes) -> bytes:
        reply = await self._reply()
        if not reply.startswith(code):
            raise SystemExit(f"expected {code.decode()}, heard {reply.decode()}")
        return reply

    async def _reply(self) -> bytes:
        lines = [await self._reader.readuntil(b"\r\n")]
        while lines[-1][3:4] == b"-":
            lines.append(await self._reader.readuntil(b"\r\n"))
        return b"".join(lines)


async def carry_out(load: Load) -> None:
    """Send a load and print its result."""
    clients = [Client(load, load.ports[n % len(load.ports)]) for n in range(load.connections)]
    staying = [] if load.is_apart else clients
    for client in staying:
        await client.open()
    waiting = deque(range(load.first, load.first + load.mails))
    times: list[float] = []
    again = 0

    async def work(client: Client) -> None:
        nonlocal again
        while waiting:
            number = waiting.popleft()
            started = time.perf_counter()
            if await client.carry(number):
                times.append((time.perf_counter() - started) * 1000)
            else:
                again += 1
                waiting.append(number)

    started = time.perf_counter()
    await asyncio.gather(*(work(client) for client in clients))
    seconds = time.perf_counter() - started
    for client in staying:
        client.close()
    times.sort()
    p50, p99 = (times[int(len(times) * share)] for share in (0.5, 0.99))
    result = Result(len(times), again, seconds, p50, p99)
    print(json.dumps(dataclasses.asdict(result)))  # noqa: T201


if __name__ == "__main__":
    run(carry_out(Load(**json.loads(sys.argv[1]))))
