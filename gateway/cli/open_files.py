"""Say in the log that no more files and connections can be had: nobody else does.

A process at its limit still accepts connections, and closes each at once without a word: libuv,
under uvloop, keeps one descriptor for that. Clients see a server that hangs up.
"""

import asyncio
import contextlib
import errno
import logging
import os
import time
from collections.abc import AsyncIterator, Callable

log = logging.getLogger(__name__)

_LOOKS_SECONDS = 1.0
_SAYS_SECONDS = 300.0
_SCARCE = frozenset({errno.EMFILE, errno.ENFILE})


class Scarcity:
    """Looks whether one more file could be opened, and says so once in five minutes at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._says_from = 0.0

    def look(self) -> None:
        """Open a file and close it; an error is logged when none is to be had."""
        try:
            os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            now = self._clock()
            if error.errno in _SCARCE and now >= self._says_from:
                self._says_from = now + _SAYS_SECONDS
                log.error(  # noqa: TRY400  a stack trace says nothing here
                    "connections are closed unanswered, no more files can be opened (%s): see "
                    "LimitNOFILE, and who holds connections open",
                    errno.errorcode[error.errno or 0],
                )


@contextlib.asynccontextmanager
async def scarcity_told() -> AsyncIterator[None]:
    """Look every second until the block is left."""
    looking = asyncio.create_task(_look_on(Scarcity()), name="open-files")
    try:
        yield
    finally:
        looking.cancel()


async def _look_on(scarcity: Scarcity) -> None:
    while True:
        scarcity.look()
        await asyncio.sleep(_LOOKS_SECONDS)
