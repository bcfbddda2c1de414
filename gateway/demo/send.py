"""Send the samples as a company's mail server would: over real SMTP, logged in."""

from collections.abc import AsyncIterator, Iterable

from aiosmtplib import SMTP, SMTPResponse, SMTPResponseException

from gateway.demo.samples import SENDER, Sample
from gateway.settings import HostPort


async def send_all(
    mails: Iterable[Sample], relay: HostPort, user: str, password: str
) -> AsyncIterator[tuple[Sample, SMTPResponse]]:
    """Send the mails one after the other in one session; yield each with the relay's reply."""
    client = SMTP(hostname=relay.host, port=relay.port, use_tls=False, start_tls=False)
    async with client:
        await client.login(user, password)
        for mail in mails:
            yield mail, await _send(client, mail)


async def _send(client: SMTP, mail: Sample) -> SMTPResponse:
    try:
        await client.mail(SENDER)
        await client.rcpt(mail.recipient)
        return await client.data(mail.raw)
    except SMTPResponseException as error:
        await client.rset()
        return SMTPResponse(error.code, error.message)
