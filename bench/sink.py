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

_END = b"\r\n.\r\n"
_NUMBERED_BYTES = 16 << 10
"""So much of a mail is gathered when it is not kept: its number stands in the header."""


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
    """One client: every command is answered at once, as PIPELINING allows.

    A mail is looked through as it comes, and kept whole only where a folder is to have it: to
    gather 20 MB and copy them at the end took 40 ms, in which nobody else was answered.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._line = bytearray()
        self._content: bytearray | None = None  # of a mail that is coming
        self._tail = b""  # its last bytes so far: the end may come in two pieces

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say hello."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer all commands and mails that are complete."""
        replies: list[bytes] = []
        while data:
            if self._content is not None:
                data = self._take_content(self._content, data, replies)
                continue
            self._line += data
            end = self._line.find(b"\r\n") + 2
            if end < 2:
                break
            command, data = bytes(self._line[:end]), bytes(self._line[end:])
            self._line.clear()
            replies.append(self._answer(command))
        if replies:
            self._transport.write(b"".join(replies))

    def _take_content(self, content: bytearray, data: bytes, replies: list[bytes]) -> bytes:
        """Take a piece of a mail; return what stands behind its end."""
        came = self._tail + data
        end = _find_end(came)
        taken = came[len(self._tail) : end if end >= 0 else None]
        if self._tally.keep is not None or len(content) < _NUMBERED_BYTES:
            content += taken
        if end < 0:
            self._tail = came[-(len(_END) - 1) :]
            return b""
        self._content = None
        replies.append(self._later(self._tally.take(bytes(content[:-3]))))
        return came[end:]

    def _answer(self, command: bytes) -> bytes:
        verb = command[:4].upper()
        if verb == b"DATA":
            self._content, self._tail = bytearray(), b"\r\n"
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


def _find_end(came: bytes) -> int:
    """Return where what follows the final dot's line begins, -1 without one."""
    end = came.find(_END, 0, came.rfind(b".") + 3)  # a dot alone is found at once, or its absence
    return end if end < 0 else end + len(_END)


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
