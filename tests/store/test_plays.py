"""Any sequence of acts keeps slots = ⌊counted / 10⌋; threads and processes at once do too."""

import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from gateway.core.account import Kind
from gateway.core.credit import Rule, Waits
from gateway.store import bounces, holds, ledger, referrals, rules, slots
from gateway.store.corrections import void
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.verify import verify
from tests.store.plays import USE, Play
from tests.store.records import NOW, relay, write_company
from workers.settle import settle_held, settle_referral

SEQUENCES = int(os.environ.get("CAREER_RELAY_SEQUENCES", "8"))
"""How many plays on a database; tests/core/test_account.py has 10,000 without one."""

FIRST_SEED = int(os.environ.get("CAREER_RELAY_FIRST_SEED", "1"))
ACTS = int(os.environ.get("CAREER_RELAY_ACTS", "25"))
PER_DATABASE = 500  # a long ledger of thousands of companies costs more than a new file
TURNS = 6


@pytest.mark.timeout(7200)
def test_any_sequence_keeps_the_invariants(sqlite_template: Path, tmp_path: Path) -> None:
    kinds: set[str] = set()
    end = FIRST_SEED + SEQUENCES
    for first in range(FIRST_SEED, end, PER_DATABASE):
        file = tmp_path / f"{first}.sqlite3"
        shutil.copyfile(sqlite_template, file)
        kinds |= _play(file, range(first, min(first + PER_DATABASE, end)))
        file.unlink()
    is_long = SEQUENCES * ACTS >= 50_000  # enough for what is rare in a short play
    assert not is_long or kinds == {kind.value for kind in Kind}


def _play(file: Path, seeds: range) -> set[str]:
    """Play with each seed in one database; return the kinds of entries that came of it."""
    engine = open_engine(f"sqlite:///{file}")

    @event.listens_for(engine, "connect")
    def relax(connection: object, _entry: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")  # type: ignore[attr-defined]

    for seed in seeds:
        Play(engine, seed).run(ACTS)
    with engine.connect() as connection:
        kinds = set(connection.scalars(text("SELECT DISTINCT kind FROM ledger_entry")))
    engine.dispose()
    return kinds


@pytest.mark.postgresql
def test_a_play_on_postgresql(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    for seed in (7,):
        Play(engine, seed).run(ACTS)
    engine.dispose()


@pytest.mark.postgresql
def test_eight_threads_at_once_keep_the_invariants(postgresql_url: str) -> None:
    """Relay, settle, void, use and count by changing rules, all at once on two companies."""
    engine = open_engine(postgresql_url)
    companies = [write_company(engine, name).company.id for name in ("Sakura", "Ume")]
    for company_id in companies:
        with writing_session(engine).begin() as session:
            rules.set_rule(session, company_id, Rule(burst_limit=0), "a test", NOW)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: _act_at_random(engine, companies, number), range(8)))
    with reading_session(engine)() as session:
        assert verify(session) == []
        sums = [ledger.balance(session, company_id) for company_id in companies]
    assert all(each.slots_earned == each.counted // 10 for each in sums)
    assert sum(each.counted for each in sums) > 20
    engine.dispose()


def _act_at_random(engine: Engine, companies: list[int], number: int) -> None:
    chance = random.Random(number)
    ids: list[int] = []
    for turn in range(TURNS):
        company_id = chance.choice(companies)
        with writing_session(engine).begin() as session:
            # half of the people are everybody's
            who = f"p{chance.randrange(60)}" if turn % 2 else f"own {number} {turn}"
            ids.append(relay(session, company_id, f"{number}/{turn}", who))
        for referral_id in chance.sample(range(1, max(ids) + 1), k=min(4, max(ids))):
            with writing_session(engine).begin() as session:
                settle_referral(session, referral_id, NOW)
                settle_held(session, referral_id, NOW)
                holds.wake(session, referral_id, Waits.OPENED, NOW)
        if chance.random() < 0.3:
            with writing_session(engine).begin() as session:
                void(session, chance.choice(ids), "wrong", "a test", NOW)
            with writing_session(engine).begin() as session:
                bounces.reverse(session, chance.choice(ids), "5.1.1", NOW)
        with writing_session(engine).begin() as session:
            listed = [slot.number for slot in slots.list_slots(session, company_id)]
            for slot in listed[:1]:
                USE[chance.choice(list(USE))](session, company_id, slot, NOW)
    for referral_id in ids:
        with writing_session(engine).begin() as session:
            settle_referral(session, referral_id, NOW)


_PROCESS = """
import sys
from gateway.store.engine import open_engine
from tests.store.test_plays import _act_at_random
engine = open_engine(sys.argv[1])
for number in map(int, sys.argv[3:]):
    _act_at_random(engine, [int(sys.argv[2])], number)
    print(number, flush=True)
"""


def _start(url: str, company_id: int, *numbers: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROCESS, url, str(company_id), *map(str, numbers)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    )


@pytest.mark.postgresql
@pytest.mark.timeout(400)
def test_eight_processes_keep_the_invariants_though_two_are_killed(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    company_id = write_company(engine).company.id
    running = [_start(postgresql_url, company_id, number, number + 10) for number in range(2)]
    running += [_start(postgresql_url, company_id, number) for number in range(2, 8)]
    try:
        for process in running[:2]:  # in the midst of their second turn
            assert process.stdout is not None
            process.stdout.readline()
            process.kill()
        assert [process.wait(300) for process in running[2:]] == [0] * 6
    finally:
        for process in running:
            process.kill()
            process.communicate()
    _settle_the_rest(engine)
    with reading_session(engine)() as session:
        found = verify(session)
        sums = ledger.balance(session, company_id)
    engine.dispose()
    assert found == []
    assert sums.slots_earned == sums.counted // 10 >= 1


def _settle_the_rest(engine: Engine) -> None:
    """Do what the sweep does for those that were killed."""
    with reading_session(engine)() as session:
        left = referrals.unsettled(session, NOW)
    for referral_id in left:
        with writing_session(engine).begin() as session:
            settle_referral(session, referral_id, NOW)
