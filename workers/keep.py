"""What time itself brings: candidates are forgotten, and slots that nobody used expire."""

import logging

from gateway.store import retention, slots
from gateway.store.engine import reading_session, writing_session
from gateway.store.retention import Forgotten
from workers.tools import Tools

log = logging.getLogger(__name__)


def keep(tools: Tools) -> tuple[Forgotten, int]:
    """Do whatever of it is due; return what was forgotten and how many slots expired.

    In small transactions, so that a worker killed in the middle loses one of them and no mail
    waits for a lock.
    """
    forgotten = _forget(tools)
    _forget_wording(tools)
    return forgotten, _expire(tools)


def _forget(tools: Tools) -> Forgotten:
    done = Forgotten()
    while True:
        with writing_session(tools.engine).begin() as session:
            some = retention.forget(session, tools.now())
        if some == Forgotten():
            break
        done += some
    if done != Forgotten():
        log.info("candidates forgotten in %d referrals and %d mails", done.referrals, done.mails)
    return done


def _forget_wording(tools: Tools) -> None:
    while True:
        with writing_session(tools.engine).begin() as session:
            if not retention.forget_wording(session, tools.now()):
                return


def _expire(tools: Tools) -> int:
    with reading_session(tools.engine)() as session:
        companies = slots.companies_with_expiry(session)
    expired = 0
    for company_id in companies:
        with writing_session(tools.engine).begin() as session:
            expired += slots.expire_due(session, company_id, tools.now())
    return expired
