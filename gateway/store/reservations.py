"""A referral's way out: written down before its mail leaves, concluded when the next hop answered.

The group writer brings what many mails need at once, so one statement serves them all.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash, Masked
from gateway.core.company import Language
from gateway.core.link import MessageKey
from gateway.store.mails import MailRecord, complete_mails, record_mails
from gateway.store.referrals import ReferralRow, ReferralState, opted_out_among
from gateway.store.tables import insert_or_skip_all, table_of

_REFERRAL = table_of(ReferralRow).c
_CONFIRM = (
    update(table_of(ReferralRow))
    .where(_REFERRAL.id == bindparam("referral_id"), _REFERRAL.state != ReferralState.RELAYED.value)
    .values(state=ReferralState.RELAYED.value, relayed_at=bindparam("now"))
)
_REFUSE = (
    update(table_of(ReferralRow))
    .where(
        _REFERRAL.id == bindparam("referral_id"), _REFERRAL.state == ReferralState.RELAYING.value
    )
    .values(state=ReferralState.REFUSED.value)
)


@dataclass(frozen=True, slots=True)
class NewReferral:
    """What is known of a referral before its mail leaves."""

    company_id: int
    candidate_hash: CandidateHash
    masked: Masked
    message_key: MessageKey
    token_hash: str
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A mail with a link that is about to leave: its referral, its line in the mail log, now."""

    new: NewReferral
    record: MailRecord
    now: datetime


@dataclass(frozen=True, slots=True)
class Reservation:
    """What reserve_all() did.

    referral_id  None when the candidate opted out: nothing was written
    state        as reserve_all() left it: RELAYED means that this very mail has left before
    is_new       whether this is the mail's first attempt
    """

    referral_id: int | None
    state: ReferralState | None
    opted_out: bool
    is_new: bool = False


def reserve_all(session: Session, leaving: Sequence[Leaving]) -> list[Reservation]:
    """Write down that mails with a link are about to leave, with their lines in the mail log.

    The same mail to the same candidate is found again, whoever relays it; one that the next hop
    refused before is `relaying` again. A candidate who opted out gets no link and no row. Returns
    what became of each, in their order.
    """
    gone = opted_out_among(session, {one.new.candidate_hash for one in leaving})
    new = _insert(session, [one for one in leaving if one.new.candidate_hash not in gone])
    reservations, records = [], []
    for one in leaving:
        if one.new.candidate_hash in gone:
            reservations.append(Reservation(None, None, opted_out=True))
            continue
        reservation = new.pop(one.new.token_hash, None) or _find_again(session, one.new)
        records.append(dataclasses.replace(one.record, referral_id=reservation.referral_id))
        reservations.append(reservation)
    record_mails(session, records)
    return reservations


def _insert(session: Session, leaving: Sequence[Leaving]) -> dict[str, Reservation]:
    """Insert those referrals that are not there yet; return what was reserved, by token hash."""
    # In one order, so that two writers of the same rows do not lock each other out.
    in_order = sorted(leaving, key=lambda one: one.new.token_hash)
    values = [_new_values(one.new, one.now) for one in in_order]
    inserted = insert_or_skip_all(session, ReferralRow, values, "token_hash")
    return {
        token_hash: Reservation(found, ReferralState.RELAYING, opted_out=False, is_new=True)
        for token_hash, found in inserted.items()
    }


def _find_again(session: Session, new: NewReferral) -> Reservation:
    row = session.scalars(
        select(ReferralRow)
        # The token is made of company, mail and candidate: it finds also whom we have forgotten.
        .where(ReferralRow.token_hash == new.token_hash)
        .execution_options(populate_existing=True)
    ).one()
    if row.state == ReferralState.REFUSED:
        row.state = ReferralState.RELAYING.value
        session.flush()
    return Reservation(row.id, ReferralState(row.state), opted_out=False)


def conclude_all(session: Session, records: Sequence[MailRecord], now: datetime) -> None:
    """Write down what the next hop said: each referral's state and its mail's log line.

    records  with their referrals' ids
    """
    linked = [(one.referral_id, one) for one in records if one.referral_id is not None]
    confirm_all(session, [id_ for id_, one in linked if one.has_left], now)
    refuse_all(session, [id_ for id_, one in linked if one.was_refused])
    complete_mails(session, records)


def confirm_all(session: Session, referral_ids: Sequence[int], now: datetime) -> None:
    """Write down that the next hop took mails; the first time is kept, again changes nothing.

    Also from `refused`: of two attempts at once one may be refused and the other one taken.
    """
    if referral_ids:
        session.execute(_CONFIRM, [{"referral_id": id_, "now": now} for id_ in referral_ids])


def refuse_all(session: Session, referral_ids: Sequence[int]) -> None:
    """Write down that the next hop did not take mails; what has left stays `relayed`."""
    if referral_ids:
        session.execute(_REFUSE, [{"referral_id": id_} for id_ in referral_ids])


def _new_values(new: NewReferral, now: datetime) -> dict[str, object]:
    return {
        "company_id": new.company_id,
        "candidate_hash": new.candidate_hash,
        "masked": new.masked,
        "message_key": new.message_key,
        "token_hash": new.token_hash,
        "state": ReferralState.RELAYING.value,
        "language": None if new.language is None else new.language.value,
        "created_at": now,
        "attempts": 0,
    }
