"""What the workers' tests work with: a renderer, tools with a clock, referrals in numbers."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine

from gateway.core.company import Language
from gateway.core.unsubscribe import Unsubscribe
from gateway.keys.sealing import Seal
from gateway.nexthop import SEAL_PURPOSE
from gateway.render import RenderedMail
from gateway.resolver import DnsResolver
from gateway.settings import HostPort
from gateway.store.engine import writing_session
from gateway.store.webhooks import WEBHOOK_SEAL
from tests.store.records import NOW, relay
from workers.settle import settle_referral
from workers.tools import Hooks, Post, Proofs, Tools

SECRET = b"0123456789abcdef" * 2


class PlainRenderer:
    """Write every value into the mail, so that a test can read it there."""

    def mail(self, event: str, language: Language, values: Mapping[str, object]) -> RenderedMail:
        """Return the notification with its values, one a line."""
        lines = "\n".join(f"{name}={value}" for name, value in sorted(values.items()))
        return RenderedMail(f"{event}（{language}）", f"{lines}\n", f"<pre>{lines}</pre>")


@dataclasses.dataclass
class Clock:
    """A clock that the test sets."""

    time: datetime = NOW + timedelta(minutes=1)

    def now(self) -> datetime:
        """Return the time that was set."""
        return self.time


def make_tools(
    engine: Engine,
    clock: Clock | None = None,
    via: HostPort | None = None,
    dns: HostPort | None = None,
) -> Tools:
    """Return tools that send through `via` and ask `dns`, or where nobody listens."""
    post = Post(
        sender="career-relay@relay.example",
        hostname="relay.example",
        admin_url="http://relay.example/admin",
        seal=Seal(SECRET, SEAL_PURPOSE),
        via=via or HostPort("127.0.0.1", 9),
        timeout_seconds=5.0,
    )
    secret = SECRET
    return Tools(
        engine,
        PlainRenderer(),
        post,
        (clock or Clock()).now,
        Hooks(Seal(secret, WEBHOOK_SEAL), is_local_allowed=True, timeout_seconds=5.0),
        Unsubscribe(secret, "http://relay.example"),
        Proofs(secret, DnsResolver(dns or HostPort("127.0.0.1", 9))),
    )


def relay_many(
    engine: Engine, company_id: int, first: int, number: int, now: datetime = NOW
) -> list[int]:
    """Relay mails to `number` different candidates; return the referrals' ids.

    now  when they leave; the sweep of a worker that runs leaves alone what left this second
    """
    with writing_session(engine).begin() as session:
        return [
            relay(session, company_id, f"m{index}", f"c{index}", now)
            for index in range(first, first + number)
        ]


def settle(engine: Engine, referral_id: int, now: datetime = NOW) -> list[int]:
    """Settle one referral in a transaction of its own."""
    with writing_session(engine).begin() as session:
        return settle_referral(session, referral_id, now)
