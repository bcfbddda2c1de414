"""The bench's last hop: takes mail as fast as it can and counts what came.

    python -m bench.sink PORT [--delay MS] [--refuse-every N] [--keep FOLDER]

Prints "ready" when it listens. The command XTALLY on any connection answers with one line of
JSON, and begins anew: how many mails came, how many of their numbers more than once.
"""

import argparse
import asyncio
import collections
import json
from pathlib import Path
from typing import cast

from bench.loop import run
from bench.mails import number_of


class Tally:
    """What came since the last XTALLY."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.delay_seconds: float = options.delay / 1000
        self.refuse_every: int = options.refuse_every
        self.keep: Path | None = options.keep
        self.seen = 0
        self.numbers: collections.Counter[int] = collections.Counter()

    def take(self, content: bytes) -> bytes:
        """Return the reply to the final dot of a mail."""
        self.seen += 1
        if self.refuse_every and self.seen % self.refuse_every == 0:
            return b"451 4.3.0 Later\r\n"
        number = number_of(content)
        self.numbers[number] += 1
        if self.keep is not None:
            (self.keep / f"{number}.eml").write_bytes(content)
        return b"250 2.0.0 Taken\r\n"

    def report(self) -> bytes:
        """Return the tally as a reply, and begin anew."""
        doubled = sum(times > 1 for times in self.numbers.values())
        report = {"mails": len(self.numbers), "doubled": doubled}
        self.numbers.clear()
        return b"250 " + json.dumps(report).encode() + b"\r\n"


class Taker(asyncio.Protocol):
    """One client: every command is answered at once, as PIPELINING allows."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._buffer = bytearray()
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say hello."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer all commands and mails that are complete."""
        searched_to = max(0, len(self._buffer) - 4)
        self._buffer += data
        replies: list[bytes] = []
        while (end := self._buffer.find(self._mark, searched_to)) >= 0:
            end += len(self._mark)
            piece = bytes(self._buffer[:end])
            del self._buffer[:end]
            searched_to = 0
            replies.append(self._answer(piece))
        if replies:
            self._transport.write(b"".join(replies))

    @property
    def _mark(self) -> bytes:
        return b"\r\n.\r\n" if self._in_data else b"\r\n"

    def _answer(self, piece: bytes) -> bytes:
        if self._in_data:
            self._in_data = False
            return self._later(self._tally.take(piece[:-3]))
        verb = piece[:4].upper()
        if verb == b"DATA":
            self._in_data = True
            return b"354 Go on\r\n"
        if verb == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE\r\n"
        if verb == b"XTAL":
            return self._tally.report()
        if verb == b"QUIT":
            asyncio.get_running_loop().call_soon(self._transport.close)
            return b"221 2.0.0 Bye\r\n"
        return b"250 2.0.0 Ok\r\n"

    def _later(self, reply: bytes) -> bytes:
        if not self._tally.delay_seconds:
            return reply
        loop = asyncio.get_running_loop()
        loop.call_later(self._tally.delay_seconds, self._transport.write, reply)
        return b""


async def serve(port: int, tally: Tally) -> None:
    """Listen until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Taker(tally), "127.0.0.1", port, backlog=2048)
    print("ready", flush=True)  # noqa: T201
    await server.serve_forever()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0, help="milliseconds before a 250")
    parser.add_argument("--refuse-every", type=int, default=0, help="answer every Nth mail 451")
    parser.add_argument("--keep", type=Path, help="write every mail into this folder")
    options = parser.parse_args()
    run(serve(options.port, Tally(options)))


if __name__ == "__main__":
    main()
