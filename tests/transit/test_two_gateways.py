"""Two gateways, each with mails in copies to the same candidates in opposite order."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, text

from gateway.reply import Reply
from gateway.store.brakes import Brake, set_limits
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.referrals import ReferralRow
from tests.e2e.program import links
from tests.e2e.sink import Sink
from tests.relaying import NOW, REJECTION, add_midori, relaying
from tests.services import wait_until

MAILS = 3
CANDIDATES = [f"c{number}@one.example" for number in range(6)]


@pytest.mark.postgresql
@pytest.mark.parametrize("has_brake", [False, True], ids=["free", "with a brake"])
def test_copies_to_the_same_candidates_in_opposite_order_have_one_link_each(
    postgresql_url: str, sink: Sink, has_brake: bool
) -> None:
    engines = [open_engine(postgresql_url) for _ in range(2)]
    with writing_session(engines[0]).begin() as session:
        company = add_midori(session, sink.address)
        if has_brake:
            set_limits(session, company.company.id, Brake(10_000, 0), "a test", NOW)

    def relay(gateway: int, engine: Engine) -> list[Reply]:
        order = CANDIDATES if gateway else CANDIDATES[::-1]

        async def main() -> list[Reply]:
            async with relaying(engine, company, name=f"g{gateway}") as send:
                mails = [
                    b"Message-ID: <%d-%d@midori.example>\r\n" % (gateway, number)
                    for number in range(MAILS)
                ]
                return await asyncio.gather(*(send(id_ + REJECTION.raw, *order) for id_ in mails))

        return asyncio.run(main())

    with ThreadPoolExecutor(2) as threads:
        replies = [reply for each in threads.map(relay, (0, 1), engines) for reply in each]
    assert [reply.code for reply in replies] == [250] * (2 * MAILS)
    found = [link for mail in sink.mails for link in set(links(mail.raw))]
    assert len(found) == len(set(found)) == 2 * MAILS * len(CANDIDATES)
    for engine in engines:
        engine.dispose()
    looking = open_engine(postgresql_url)
    wait_until(lambda: not _ask(looking, _OTHERS), "the gateways' connections have ended")
    assert _ask(looking, _DEADLOCKS) == 0
    with reading_session(looking)() as session:
        assert list(session.scalars(select(ReferralRow.state))) == ["relayed"] * len(found)
    looking.dispose()


_OTHERS = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
"""A connection writes down its own when it ends, at the latest."""


def _ask(engine: Engine, question: str) -> int:
    with reading_session(engine)() as session:
        return int(session.scalars(text(question)).one())
