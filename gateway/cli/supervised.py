"""Tell systemd that this process is up, alive or stopping: sd_notify(3), without a library."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def supervised() -> AsyncIterator[None]:
    """Say READY=1, and WATCHDOG=1 from the event loop as often as the unit asks, then STOPPING=1.

    A loop that stands still says nothing, and systemd starts the process anew. Without
    NOTIFY_SOCKET, which the unit's Type=notify sets, nothing happens.
    """
    _tell("READY=1")
    watchdog = asyncio.create_task(_say_alive(), name="watchdog")
    try:
        yield
    finally:
        watchdog.cancel()
        _tell("STOPPING=1")


async def _say_alive() -> None:
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdecimal() or os.environ.get("WATCHDOG_PID", "") not in {
        "",
        str(os.getpid()),
    }:
        return
    while True:
        _tell("WATCHDOG=1")
        await asyncio.sleep(int(microseconds) / 2_000_000)


def _tell(state: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as teller,
    ):
        teller.sendto(state.encode(), address.replace("@", "\0", 1))
