"""A real SMTP server that keeps what it takes, or refuses as it is told."""

import contextlib
import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.settings import HostPort
from tests.services import free_port


@dataclass
class Sink:
    """What came in; each of `replies` answers one mail before they are taken again."""

    address: HostPort
    mails: list[Envelope] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    good_bye: str = "221 2.0.0 Bye"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail, or give the next reply."""
        if self.replies:
            return self.replies.pop(0)
        self.mails.append(envelope)
        return "250 2.0.0 Ok"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Say good-bye, or what the test wants said."""
        return self.good_bye

    def read(self, index: int) -> EmailMessage:
        """Return a mail that came in, parsed."""
        content = self.mails[index].content
        assert isinstance(content, bytes)
        return email.message_from_bytes(content, policy=email.policy.default)


@contextlib.contextmanager
def open_sink() -> Iterator[Sink]:
    """Run a sink for as long as the context lasts."""
    sink = Sink(HostPort("127.0.0.1", free_port()))
    controller = Controller(sink, hostname=sink.address.host, port=sink.address.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
