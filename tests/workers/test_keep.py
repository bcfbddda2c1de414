"""What time brings: slots end, with a word beforehand; candidates are forgotten."""

from datetime import timedelta

from sqlalchemy import Engine

from gateway.core.account import Kind
from gateway.core.credit import Rule
from gateway.store import outbox, retention, slots
from gateway.store.engine import reading_session, writing_session
from gateway.store.ledger import balance
from gateway.store.outbox import Event
from gateway.store.rules import set_rule
from gateway.store.verify import verify
from tests.store.records import NOW, write_company
from tests.workers.sink import Sink
from tests.workers.work import Clock, make_tools, relay_many, settle
from workers.keep import keep
from workers.sweep import deliver_due
from workers.watch import Watch

DAY = timedelta(days=1)


def _events(engine: Engine) -> list[Event]:
    with reading_session(engine)() as session:
        return [row.event for row in outbox.list_notifications(session, 1)][::-1]


def test_a_slot_is_told_of_when_it_is_used_returned_ends_soon_and_ends(
    engine: Engine, sink: Sink
) -> None:
    company_id = write_company(engine).company.id
    with writing_session(engine).begin() as session:
        set_rule(session, company_id, Rule(slot_days=60), "a test", NOW - DAY)
    for referral_id in relay_many(engine, company_id, 0, 10):
        settle(engine, referral_id)
    with writing_session(engine).begin() as session:
        number = slots.reserve_slot(session, company_id, "a test", NOW)
        slots.use_slot(session, company_id, number, Kind.RETURNED, "a test", NOW)
    clock = Clock(NOW + 29 * DAY)
    tools = make_tools(engine, clock, via=sink.address)
    Watch(tools).look()
    assert _events(engine)[3:5] == [Event.SLOT_USED, Event.SLOT_RETURNED]
    assert Event.SLOT_EXPIRING not in _events(engine)
    clock.time = NOW + 31 * DAY
    for _ in range(2):
        Watch(tools).look()
        assert keep(tools) == (retention.Forgotten(), 0)
    assert _events(engine).count(Event.SLOT_EXPIRING) == 1
    clock.time = NOW + 60 * DAY
    assert keep(tools) == (retention.Forgotten(), 1)
    assert keep(tools) == (retention.Forgotten(), 0)
    assert _events(engine).count(Event.SLOT_EXPIRED) == 1
    with reading_session(engine)() as session:
        assert balance(session, company_id).slots_expired == 1
        assert not verify(session)
    assert deliver_due(tools)[0] == len(_events(engine)) == len(sink.mails)


def test_candidates_are_forgotten_when_their_time_is_over(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    for referral_id in relay_many(engine, company_id, 0, 3):
        settle(engine, referral_id)
    with writing_session(engine).begin() as session:
        session.add(retention.RetentionRow(company_id=company_id, days=30))
    assert keep(make_tools(engine, Clock(NOW + 29 * DAY)))[0] == retention.Forgotten()
    assert keep(make_tools(engine, Clock(NOW + 31 * DAY)))[0] == retention.Forgotten(3, 3)
    with reading_session(engine)() as session:
        assert not verify(session)
