"""The plain relay that a Python programmer writes in an afternoon, to compare with.

    python -m bench.naive PORT NEXT_PORT

aiosmtpd as it is, the email package to put a footer into text and HTML, aiosmtplib with a
connection for each mail. Prints "ready" when it listens.
"""

import asyncio
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.loop import run

FOOTER = "\n\nほかの企業への紹介をご希望の方はこちら: https://relay.example/r/abcdefghijklmnopqrstuvwx22\n"


class NaiveHandler:
    """Edit, forward, answer."""

    def __init__(self, next_port: int) -> None:
        self._next_port = next_port

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Return the next hop's success, or 451."""
        assert isinstance(envelope.content, bytes)
        try:
            await aiosmtplib.send(
                add_footer(envelope.content),
                sender=envelope.mail_from,
                recipients=envelope.rcpt_tos,
                hostname="127.0.0.1",
                port=self._next_port,
                start_tls=False,
            )
        except aiosmtplib.SMTPResponseException as error:
            return f"{error.code} {error.message}"
        except aiosmtplib.SMTPException:
            return "451 4.4.0 Next hop failed"
        return "250 2.0.0 Ok"


def add_footer(raw: bytes) -> bytes:
    """Return the mail with a footer in its text and HTML, written anew by the email package."""
    message = message_from_bytes(raw, policy=SMTP_POLICY)
    for part in message.walk():
        assert isinstance(part, EmailMessage)
        if part.get_content_type() == "text/plain":
            part.set_content(part.get_content() + FOOTER)
        elif part.get_content_type() == "text/html":
            page = part.get_content().replace("</body>", f"<p>{FOOTER}</p></body>")
            part.set_content(page, subtype="html")
    return message.as_bytes()


async def serve(port: int, next_port: int) -> None:
    """Listen until the process is ended."""
    handler = NaiveHandler(next_port)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="naive", data_size_limit=64 << 20),
        "127.0.0.1",
        port,
        backlog=2048,
    )
    print("ready", flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    run(serve(int(sys.argv[1]), int(sys.argv[2])))
