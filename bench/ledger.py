"""How the ledger and the log answer when they are long: medians on PostgreSQL.

    python -m bench.ledger [--sizes 10000,100000,1000000] [--url URL]

Without --url a throw-away PostgreSQL cluster is started. For each size a fresh database is
filled: a thousand companies, each with its share of settled referrals, their mails, a hash chain
that verifies and its slots. Rows go in by COPY with the triggers off, for the filling is not what
is measured. Then each question is asked again and again, of companies and days drawn by lot.
"""

import argparse
import contextlib
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bench.filling import COMPANIES, KEY, SPAN, candidate_of, fill, token_of
from gateway.core.verdict import Verdict
from gateway.core.why import Why
from gateway.store import ledger, mails, outbox, overview, referrals, who
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.gauges import read_gauges
from gateway.store.migrate import migrate
from tests.services import postgresql_cluster
from tests.store.records import relay
from workers.settle import settle_referral

_TIMES = 41
_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_BOUND_MILLISECONDS = 200.0

Question = Callable[[Session, random.Random], object]


@dataclass(frozen=True, slots=True)
class Answer:
    """How long one question took: median and slowest, milliseconds."""

    name: str
    median: float
    slowest: float


def main() -> None:
    """Measure each size and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--url", help="an empty PostgreSQL database's server, ending in /")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    columns: dict[int, list[Answer]] = {}
    for size in sizes:
        with _database(options.url, size) as engine:
            began = time.monotonic()
            fill(engine, size, _NOW)
            took = time.monotonic() - began
            print(f"{size:,} referrals written in {took:.0f} s", flush=True)  # noqa: T201
            columns[size] = [*_ask_all(engine, size), *_settle(engine)]
    print_table(columns)


@contextlib.contextmanager
def _database(server: str | None, size: int) -> Iterator[Engine]:
    with contextlib.ExitStack() as stack:
        if server is None:
            cluster = stack.enter_context(postgresql_cluster())
            cluster.execute(f"CREATE DATABASE filled_{size}")
            url = cluster.url(f"filled_{size}")
        else:
            url = f"{server}filled_{size}"
        migrate(url)
        engine = open_engine(url)
        stack.callback(engine.dispose)
        yield engine


def _company(lot: random.Random) -> int:
    return lot.randrange(COMPANIES) + 1


def _day(lot: random.Random) -> tuple[datetime, datetime]:
    start = _NOW - SPAN + timedelta(days=lot.randrange(SPAN.days))
    return start, start + timedelta(days=1)


def _company_page(session: Session, lot: random.Random) -> object:
    """Read all that the page of a company shows."""
    company_id = _company(lot)
    return (
        ledger.entries(session, company_id, limit=201),
        ledger.balance(session, company_id),
        outbox.list_notifications(session, company_id, 20),
    )


def _one_day(session: Session, lot: random.Random, company_id: int | None) -> object:
    since, until = _day(lot)
    return mails.list_mails(session, company_id=company_id, since=since, until=until)


def _of_candidate(session: Session, lot: random.Random, size: int) -> object:
    found = who.referrals_of(session, KEY, candidate_of(lot.randrange(size)))
    assert found
    return mails.list_mails(session, referrals=found)


def _of_token(session: Session, lot: random.Random, size: int) -> object:
    found = who.referrals_of(session, KEY, token_of(lot.randrange(size)))
    assert found
    return mails.list_mails(session, referrals=found)


def _questions(size: int) -> dict[str, Question]:
    since = _NOW - timedelta(hours=1)
    return {
        "company page (ledger)": _company_page,
        "log, newest": lambda s, _: mails.list_mails(s),
        "log, company": lambda s, lot: mails.list_mails(s, company_id=_company(lot)),
        "log, verdict": lambda s, _: mails.list_mails(s, verdict=Verdict.POSSIBLE),
        "log, reason": lambda s, _: mails.list_mails(s, why=Why.SIGNED),
        "log, company and verdict": lambda s, lot: mails.list_mails(
            s, company_id=_company(lot), verdict=Verdict.POSSIBLE
        ),
        "log, one day": lambda s, lot: _one_day(s, lot, None),
        "log, one day of a company": lambda s, lot: _one_day(s, lot, _company(lot)),
        "log, one day and reason": lambda s, lot: mails.list_mails(
            s, why=Why.SIGNED, since=_day(lot)[0]
        ),
        "log, candidate": lambda s, lot: _of_candidate(s, lot, size),
        "log, token": lambda s, lot: _of_token(s, lot, size),
        "mails today": lambda s, _: overview.count_mails(s, since),
        "unsettled": lambda s, _: referrals.unsettled(s, _NOW),
        "gauges": lambda s, _: read_gauges(s, _NOW),
    }


def _ask_all(engine: Engine, size: int) -> Iterator[Answer]:
    lot = random.Random(size)  # noqa: S311  no secret
    for name, ask in _questions(size).items():
        yield _measure(name, lambda ask=ask: _ask(engine, ask, lot))  # type: ignore[misc]


def _ask(engine: Engine, question: Question, lot: random.Random) -> None:
    with reading_session(engine)() as session:
        question(session, lot)


def _settle(engine: Engine) -> Iterator[Answer]:
    """Settle fresh referrals of a company, ten of which make a slot."""
    with writing_session(engine).begin() as session:
        ids = [relay(session, 1, f"new-{n}", f"new-{n}", _NOW) for n in range(_TIMES + 1)]
    left = iter(ids)

    def settle_one() -> None:
        with writing_session(engine).begin() as session:
            settle_referral(session, next(left), _NOW)

    yield _measure("settle one referral", settle_one)


def _measure(name: str, act: Callable[[], None]) -> Answer:
    act()  # the first one plans
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return Answer(name, statistics.median(took), max(took))


def print_table(columns: dict[int, list[Answer]]) -> None:
    """Print a row a question and a column a size: median (slowest) in milliseconds."""
    print("question".ljust(28), *(f"{size:>18,}" for size in columns))  # noqa: T201
    worst = 0.0
    for row in zip(*columns.values(), strict=True):
        shown = (f"{answer.median:8.1f} ({answer.slowest:6.0f})".rjust(18) for answer in row)
        print(row[0].name.ljust(28), *shown)  # noqa: T201
        worst = max(worst, *(answer.median for answer in row))
    print(f"slowest median {worst:.1f} ms, bound {_BOUND_MILLISECONDS:.0f} ms")  # noqa: T201


if __name__ == "__main__":
    main()
