"""Queries that run for every mail or every few seconds: each finds its rows by an index."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash
from gateway.core.copy_mark import CopyMark
from gateway.core.link import MessageKey
from gateway.store import (
    credentials,
    hindrances,
    ledger,
    mails,
    members,
    outbox,
    overview,
    points,
    recent_letters,
    referrals,
    reported,
    reviews,
    webhooks,
)
from gateway.store.due import due
from gateway.store.engine import open_engine, writing_session
from gateway.store.outbox import Event, NotificationRow
from gateway.store.review_rows import load_answers
from tests.store import reserving
from tests.store.records import NOW, make_mail, make_referral, relay, write_company
from tests.store.traces import traced
from workers.settle import settle_referral

HASH = CandidateHash("y")


@contextmanager
def _plans(engine: Engine) -> Iterator[list[str]]:
    """Collect SQLite's plan of every statement that is run meanwhile.

    In SQLAlchemy's words, with places for values, as SQLite plans them; what goes to the driver by
    itself (ready.py) is seen with its values put in, which is the same where no index is partial.
    """
    plans: list[str] = []

    def explain(
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE")):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(f"{line[3]}   of   {statement}" for line in cursor.fetchall())

    event.listen(engine, "before_cursor_execute", explain)
    with traced(engine) as statements:
        yield plans
    event.remove(engine, "before_cursor_execute", explain)
    with closing(sqlite3.connect(engine.url.database or "")) as other:
        for statement in statements:
            if statement.startswith(("SELECT", "INSERT", "UPDATE")):
                lines = other.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
                plans.extend(f"{line[3]}   of   {statement}" for line in lines)


QUERIES: list[tuple[str, Callable[[Session], object]]] = [
    ("settle", lambda session: settle_referral(session, 2, NOW)),
    ("unsettled", lambda session: referrals.unsettled(session, NOW)),
    ("stale", lambda session: referrals.stale_relaying(session, NOW)),
    ("due", lambda session: due(session, NOW)),
    ("exhausted", lambda session: outbox.park_exhausted(session, NOW)),
    ("claim", lambda session: outbox.claim(session, 1, "<a@b>", NOW)),
    (
        "reserve",
        lambda s: reserving.reserve(s, make_referral(1, "x", "y"), make_mail(1, "z"), NOW),
    ),
    ("hindrances", lambda s: hindrances.find_hindrances(s, [CopyMark("x")], [HASH], [1], NOW)),
    (
        "again",
        lambda s: reserving.reserve(s, make_referral(1, "a", "a"), make_mail(1, "z"), NOW),
    ),
    ("confirm", lambda session: reserving.confirm(session, 1, NOW)),
    ("refuse", lambda session: reserving.refuse(session, 1)),
    ("token", lambda session: referrals.find_by_token_hash(session, "0")),
    ("entry of", lambda session: ledger.entry_of_referral(session, 1)),
    ("balance", lambda session: ledger.balance(session, 1)),
    ("entries", lambda session: ledger.entries(session, 1)),
    ("log", lambda session: mails.list_mails(session, company_id=1)),
    ("whole log", mails.list_mails),
    ("mail", lambda session: mails.find_mail(session, "q")),
    ("reviews waiting", lambda session: reviews.waiting(session, 1)),
    ("answers", lambda session: reviews.answers(session, 1)),
    ("answers that decide", load_answers),
    ("answers of one that decide", lambda session: load_answers(session, 1)),
    ("a mail as a letter", lambda session: recent_letters.find_recent(session, 1, "q")),
    ("standing", lambda session: reviews.standing(session, 1)),
    ("notifications", lambda session: outbox.list_notifications(session, 1)),
    ("who is told", lambda session: members.told_by_mail(session, 1, Event.TEST)),
    ("members", lambda session: members.list_members(session, 1)),
    ("webhooks that hear", lambda session: webhooks.hear(session, 1, Event.TEST)),
    ("api token", lambda session: credentials.find_api_token(session, "x", NOW)),
    ("reported by queue id", lambda session: reported.of_queue_id(session, 1, "q")),
    ("reported by Message-ID", lambda session: reported.of_message(session, 1, MessageKey("x"))),
    ("park", lambda session: outbox.park_waiting(session, NotificationRow.endpoint_id == 1)),
]
BOUNDED: list[tuple[str, Callable[[Session], object]]] = [
    ("entries", lambda session: ledger.entries(session, 1, after_seq=1, limit=1)),
    ("points", lambda session: points.open_points(session, 1)),
    ("mails since", lambda session: overview.count_mails(session, NOW)),
    ("possible", overview.count_possible),
    ("unsettled", referrals.count_unsettled),
    ("unknown", lambda session: referrals.count_stale_relaying(session, NOW)),
    ("caused by", lambda session: outbox.caused_by(session, [1, 2])),
]


@pytest.mark.parametrize(
    "query", [query for _, query in QUERIES], ids=[name for name, _ in QUERIES]
)
def test_an_index_finds_the_rows(sqlite_url: str, query: Callable[[Session], object]) -> None:
    engine = open_engine(sqlite_url)
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        settle_referral(session, relay(session, company_id, "a", "a"), NOW)
        relay(session, company_id, "b", "a")
    with writing_session(engine).begin() as session, _plans(engine) as plans:
        query(session)
    engine.dispose()
    assert plans
    scans = [plan for plan in plans if plan.startswith("SCAN") and "USING" not in plan[:80]]
    scans = [scan for scan in scans if "VIRTUAL TABLE" not in scan[:80]]  # a list in a parameter
    # of rows found; of no row at all
    scans = [scan for scan in scans if not scan.startswith(("SCAN (subquery", "SCAN CONSTANT"))]
    # the newest mails of all: from the end of the table, as many as the page holds
    assert [scan for scan in scans if "ORDER BY mail.id DESC" not in scan] == []


@pytest.mark.parametrize(
    "query", [query for _, query in BOUNDED], ids=[name for name, _ in BOUNDED]
)
def test_no_table_is_read_from_end_to_end(
    sqlite_url: str, query: Callable[[Session], object]
) -> None:
    engine = open_engine(sqlite_url)
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        settle_referral(session, relay(session, company_id, "a", "a"), NOW)
        settle_referral(session, relay(session, company_id, "b", "a"), NOW)
    with writing_session(engine).begin() as session, _plans(engine) as plans:
        query(session)
    engine.dispose()
    assert plans
    scans = [plan for plan in plans if plan.startswith("SCAN")]
    partial = ("USING INDEX ix_referral", "USING COVERING INDEX ix_referral")  # a handful of rows
    assert [s for s in scans if not any(p in s for p in partial) and "anon_1  " not in s] == []
