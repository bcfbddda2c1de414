"""Commands that stay: up (all in one process), gateway, web; and migrate before them."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.errors import SettingError
from gateway.host_port import HostPort, parse_host_port

if TYPE_CHECKING:
    from gateway.settings import Settings

# The command line starts in a blink: what is heavy (pydantic, SQLAlchemy, alembic, Dramatiq)
# is imported by the command that needs it, and after the settings are read: a wrong one is told
# at once.


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command()(up)
    app.command()(gateway)
    app.command()(web)
    app.command("migrate")(migrate_schema)


SmtpPort = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port for SMTP; 0 takes a free one.")
]
WebPort = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port for the web pages; 0 takes a free one.")
]


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Add a demo company and inbox; send sample mails.")
    ] = False,
    smtp_port: SmtpPort = None,
    web_port: WebPort = None,
    next_hop: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="Send every company's mail there instead of its next hop."
        ),
    ] = None,
) -> None:
    """Run gateway, workers and web pages in this one process until Ctrl-C."""
    hop = _parse_option(next_hop)
    settings = _prepare_one(smtp_port, web_port, demo)
    from gateway.cli.together import run_up

    _run_loop(run_up(settings, demo=demo, next_hop=hop))


def gateway(
    smtp_port: SmtpPort = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="So many on the one port; CAREER_RELAY_GATEWAY_PROCESSES."
        ),
    ] = None,
) -> None:
    """Run the SMTP side alone, until SIGTERM; mails in hand are finished first."""
    settings = _prepare(smtp_port, None)
    from gateway.cli.doors import as_given, given_sockets
    from gateway.cli.together import divide_gateway, run_child, run_gateway

    if processes is not None:
        settings = settings.model_copy(update={"gateway_processes": processes})
    given = given_sockets()
    settings = as_given(settings, given)
    if settings.gateway_processes == 1 and not given:
        _run_loop(run_gateway(settings))
        return
    _set_up_logging(settings, with_process=True)
    child = divide_gateway(settings, given)
    _run_loop(run_child(settings, child))


def web(web_port: WebPort = None) -> None:
    """Run the web pages alone, until SIGTERM. PORT, when set, chooses the port on all addresses."""
    settings = _prepare_one(None, web_port)
    from gateway.cli.together import run_web

    _run_loop(run_web(settings))


def migrate_schema() -> None:
    """Make the ledger's tables, or bring them up to date."""
    from gateway.cli.parts import migrate_ledger
    from gateway.settings import load_settings

    migrate_ledger(load_settings())
    print("The ledger's tables are up to date.")


def _parse_option(text: str | None) -> HostPort | None:
    try:
        return None if text is None else HostPort(*parse_host_port(text))
    except ValueError as error:
        raise typer.BadParameter(f"{error}, for example 127.0.0.1:25") from None


def _prepare_one(smtp_port: int | None, web_port: int | None, quiet: bool = False) -> "Settings":
    settings = _prepare(smtp_port, web_port, quiet)
    return settings.model_copy(update={"gateway_processes": 1})


def _prepare(smtp_port: int | None, web_port: int | None, quiet: bool = False) -> "Settings":
    """Return the settings, with the log set up as they say and room for many connections."""
    from gateway.settings import load_settings

    raise_file_limit()

    settings = _with_ports(load_settings(), smtp_port, web_port)
    _set_up_logging(settings, quiet=quiet)
    return settings


_MOST_FILES = 65_536
"""Enough for thirty times the default of clients; a hard limit may be a thousand million."""


def raise_file_limit() -> None:
    """Let this process have as many files and connections open as it may allow itself.

    systemd and most shells start with a soft limit of 1,024: less than the clients that are let
    in by default and their connections to next hops. Whoever does without select() is meant to
    raise it (systemd.exec(5), LimitNOFILE).
    """
    try:
        import resource
    except ImportError:  # no such limit on this platform
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):  # it is as it was
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _set_up_logging(
    settings: "Settings", *, quiet: bool = False, with_process: bool = False
) -> None:
    from gateway.log_lines import set_up_logging

    level = logging.WARNING if quiet else logging.INFO
    set_up_logging(as_json=settings.log_json, level=level, with_process=with_process)


def _run_loop(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # no wheel for this platform: asyncio's own loop is slower, not wrong
        return None
    return uvloop.new_event_loop


def _with_ports(settings: "Settings", smtp_port: int | None, web_port: int | None) -> "Settings":
    """Return the settings with the ports that options and PORT choose."""
    changed: dict[str, HostPort] = {}
    if smtp_port is not None:
        changed["smtp_listen"] = HostPort(settings.smtp_listen.host, smtp_port)
    if web_port is not None:
        changed["web_listen"] = HostPort(settings.web_listen.host, web_port)
    elif "web_listen" not in settings.model_fields_set and os.environ.get("PORT"):
        changed["web_listen"] = HostPort("0.0.0.0", _port_of_environment())  # noqa: S104  12-factor
    return settings.model_copy(update=changed)


def _port_of_environment() -> int:
    text = os.environ["PORT"]
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise SettingError(f"PORT: {text!r} is not a port number. Example: PORT=8025")
    return int(text)
