"""The long-running commands: which parts run, and how they stop."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator

from dramatiq import Broker
from starlette.applications import Starlette

from gateway.cli import demo as demo_run
from gateway.cli.doors import Given, open_doors
from gateway.cli.noted import note_address, remove_note, write_note
from gateway.cli.open_files import scarcity_told
from gateway.cli.parts import Parts, open_parts, utc_now
from gateway.cli.processes import Child, Parent
from gateway.cli.served import address_of, bind, served
from gateway.cli.serving import gateway_side
from gateway.cli.supervised import supervised
from gateway.core.hear import load_rules
from gateway.demo.inbox import open_inbox
from gateway.log_lines import say
from gateway.render import Renderer
from gateway.settings import HERE, HostPort, Settings, read_secret
from gateway.smtp.tls import tls_source
from gateway.snippets import door_of
from gateway.store.version import is_current
from gateway.web.app import build_app
from gateway.web.demo import DemoInbox
from workers.boot import embedded, open_broker


@contextlib.asynccontextmanager
async def until_signalled() -> AsyncIterator[asyncio.Event]:
    """Give an event that SIGINT and SIGTERM set; a second one ends the process at once.

    Nothing is lost by that: a mail in hand is not confirmed, so its sender sends it again.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal(number: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + number)
        say("Finishing the mails in hand; once more stops at once.")
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@contextlib.asynccontextmanager
async def workers_side(parts: Parts) -> AsyncIterator[Broker]:
    """Run the workers as threads until the block is left; gives the broker that wakes them.

    They are stopped from a thread: one may be sending a mail to this very event loop.
    """
    running = embedded(parts.settings, parts.engine)
    broker = running.__enter__()
    try:
        yield broker
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


@contextlib.asynccontextmanager
async def web_side(
    parts: Parts, bound: socket.socket, inbox: DemoInbox | None = None
) -> AsyncIterator[HostPort]:
    """Serve the pages on `bound` until the block is left; gives the address."""
    async with served(_app(parts, inbox), bound, "web"):
        with note_address(parts.settings.data_dir, "web", address_of(bound)):
            yield address_of(bound)


def _app(parts: Parts, inbox: DemoInbox | None) -> Starlette:
    token = parts.settings.metrics_token
    return build_app(
        engine=parts.engine,
        renderer=parts.renderer,
        admin_password=parts.admin_password,
        secret_key=parts.key,
        now=utc_now,
        inbox=inbox,
        public_url=parts.settings.public_url or "",
        metrics_token=token.get_secret_value() if token is not None else None,
        reviews_needed=parts.settings.reviews_before_inject,
        door=door_of(parts.settings),
        hooks_in_clear=parts.settings.webhook_to_private_addresses,
        is_schema_current=lambda: is_current(parts.engine),
    )


def _keep_for_good() -> None:
    """Keep the garbage collector from looking at what is loaded by now: 170,000 objects.

    A full collection took 100 to 180 ms every few seconds, in which nobody was served.
    """
    gc.collect()
    gc.freeze()


async def run_gateway(settings: Settings) -> None:
    """Run the SMTP side until a signal comes."""
    async with (
        until_signalled() as stop,
        gateway_side(open_parts(settings), _broker(settings)) as listener,
    ):
        _keep_for_good()
        say(f"Career Relay gateway: SMTP on {listener.address}")
        _say_links(settings)
        async with supervised(), scarcity_told():
            await stop.wait()


def divide_gateway(settings: Settings, given: Given) -> Child:
    """Fork this process into several; returns in each child, never in the parent.

    given  sockets that are open already

    What can go wrong once for all does so here; what all need is loaded once, in memory that they
    share.

    Raises SystemExit in the parent when all is over, and what run_gateway() raises.
    """
    parts = open_parts(settings)
    parts.engine.dispose()  # no connection to a database outlives a fork
    read_secret(settings.secret_key, settings.data_dir, "secret-key")
    tls_source(settings)
    Renderer(HERE / "templates")
    doors = open_doors(settings, given)
    address = doors.address
    load_rules()  # once for all of them
    _keep_for_good()

    def say_up() -> None:
        count = settings.gateway_processes
        said = f", {count} processes" if count > 1 else ""
        say(f"Career Relay gateway: SMTP on {address}{said}")
        _say_links(settings)
        write_note(settings.data_dir, "smtp", address)

    try:
        return Parent(settings.gateway_processes, doors, say_up).divide()
    except SystemExit:
        remove_note(settings.data_dir, "smtp")
        raise


async def run_child(settings: Settings, child: Child) -> None:
    """Run the SMTP side in one of several processes until it is told to stop."""
    async with (
        child.until_told() as stop,
        gateway_side(open_parts(settings), _broker(settings), child=child),
        scarcity_told(),
    ):
        _keep_for_good()
        await stop.wait()


def _broker(settings: Settings) -> Broker | None:
    return open_broker(settings) if settings.redis_url else None


async def run_web(settings: Settings) -> None:
    """Serve the pages until a signal comes."""
    async with until_signalled() as stop:
        settings, bound = _bind_web(settings)
        async with web_side(open_parts(settings), bound) as address:
            _keep_for_good()
            say(f"Career Relay web: http://{address}/")
            async with supervised(), scarcity_told():
                await stop.wait()


async def run_up(settings: Settings, *, demo: bool, next_hop: HostPort | None) -> None:
    """Run everything in this process until a signal comes.

    What is left first is the SMTP side: the mails in hand are finished while all others stand.
    """
    async with contextlib.AsyncExitStack() as stack:
        stop = await stack.enter_async_context(until_signalled())
        settings, bound = _bind_web(settings)
        parts = open_parts(settings)
        inbox = await stack.enter_async_context(open_inbox()) if demo else None
        broker = await stack.enter_async_context(workers_side(parts))
        web = await stack.enter_async_context(web_side(parts, bound, inbox))
        listener = await stack.enter_async_context(gateway_side(parts, broker, next_hop))
        _keep_for_good()
        if inbox is None:
            _say_where(parts, listener.address, web)
        else:
            hop = next_hop or inbox.address
            await _demonstrate(demo_run.Stage(parts, listener.address, web), stop, hop)
        async with supervised(), scarcity_told():
            await stop.wait()
    say("Stopped.")


def _bind_web(settings: Settings) -> tuple[Settings, socket.socket]:
    """Return a socket for the pages, and the settings with the port it really has."""
    bound = bind(settings.web_listen, "CAREER_RELAY_WEB_LISTEN", "--web-port")
    return settings.model_copy(update={"web_listen": address_of(bound)}), bound


def _say_where(parts: Parts, relay: HostPort, web: HostPort) -> None:
    say(
        f"""Career Relay is up.
  relay    smtp://{relay}
  admin    http://{web}/admin   user admin, password in {parts.admin_password_place}
Add a company: career-relay company add NAME --domain D --next-hop HOST:PORT
Ctrl-C stops it."""
    )
    _say_links(parts.settings)


def _say_links(settings: Settings) -> None:
    """Say how links begin when that is a guess: a link in a mail cannot be changed later."""
    if settings.public_url is None:
        say(
            f"Links in mails begin with {settings.link_base}/r/, which only this machine can open."
            " Set CAREER_RELAY_PUBLIC_URL to the address that candidates reach, for example"
            " CAREER_RELAY_PUBLIC_URL=https://relay.example.jp"
        )


async def _demonstrate(stage: demo_run.Stage, stop: asyncio.Event, next_hop: HostPort) -> None:
    """Show the demonstration, unless a signal comes first; whatever it meets, the relay stays."""
    showing = asyncio.create_task(demo_run.show(stage, next_hop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({showing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    showing.cancel()
    try:
        await showing
    except asyncio.CancelledError:
        return
    except Exception as error:  # noqa: BLE001  a show that fails must not stop the relay
        print(f"The demonstration ended early ({type(error).__name__}); the relay is up.")
