"""What a connection takes over from aiosmtpd's, and what of it is its own."""

import asyncio

from aiosmtpd.smtp import SMTP

from gateway.smtp.connection import SmtpConnection
from tests.smtp.gateways import make_settings

_NEVER_CHANGE = {"_auth_callback", "_auth_methods", "_handle_hooks", "_smtp_methods"}
_OF_THE_LOOP = {"loop", "_loop"}
_OURS = {"_timeout_handle", "_client_connected_cb", "_strong_reader"}


def test_a_connection_has_all_that_the_library_gives_one_and_shares_nothing_that_changes() -> None:
    settings = make_settings(hostname="relay.example", command_timeout_seconds=77.0)

    async def make() -> tuple[dict[str, object], dict[str, object], dict[str, object]]:
        loop = asyncio.get_running_loop()
        library = SMTP(None, hostname="relay.example", timeout=77.0, loop=loop)
        first = SmtpConnection(settings, loop)
        first.hostname = "changed.example"
        return vars(library), vars(first), vars(SmtpConnection(settings, loop))

    for _ in range(2):  # the second time in another event loop
        library, first, second = asyncio.run(make())
        assert library.keys() - second.keys() == set()
        plain = {name for name in library if isinstance(library[name], str | int | float | None)}
        plain -= _OURS
        assert {name: second[name] for name in plain} == {name: library[name] for name in plain}
        assert all(second[name] is library[name] for name in _OF_THE_LOOP)
        shared = {name for name in library if first[name] is second[name]}
        assert shared - plain - _OURS == _NEVER_CHANGE | _OF_THE_LOOP
