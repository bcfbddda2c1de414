"""An application on a socket of this process's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette

from gateway.errors import CareerRelayError
from gateway.settings import HostPort

_GRACE_SECONDS = 5


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: they would raise the signals again and end us."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
        yield


@contextlib.asynccontextmanager
async def served(app: Starlette, bound: socket.socket, name: str) -> AsyncIterator[None]:
    """Serve `app` on `bound` until the block is left; it answers already."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # paths hold tokens
        lifespan="off",
        ws="none",  # or each request for one is answered by advice to install a library, in the log
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[bound]), name=name)
    try:
        await server.up.wait()
        yield
    finally:
        server.should_exit = True
        await task


def bind(listen: HostPort, setting: str, option: str) -> socket.socket:
    """Return a socket bound to `listen`.

    Raises CareerRelayError naming the setting and the option that choose another port.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listen.host, listen.port))
    except OSError as error:
        bound.close()
        raise cannot_listen(listen, setting, option, error) from None
    return bound


def address_of(bound: socket.socket) -> HostPort:
    """Return where `bound` really listens."""
    name = bound.getsockname()
    return HostPort(name[0], name[1])


def cannot_listen(listen: HostPort, setting: str, option: str, error: OSError) -> CareerRelayError:
    """Return the error to show when `listen` cannot be had."""
    return CareerRelayError(
        f"cannot listen on {listen}: {error.strerror}. Choose another port with {setting}"
        f" (example: {setting}={listen.host}:{listen.port % 65535 + 1}) or {option}."
    )
