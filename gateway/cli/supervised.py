"""Tell systemd that this process is up, alive or stopping: sd_notify(3), without a library."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def supervised() -> AsyncIterator[None]:
    """Say READY=1, and WATCHDOG=1 from the event loop as often as the unit asks, then STOPPING=1.

    When the loop is stuck nothing is said, and systemd restarts the process. Without NOTIFY_SOCKET,
    which the unit's Type=notify sets, nothing happens.
    """
    tell("READY=1")
    watchdog = asyncio.create_task(_say_alive(), name="watchdog")
    try:
        yield
    finally:
        watchdog.cancel()
        tell("STOPPING=1")


async def _say_alive() -> None:
    seconds = watchdog_seconds()
    while seconds is not None:
        tell("WATCHDOG=1")
        await asyncio.sleep(seconds / 2)


def watchdog_seconds() -> float | None:
    """Return how long this process may say nothing; None when nobody listens for it."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    is_ours = os.environ.get("WATCHDOG_PID", "") in {"", str(os.getpid())}
    return int(microseconds) / 1_000_000 if microseconds.isdecimal() and is_ours else None


def tell(state: str) -> None:
    """Tell systemd, if it started this process with Type=notify."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as teller,
    ):
        # if systemd's buffer is full it is told the next time: nobody waits for it
        teller.sendto(state.encode(), socket.MSG_DONTWAIT, address.replace("@", "\0", 1))
