"""Counting rules in versions, and referrals that wait: opened, joined, hours, a person's look."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from gateway.core.account import Kind
from gateway.core.credit import DEFAULT_RULE, CountAt, NotCounted, Rule, Waits
from gateway.errors import CareerRelayError
from gateway.store import holds, ledger, visits
from gateway.store.corrections import void
from gateway.store.engine import reading_session, writing_session
from gateway.store.rules import list_rules, rule_at, set_rule
from gateway.store.simulate import simulate
from gateway.store.verify import verify
from tests.store.records import NOW, relay, write_company
from tests.workers.work import Clock, make_tools, relay_many, settle
from workers.settle import settle_held
from workers.sweep import settle_due

DAY = timedelta(days=1)


def _company(engine: Engine, rule: Rule, since: datetime = NOW - DAY) -> int:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        set_rule(session, company_id, rule, "a test", since)
    return company_id


def _entries(engine: Engine, company_id: int) -> list[tuple[str, str | None, str]]:
    with reading_session(engine)() as session:
        assert verify(session) == []
        rows = ledger.entries(session, company_id)
        return [(row.kind.value, row.reason, _number(row.rule_version)) for row in rows]


def _number(version: str) -> str:
    """Return a version without the digest of what it says."""
    return version.partition(".")[0]


def _decide(engine: Engine, referral_id: int, now: datetime) -> None:
    with writing_session(engine).begin() as session:
        settle_held(session, referral_id, now)


def test_a_rule_is_in_force_from_its_moment_on_and_the_same_is_no_new_version(
    engine: Engine,
) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        set_rule(session, company_id, Rule(), "a test", NOW - DAY)
        for days, window in ((0, 30), (1, 30), (2, 60)):
            set_rule(session, company_id, Rule(window_days=window), "a test", NOW + days * DAY)
        versions = list_rules(session, company_id)
        assert [_number(each.rule.version) for each in versions] == ["own-1", "own-2"]
        assert rule_at(session, company_id, NOW - DAY / 2) == DEFAULT_RULE
        assert rule_at(session, company_id, NOW).window_days == 30
        assert rule_at(session, company_id, NOW + 3 * DAY) == versions[1].rule
        with pytest.raises(CareerRelayError, match="window_days"):
            set_rule(session, company_id, Rule(window_days=-1), "a test", NOW)
    for statement in ("UPDATE counting_rule SET window_days = 1", "DELETE FROM counting_rule"):
        with (
            pytest.raises(Exception, match="never changed"),
            writing_session(engine).begin() as session,
        ):
            session.execute(text(statement))


def test_a_changed_rule_does_not_touch_what_was_relayed_before(engine: Engine) -> None:
    company_id = _company(engine, Rule(count_at=CountAt.OPENED), since=NOW + DAY)
    (before,) = relay_many(engine, company_id, 0, 1)
    settle(engine, before, NOW + 2 * DAY)
    with writing_session(engine).begin() as session:
        after = relay(session, company_id, "m", "c", NOW + DAY)
    settle(engine, after, NOW + 2 * DAY)
    assert _entries(engine, company_id) == [
        ("counted", None, "2026-1"),
        ("held", "until-opened", "own-1"),
    ]


def test_a_referral_counts_when_a_person_went_on(engine: Engine) -> None:
    company_id = _company(engine, Rule(count_at=CountAt.OPENED))
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    settle(engine, referral_id)
    _decide(engine, referral_id, NOW)
    assert len(_entries(engine, company_id)) == 1
    with writing_session(engine).begin() as session:
        assert visits.mark_opened(session, referral_id, NOW)
        assert holds.due(session, NOW) == (referral_id,)
    for _ in range(2):
        _decide(engine, referral_id, NOW)
    assert _entries(engine, company_id)[1:] == [("counted", None, "own-1")]


def test_who_went_on_before_the_workers_came_counts_at_once(engine: Engine) -> None:
    company_id = _company(engine, Rule(count_at=CountAt.OPENED))
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    with writing_session(engine).begin() as session:
        visits.mark_opened(session, referral_id, NOW)
    settle(engine, referral_id)
    assert _entries(engine, company_id) == [("counted", None, "own-1")]


def test_joining_counts_where_only_that_does(engine: Engine) -> None:
    company_id = _company(engine, Rule(count_at=CountAt.REGISTERED))
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    settle(engine, referral_id)
    with writing_session(engine).begin() as session:
        visits.mark_opened(session, referral_id, NOW)
        assert holds.due(session, NOW) == ()
        assert visits.mark_registered(session, referral_id, NOW)
        assert not visits.mark_registered(session, referral_id, NOW)
    _decide(engine, referral_id, NOW)
    assert [kind for kind, *_ in _entries(engine, company_id)] == ["held", "counted"]


def test_hold_hours_pass_and_the_sweep_counts(engine: Engine) -> None:
    company_id = _company(engine, Rule(hold_hours=24))
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    clock = Clock(NOW + timedelta(hours=1))
    tools = make_tools(engine, clock)
    assert settle_due(tools) == 1
    assert settle_due(tools) == 0
    with writing_session(engine).begin() as session:
        assert not holds.release(session, referral_id, "an operator", clock.time)
        assert holds.due(session, clock.time) == ()
    clock.time = NOW + DAY
    assert settle_due(tools) == 1
    assert _entries(engine, company_id) == [
        ("held", "hold-hours", "own-1"),
        ("counted", None, "own-1"),
    ]


def test_a_burst_waits_for_a_person(engine: Engine) -> None:
    company_id = _company(engine, Rule(burst_limit=1))
    ids = relay_many(engine, company_id, 0, 52)
    for referral_id in ids:
        settle(engine, referral_id)
    found = _entries(engine, company_id)
    # five slots among them: the ledger's entries are what is counted, fifty times the limit
    assert [kind for kind, *_ in found].count("counted") == 46
    assert found[-1] == ("held", "burst", "own-1")
    with writing_session(engine).begin() as session:
        waiting = holds.list_holds(session, company_id)
        assert [hold.referral_id for hold in waiting] == ids[46:]
        assert holds.count_holds(session, company_id) == 6
        assert {hold.waits_for for hold in waiting} == {Waits.REVIEW}
        assert holds.release(session, ids[50], "an operator", NOW)
        assert not holds.release(session, ids[0], "an operator", NOW)
        void(session, ids[51], "forged", "an operator", NOW)
    _decide(engine, ids[50], NOW)
    with reading_session(engine)() as session:
        newest = ledger.entries(session, company_id)[-3:]
    assert [(entry.kind, entry.reason, entry.actor) for entry in newest] == [
        (Kind.WITHDRAWN, "forged", "an operator"),
        (Kind.NOT_COUNTED, NotCounted.VOIDED, "an operator"),
        (Kind.COUNTED, None, "an operator"),
    ]
    assert len(_entries(engine, company_id)) == len(found) + 3


def test_a_wait_that_ends_within_a_burst_goes_on_until_a_person_looks(engine: Engine) -> None:
    company_id = _company(engine, Rule(hold_hours=1, burst_limit=1))
    ids = relay_many(engine, company_id, 0, 50)
    for referral_id in ids:
        settle(engine, referral_id)
    later = NOW + timedelta(hours=1)
    _decide(engine, ids[0], later)
    assert _entries(engine, company_id) == [("held", "hold-hours", "own-1")] * 50
    _decide(engine, ids[0], NOW + 30 * DAY)  # no burst any more, and nobody has looked
    assert len(_entries(engine, company_id)) == 50
    with writing_session(engine).begin() as session:
        found = {hold.referral_id: hold for hold in holds.list_holds(session, company_id)}
        assert (found[ids[0]].waits_for, found[ids[0]].until) == (Waits.REVIEW, None)
        assert holds.release(session, ids[0], "an operator", later)
    _decide(engine, ids[0], later)
    assert _entries(engine, company_id)[50:] == [("counted", None, "own-1")]


def test_a_wait_that_a_clock_ended_that_was_ahead_is_over(engine: Engine) -> None:
    company_id = _company(engine, Rule(count_at=CountAt.OPENED))
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    settle(engine, referral_id)
    with writing_session(engine).begin() as session:
        visits.mark_opened(session, referral_id, NOW + DAY)
        assert holds.count_due(session, NOW) == 1
        assert holds.due(session, NOW) == (referral_id,)
    _decide(engine, referral_id, NOW)
    assert _entries(engine, company_id)[1:] == [("counted", None, "own-1")]


def test_a_hold_that_got_lost_is_named(engine: Engine) -> None:
    company_id = _company(engine, Rule(hold_hours=24))
    (referral_id,) = relay_many(engine, company_id, 0, 1)
    settle(engine, referral_id)
    with writing_session(engine).begin() as session:
        assert holds.take(session, referral_id) is not None
    with reading_session(engine)() as session:
        (problem,) = verify(session)
    assert (problem.seq, "nothing says what it waits for" in problem.what) == (1, True)


def test_another_rule_is_simulated_and_nothing_written(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        ids = [
            relay(session, company_id, f"m{number}", f"c{number % 12}", NOW + number * DAY)
            for number in range(30)
        ]
        visits.mark_opened(session, ids[3], NOW)
        void_later = ids[11]
    for referral_id in ids:
        settle(engine, referral_id, NOW + 40 * DAY)
    with writing_session(engine).begin() as session:
        void(session, void_later, "wrong", "a test", NOW + 40 * DAY)
    before = _entries(engine, company_id)

    def run(rule: Rule, since: datetime = NOW) -> tuple[int, int, int]:
        with reading_session(engine)() as session:
            done = simulate(session, company_id, rule, since)
        return done.counted, done.duplicates, done.waiting

    assert run(Rule()) == (12, 17, 0)  # c11 counts by its second mail: the first was voided
    assert run(Rule(), NOW + 12 * DAY) == (1, 17, 0)
    assert run(Rule(window_days=0)) == (29, 0, 0)
    assert run(Rule(count_at=CountAt.OPENED)) == (1, 0, 28)
    assert _entries(engine, company_id) == before
