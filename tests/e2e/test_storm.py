"""Everything falls over while rejections are sent: afterwards each one is counted, once."""

import dataclasses
import email
import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from gateway.store.engine import open_engine, reading_session
from gateway.store.ledger import balance
from gateway.store.ledger_rows import LedgerEntryRow
from gateway.store.outbox import NotificationRow
from gateway.store.referrals import ReferralRow, count_unsettled
from gateway.store.verify import verify
from tests.e2e.conftest import add_company
from tests.e2e.program import Installation, new_installation
from tests.e2e.sink import Sink
from tests.e2e.storm import CONTACT, Redis, Sender, Workers, killing, letter
from tests.e2e.test_processes import procfile
from tests.services import PostgreSQL, postgresql_cluster, wait_until

MAILS = int(os.environ.get("STORM_MAILS", "150"))
"""2,000 by hand: STORM_MAILS=2000 pytest -s tests/e2e/test_storm.py."""

_SENDERS = 4
_SECONDS = max(20.0, MAILS / 20)  # that the sending takes at least, so that the storm fits in
_SETTLED_WITHIN = 60.0


@dataclasses.dataclass
class Place:
    """Two gateways on one PostgreSQL and one Redis, each in a folder of its own."""

    gateways: tuple[Installation, Installation]
    postgresql: PostgreSQL
    redis: Redis
    engine: Engine


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with postgresql_cluster() as cluster:
        cluster.execute("CREATE DATABASE storm")
        redis = Redis(tmp_path)
        redis.start()
        settings = {
            "CAREER_RELAY_DATABASE_URL": cluster.url("storm"),
            "CAREER_RELAY_REDIS_URL": redis.url,
            "CAREER_RELAY_SECRET_KEY": "0123456789abcdef" * 4,
        }
        folders = (tmp_path / "a", tmp_path / "b")
        for folder in folders:
            folder.mkdir()
        one, two = (new_installation(folder, **settings) for folder in folders)
        released = one.run(*procfile()["release"][1:])
        assert released.returncode == 0, released.stderr.decode()
        engine = open_engine(cluster.url("storm"))
        try:
            yield Place((one, two), cluster, redis, engine)
        finally:
            engine.dispose()
            redis.stop()


@pytest.mark.postgresql
@pytest.mark.redis
@pytest.mark.timeout(600 + MAILS)
def test_what_was_accepted_in_a_storm_is_counted_once_and_told(place: Place, sink: Sink) -> None:
    one, two = place.gateways
    workers = Workers(one, procfile()["worker"])
    login = add_company(one, sink)
    sender = Sender(
        (one.smtp, two.smtp),
        (login["smtp_user"], login["smtp_password"]),
        seconds_between=_SECONDS / MAILS * _SENDERS,
    )
    gateway = procfile()["gateway"]
    with one.process(*gateway), two.process(*gateway):
        try:
            with killing(workers, 3, seconds=3.0):
                _send_in_the_storm(place, sender)
            calm = time.monotonic()
            wait_until(lambda: _count(place, count_unsettled) == 0, "all settled", _SETTLED_WITHIN)
            settled_after = time.monotonic() - calm
            wait_until(lambda: _undelivered(place) == 0, "all delivered", 120)
            delivered_after = time.monotonic() - calm
        finally:
            workers.stop()
    check_counted_once(place, sink)
    doubled = check_delivered(place, sink)
    print(  # noqa: T201  the numbers are what a run by hand is for
        f"{MAILS} mails, {sender.retries} retries of the sender, {workers.kills} workers killed: "
        f"settled {settled_after:.1f} s and delivered {delivered_after:.1f} s after the storm, "
        f"{len(sink.mails)} mails at the next hop, {doubled} notifications doubled"
    )


def _send_in_the_storm(place: Place, sender: Sender) -> None:
    """Send all letters; at parts of the way something falls over."""
    events: list[tuple[float, Callable[[], None]]] = [
        (0.2, place.redis.flush),
        (0.35, place.redis.restart),
        (0.5, place.postgresql.restart),
        (0.7, place.redis.flush),
    ]
    share = MAILS // _SENDERS
    bounds = [share * index for index in range(_SENDERS)] + [MAILS]
    threads = [
        threading.Thread(target=sender.send_all, args=(range(*pair),), daemon=True)
        for pair in itertools.pairwise(bounds)
    ]
    for thread in threads:
        thread.start()
    for part, event in events:
        wait_until(
            lambda part=part: len(sender.accepted) >= MAILS * part,  # type: ignore[misc]
            f"{part:.0%} accepted",
            60 + MAILS,
        )
        event()
    for thread in threads:
        thread.join()
    assert len(sender.accepted) == MAILS


def _count(place: Place, count: Callable[..., int]) -> int:
    with reading_session(place.engine)() as session:
        return count(session)


def _undelivered(place: Place) -> int:
    query = select(func.count()).select_from(NotificationRow)
    return _count(
        place, lambda session: session.scalar(query.where(NotificationRow.state != "sent")) or 0
    )


def check_counted_once(place: Place, sink: Sink) -> None:
    """Look at every candidate, every slot and every entry."""
    with reading_session(place.engine)() as session:
        sums = balance(session, 1)
        counted = session.scalars(
            select(LedgerEntryRow.referral_id).where(LedgerEntryRow.kind == "counted")
        ).all()
        states = Counter(session.scalars(select(ReferralRow.state)))
        assert not verify(session)
    assert states == {"relayed": MAILS}
    assert len(counted) == len(set(counted)) == MAILS
    assert (sums.counted, sums.slots_earned, sums.points) == (MAILS, MAILS // 10, MAILS % 10)
    arrived = {recipient for mail in sink.mails for recipient in mail.recipients}
    assert arrived == {CONTACT, *(letter(number)[0] for number in range(MAILS))}


def check_delivered(place: Place, sink: Sink) -> int:
    """Look at every notification; return how many came twice."""
    with reading_session(place.engine)() as session:
        written = session.scalars(select(NotificationRow.message_id)).all()
    came = Counter(email.message_from_bytes(mail.raw)["Message-ID"] for mail in sink.to(CONTACT))
    assert len(written) == 1 + (MAILS + 5) // 10 + MAILS // 10
    assert {line.strip("<>").partition("@")[0] for line in came} == set(written)
    return sum(times - 1 for times in came.values())
