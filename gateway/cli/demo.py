"""`up --demo`: a company, an inbox and fifteen mails, shown one line a mail as it happens."""

import asyncio
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from gateway.cli.parts import Parts, utc_now
from gateway.core.company import Mode
from gateway.demo.samples import COMPANY, DOMAIN, SENDER, Sample, samples
from gateway.demo.send import send_all
from gateway.errors import NotFoundError
from gateway.settings import HostPort
from gateway.store.companies import add_company, renew_password, set_next_hop
from gateway.store.company_records import CompanyRecord, find_company
from gateway.store.ledger import Balance, balance
from gateway.store.mails import MailRecord, find_mail
from gateway.store.outbox import NotificationState, list_notifications
from gateway.store.referrals import get_referral

T = TypeVar("T")

_SETTLED_WITHIN_SECONDS = 5.0
_NOTIFIED_WITHIN_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs while the demonstration is shown."""

    parts: Parts
    relay: HostPort
    web: HostPort


@dataclass(frozen=True, slots=True)
class Login:
    """The demo company and how its mail server logs in."""

    record: CompanyRecord
    password: str

    @property
    def company_id(self) -> int:
        """The company's number."""
        return self.record.company.id


async def show(stage: Stage, next_hop: HostPort) -> None:
    """Send the samples through the relay, print what happens to each, and what came of them."""
    parts, login = stage.parts, _prepare(stage.parts, next_hop)
    before = _balance(parts, login)
    print(f"\n{COMPANY} sends fifteen mails through the relay on {stage.relay}:\n")
    print(_row("", "verdict", "why", "points", "form", "the next hop said"))
    user, number = login.record.smtp_user, 0
    async for sample, reply in send_all(samples(), stage.relay, user, login.password):
        number += 1
        logged = await _logged(parts, reply.message)
        await _settled(parts, logged)
        points = _balance(parts, login).counted
        said = f"{reply.code} {_next_hop_words(reply.message)}"
        print(_row(f"{number:2}", *_outcome(logged), f"{points:6}", sample.title, said))
    await _show_credits(parts, login, before)
    _show_addresses(stage, login)


def _prepare(parts: Parts, next_hop: HostPort) -> Login:
    """Return the demo company, made if missing, with a fresh password and this next hop."""
    with parts.writing() as session:
        try:
            company_id = find_company(session, COMPANY).company.id
        except NotFoundError:
            record, password = add_company(
                session,
                name=COMPANY,
                domains=(DOMAIN,),
                next_hop=next_hop,
                mode=Mode.INJECT,
                contact=SENDER,
                now=utc_now(),
            )
            return Login(record, password)
        set_next_hop(session, company_id, next_hop, actor="demo", now=utc_now())
        return Login(*renew_password(session, company_id, actor="demo", now=utc_now()))


def _row(*cells: str) -> str:
    widths = (2, 9, 20, 6, 39, 0)
    return "  " + "  ".join(_pad(*cell) for cell in zip(cells, widths, strict=True))


def _pad(text: str, width: int) -> str:
    """Return `text` filled up to `width` columns of a terminal."""
    columns = sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
    return text + " " * (width - columns)


def _next_hop_words(reply: str) -> str:
    """Return what the next hop said, without our own id before it."""
    return reply.replace("\n", " ").rpartition(" -> ")[2][:60]


def _outcome(logged: MailRecord | None) -> tuple[str, str]:
    if logged is None:
        return "-", "refused"
    return str(logged.verdict), str(logged.why)


async def _soon(is_so: Callable[[], T | None], seconds: float) -> T | None:
    """Return what `is_so` gives as soon as it gives something, None when the time is up."""
    for _ in range(round(seconds / _LOOK_AGAIN_SECONDS)):
        if (found := is_so()) is not None:
            return found
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return None


async def _logged(parts: Parts, reply: str) -> MailRecord | None:
    """Return the log row that the reply's id names; it may be written a moment later."""
    queue_id = next((word for word in reply.split() if word.startswith("cr-")), "")

    def find() -> MailRecord | None:
        with parts.reading() as session:
            return find_mail(session, queue_id)

    return await _soon(find, _SETTLED_WITHIN_SECONDS) if queue_id else None


async def _settled(parts: Parts, logged: MailRecord | None) -> None:
    referral_id = logged.referral_id if logged else None
    if referral_id is None:
        return

    def settled_at() -> datetime | None:
        with parts.reading() as session:
            return get_referral(session, referral_id).settled_at

    await _soon(settled_at, _SETTLED_WITHIN_SECONDS)


def _balance(parts: Parts, login: Login) -> Balance:
    with parts.reading() as session:
        return balance(session, login.company_id)


async def _show_credits(parts: Parts, login: Login, before: Balance) -> None:
    after = _balance(parts, login)
    print()
    if before.counted == after.counted:
        print(
            "All of them were sent before: nobody counts twice. The ledger of the earlier run says"
            f"\n{after.counted} candidates referred, {after.slots_available} free hiring slot(s)."
        )
        return
    print(
        f"{after.counted} candidates referred made {after.slots_earned} free hiring slot"
        " (無料採用枠)."
    )

    def all_sent() -> bool | None:
        with parts.reading() as session:
            written = list_notifications(session, login.company_id)
        return all(one.state is NotificationState.SENT for one in written) or None

    if await _soon(all_sent, _NOTIFIED_WITHIN_SECONDS):
        print(f"The notification mails to {SENDER} have arrived in its inbox.")
    else:
        print(f"The notification mails to {SENDER} have not left yet: they are tried again.")


def _show_addresses(stage: Stage, login: Login) -> None:
    """Print where to look, and a command that sends a mail of one's own."""
    relay, user = stage.relay, login.record.smtp_user
    sample = _write_sample(stage.parts.settings.data_dir)
    print(f"""
  inbox    http://{stage.web}/demo/inbox
  admin    http://{stage.web}/admin   user admin, password {stage.parts.admin_password}
  relay    smtp://{relay}   user {user}, password {login.password}

Send a mail of your own ({sample} is one to start from):

  python3 -c "import smtplib; s = smtplib.SMTP('{relay.host}', {relay.port}); \\
s.login('{user}', '{login.password}'); \\
s.sendmail('{SENDER}', ['you@mail.example.com'], open('{sample}', 'rb').read())"

Ctrl-C stops it.""")


def _write_sample(data_dir: Path) -> Path:
    """Write the first sample, to another candidate, beside the ledger, and return its path."""
    first: Sample = next(samples())
    path = data_dir / "rejection.eml"
    mail = first.raw.replace(first.recipient.encode(), b"you@mail.example.com")
    path.write_bytes(mail.replace(b"<demo-01@", b"<your-own@"))
    return path
