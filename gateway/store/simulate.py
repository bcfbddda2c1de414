"""What another counting rule would have given a company: read, never written."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from gateway.core.account import Kind
from gateway.core.credit import Facts, Rule, Simulation
from gateway.store.ledger_rows import LedgerEntryRow
from gateway.store.referrals import ReferralRow

_FIRST = (Kind.COUNTED.value, Kind.NOT_COUNTED.value, Kind.HELD.value)
_TAKEN_BACK = (Kind.VOID.value, Kind.WITHDRAWN.value)
_PAGE = 1000


def simulate(session: Session, company_id: int, rule: Rule, since: datetime) -> Simulation:
    """Return what `rule` would have given for the referrals relayed since a moment.

    Earlier ones that count stand in the way of later ones to the same candidate. Candidates who
    are forgotten are not known again, so each of their referrals is taken for a new person's.
    """
    simulation = Simulation(rule)
    for facts, is_counted in _referrals(session, company_id, since - rule.window):
        is_new = facts.relayed_at >= since
        if is_new or is_counted:
            simulation.see(facts, is_new=is_new)
    return simulation


def _referrals(session: Session, company_id: int, since: datetime) -> Iterator[tuple[Facts, bool]]:
    """Yield settled referrals nobody took back, in the order they were relayed."""
    entry, taken_back = aliased(LedgerEntryRow), aliased(LedgerEntryRow)
    was_taken_back = exists().where(
        taken_back.referral_id == ReferralRow.id, taken_back.kind.in_(_TAKEN_BACK)
    )
    counted = exists().where(entry.referral_id == ReferralRow.id, entry.kind == Kind.COUNTED.value)
    query = (
        select(
            ReferralRow.relayed_at,
            ReferralRow.opened_at,
            ReferralRow.registered_at,
            ReferralRow.candidate_hash,
            counted,
        )
        .where(
            ReferralRow.id.in_(
                select(LedgerEntryRow.referral_id).where(
                    LedgerEntryRow.company_id == company_id,
                    LedgerEntryRow.kind.in_(_FIRST),
                    LedgerEntryRow.at >= since,
                )
            ),
            ~was_taken_back,
        )
        .order_by(ReferralRow.relayed_at, ReferralRow.id)
        .execution_options(yield_per=_PAGE)
    )
    for relayed_at, opened_at, registered_at, candidate, is_counted in session.execute(query):
        if relayed_at is not None:
            yield Facts(relayed_at, opened_at, registered_at, candidate), is_counted
