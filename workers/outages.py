"""Tell companies which of their next hops take no mail, once, and that they work again, once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.core.japan import JAPAN
from gateway.settings import HostPort
from gateway.store import outages
from gateway.store.announce import News, announce
from gateway.store.company_records import get_company
from gateway.store.engine import reading_session, writing_session
from gateway.store.outages import Outage
from gateway.store.outbox import Event
from workers.tools import Tools


def tell_outages(tools: Tools, now: datetime) -> int:
    """Tell of outages that last or are over; return how many notifications were written.

    Each is told in the transaction that marks it as told, and has one cause: done twice, or by
    two at once, nothing more is written.
    """
    _forget_strays(tools, now)
    with reading_session(tools.engine)() as session:
        lasting = outages.open_outages(session, now)
        over = outages.over_and_untold(session)
    untold = [one for one in lasting if one.is_lasting and not one.is_told]
    failing = {(one.company_id, one.host) for one in lasting}
    written = 0
    for outage in untold:
        with writing_session(tools.engine).begin() as session:
            flows = _takes_other_ways(session, outage, failing)
            facts = {**_facts(outage), "cause": outage.cause, "others_take_mail": flows}
            written += _announce(session, outage, Event.NEXT_HOP_FAILING, facts, now)
            outages.mark_told(session, outage, now)
    for outage in over:
        with writing_session(tools.engine).begin() as session:
            facts = {**_facts(outage), "until": _moment(outage.ended_at or now)}
            written += _announce(session, outage, Event.NEXT_HOP_WORKING, facts, now)
            outages.mark_told(session, outage, None)
    return written


def _forget_strays(tools: Tools, now: datetime) -> None:
    """Forget hosts of which a gateway wrote a moment after they had left their route.

    They take no mail any more: nothing would ever end their outages.
    """
    with reading_session(tools.engine)() as session:
        strays = {
            outage.company_id
            for outage in outages.open_outages(session, now)
            if outage.host not in map(str, _hosts(session, outage.company_id))
        }
    for company_id in sorted(strays):
        with writing_session(tools.engine).begin() as session:
            outages.forget_hosts(session, company_id, _hosts(session, company_id))


def _hosts(session: Session, company_id: int) -> tuple[HostPort, ...]:
    return get_company(session, company_id).route.hosts


def _announce(
    session: Session, outage: Outage, event: Event, facts: Mapping[str, Any], now: datetime
) -> int:
    news = News(event, f"outage:{outage.began_at.isoformat()}:{outage.host}", facts)
    return len(announce(session, outage.company_id, news, now))


def _takes_other_ways(session: Session, outage: Outage, failing: set[tuple[int, str]]) -> bool:
    """Tell whether the company's mail goes by another host of its route."""
    hosts = _hosts(session, outage.company_id)
    return any((outage.company_id, str(host)) not in failing for host in hosts)


def _facts(outage: Outage) -> dict[str, Any]:
    return {
        "host": outage.host,
        "since": _moment(outage.began_at),
        "minutes": outage.minutes,
        "failures": outage.failures,
    }


def _moment(at: datetime) -> str:
    return f"{at.astimezone(JAPAN):%Y-%m-%d %H:%M %Z}"
