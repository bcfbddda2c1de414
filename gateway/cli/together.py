"""The long-running commands: which parts run, and how they stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette

from gateway.cli import demo as demo_run
from gateway.cli.noted import note_address
from gateway.cli.parts import Parts, open_parts, utc_now
from gateway.cli.serving import address_of, bind, gateway_side
from gateway.demo.inbox import Inbox
from gateway.settings import HostPort, Settings
from gateway.store.version import is_current
from gateway.web.app import build_app
from gateway.web.demo import DemoInbox
from workers.boot import embedded, open_broker


class _Server(uvicorn.Server):
    """uvicorn, which leaves the signals to us: it would raise them again and end us by them."""

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
async def until_signalled() -> AsyncIterator[asyncio.Event]:
    """Give an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@contextlib.asynccontextmanager
async def web_side(
    parts: Parts, bound: socket.socket, inbox: DemoInbox | None = None
) -> AsyncIterator[HostPort]:
    """Serve the pages on `bound` until the block is left; gives the address."""
    config = uvicorn.Config(
        _app(parts, inbox), log_config=None, access_log=False, lifespan="off", server_header=False
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[bound]), name="web")
    try:
        await server.up.wait()
        with note_address(parts.settings.data_dir, "web", address_of(bound)):
            yield address_of(bound)
    finally:
        server.should_exit = True
        await task


def _app(parts: Parts, inbox: DemoInbox | None) -> Starlette:
    return build_app(
        engine=parts.engine,
        renderer=parts.renderer,
        admin_password=parts.admin_password,
        secret_key=parts.key,
        now=utc_now,
        inbox=inbox,
        public_url=parts.settings.public_url or "",
        is_schema_current=lambda: is_current(parts.engine),
    )


async def run_gateway(settings: Settings) -> None:
    """Run the SMTP side until a signal comes."""
    parts = open_parts(settings)
    broker = open_broker(settings) if settings.redis_url else None
    async with until_signalled() as stop, gateway_side(parts, broker) as listener:
        print(f"Career Relay gateway: SMTP on {listener.address}", flush=True)
        await stop.wait()


async def run_web(settings: Settings) -> None:
    """Serve the pages until a signal comes."""
    bound = bind(settings.web_listen, "CAREER_RELAY_WEB_LISTEN", "--web-port")
    settings = settings.model_copy(update={"web_listen": address_of(bound)})
    parts = open_parts(settings)
    async with until_signalled() as stop, web_side(parts, bound) as address:
        print(f"Career Relay web: http://{address}/", flush=True)
        await stop.wait()


async def run_up(settings: Settings, *, demo: bool, next_hop: HostPort | None) -> None:
    """Run everything in this process until a signal comes."""
    bound = bind(settings.web_listen, "CAREER_RELAY_WEB_LISTEN", "--web-port")
    settings = settings.model_copy(update={"web_listen": address_of(bound)})
    parts = open_parts(settings)
    inbox = Inbox() if demo else None
    async with contextlib.AsyncExitStack() as stack:
        stop = await stack.enter_async_context(until_signalled())
        broker = stack.enter_context(embedded(settings, parts.engine))
        listener = await stack.enter_async_context(gateway_side(parts, broker, next_hop))
        web = await stack.enter_async_context(web_side(parts, bound, inbox))
        if inbox is None:
            _say_where(parts, listener.address, web)
            await stop.wait()
        else:
            stack.push_async_callback(inbox.close)
            await _demonstrate(parts, inbox, listener.address, web, stop, next_hop)
    print("Stopped.", flush=True)


def _say_where(parts: Parts, relay: HostPort, web: HostPort) -> None:
    print(
        f"""Career Relay is up.
  relay    smtp://{relay}
  admin    http://{web}/admin   user admin, password in {parts.admin_password_place}
Add a company: career-relay company add NAME --domain D --next-hop HOST:PORT
Ctrl-C stops it.""",
        flush=True,
    )


async def _demonstrate(
    parts: Parts,
    inbox: Inbox,
    relay: HostPort,
    web: HostPort,
    stop: asyncio.Event,
    next_hop: HostPort | None,
) -> None:
    """Show the demonstration, unless a signal comes first; then stay until one does."""
    login = demo_run.prepare(parts, next_hop or await inbox.start())
    showing = asyncio.create_task(demo_run.show(parts, login, relay, inbox))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({showing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
        return
    await showing
    demo_run.show_addresses(parts, login, relay, web)
    await stopping
