"""Outages of next hops as several gateways write them, on both databases."""

import dataclasses
import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from gateway.settings import HostPort
from gateway.store.engine import reading_session, writing_session
from gateway.store.outages import (
    MOST_CAUSE,
    Failures,
    Outage,
    describe_outage,
    failing_hosts,
    list_outages,
    mark_told,
    note_failures,
    note_taken,
    open_outages,
    over_and_untold,
)
from tests.store.records import NOW, write_company

HOST = HostPort("::1", 25)
MINUTE = timedelta(minutes=1)


def fail(engine: Engine, minutes: int, count: int = 1, host: HostPort = HOST) -> None:
    at = NOW + minutes * MINUTE
    with writing_session(engine).begin() as session:
        note_failures(session, Failures(1, host, at, at, count, f"4{minutes:02} to MAIL"))


def take(engine: Engine, minutes: int) -> None:
    with writing_session(engine).begin() as session:
        note_taken(session, 1, HOST, NOW + minutes * MINUTE)


def the_outage(engine: Engine) -> Outage:
    with reading_session(engine)() as session:
        (outage,) = list_outages(session, 1)
    return outage


@pytest.fixture(autouse=True)
def company(engine: Engine) -> None:
    """Write the company whose next hop it is."""
    write_company(engine)


def test_failures_add_up_until_a_mail_is_taken(engine: Engine) -> None:
    fail(engine, 0, 2)
    fail(engine, 20, 3)
    outage = the_outage(engine)
    assert (outage.host, outage.began_at, outage.failures) == ("[::1]:25", NOW, 5)
    assert (outage.cause, outage.minutes, outage.is_lasting) == ("420 to MAIL", 20, True)
    with reading_session(engine)() as session:
        assert failing_hosts(session) == {(1, "[::1]:25")}
    take(engine, 30)
    outage = the_outage(engine)
    assert (outage.ended_at, outage.failures) == (NOW + 30 * MINUTE, 5)
    with reading_session(engine)() as session:
        assert failing_hosts(session) == frozenset()
    take(engine, 40)
    assert the_outage(engine) == outage
    fail(engine, 50)
    outage = the_outage(engine)
    assert (outage.began_at, outage.failures, outage.ended_at) == (NOW + 50 * MINUTE, 1, None)


def test_what_comes_late_changes_nothing(engine: Engine) -> None:
    fail(engine, 10)
    take(engine, 5)
    assert the_outage(engine).ended_at is None
    take(engine, 20)
    fail(engine, 15)
    assert the_outage(engine).ended_at == NOW + 20 * MINUTE


def test_a_taken_mail_of_a_host_that_never_failed_is_no_row(engine: Engine) -> None:
    take(engine, 0)
    with reading_session(engine)() as session:
        assert list_outages(session, 1) == ()


def test_a_host_that_nobody_tries_for_a_day_is_not_shown_as_failing(engine: Engine) -> None:
    fail(engine, 0)
    with reading_session(engine)() as session:
        assert len(open_outages(session, NOW + timedelta(hours=23))) == 1
        assert open_outages(session, NOW + timedelta(hours=25)) == ()


def test_the_end_is_owed_to_whoever_was_told_of_the_beginning(engine: Engine) -> None:
    for was_told in (False, True):
        fail(engine, 30 if was_told else 0)
        outage = the_outage(engine)
        with writing_session(engine).begin() as session:
            mark_told(session, outage, NOW if was_told else None)
            assert over_and_untold(session) == ()
        take(engine, 40 if was_told else 10)
        with writing_session(engine).begin() as session:
            assert len(over_and_untold(session)) == was_told
            mark_told(session, outage, None)
            assert over_and_untold(session) == ()


def test_gateways_that_write_at_once_lose_nothing(engine: Engine) -> None:
    hosts = [HOST, HostPort("mx.example", 25)]

    def write(order: list[HostPort]) -> None:
        for minutes in range(10):
            for host in order:
                fail(engine, minutes, host=host)

    threads = [threading.Thread(target=write, args=(hosts[::step],)) for step in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading_session(engine)() as session:
        assert [one.failures for one in list_outages(session, 1)] == [20, 20]


def test_a_long_cause_and_a_long_name_have_their_place(engine: Engine) -> None:
    host = HostPort(f"{'a' * 60}." * 5 + "example", 25)
    failures = Failures(1, host, NOW, NOW, 1, "x" * 1000)
    with writing_session(engine).begin() as session:
        note_failures(session, failures)
        note_failures(session, dataclasses.replace(failures, cause=""))
        note_failures(session, failures)
        note_taken(session, 1, host, NOW + MINUTE)
    outage = the_outage(engine)
    assert (outage.cause, outage.failures) == ("x" * MOST_CAUSE, 3)
    assert outage.ended_at == NOW + MINUTE


def test_an_outage_in_words_says_since_when_and_why(engine: Engine) -> None:
    fail(engine, 0)
    met = "mails: 1, the last: 400 to MAIL"
    said = describe_outage(the_outage(engine))
    assert said == f"[::1]:25 took no mail since 2026-04-01 09:30 UTC ({met})"
    take(engine, 30)
    said = describe_outage(the_outage(engine))
    assert said == f"[::1]:25 took no mail from 2026-04-01 09:30 to 2026-04-01 10:00 UTC ({met})"
