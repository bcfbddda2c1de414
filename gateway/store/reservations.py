"""A referral's way out: written down before its mail leaves, concluded when the next hop answered.

The group writer brings what many mails need at once, so one statement serves them all.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, bindparam, select, update
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash, Masked
from gateway.core.company import Language
from gateway.core.link import MessageKey
from gateway.store.mails import MailRecord, complete_mails, record_linked
from gateway.store.ready import ReadyInsert, ReadyStatement, is_among
from gateway.store.referrals import ReferralRow, ReferralState, opted_out_among
from gateway.store.tables import insert_unless_there, table_of

_REFERRAL = table_of(ReferralRow).c
_RELAYING = ReferralState.RELAYING.value
_INSERT = ReadyInsert(lambda dialect: insert_unless_there(dialect, ReferralRow))
_INSERT_ONE = ReadyStatement(
    lambda dialect: insert_unless_there(dialect, ReferralRow).returning(_REFERRAL.id)
)


def _update_among(dialect: str) -> Update:
    """Return the UPDATE of the referrals in the parameter `ids`."""
    return update(table_of(ReferralRow)).where(is_among(dialect, _REFERRAL.id, "ids"))


_CONFIRM = ReadyStatement(
    lambda dialect: (
        _update_among(dialect)
        .where(_REFERRAL.state != ReferralState.RELAYED.value)
        .values(state=ReferralState.RELAYED.value, relayed_at=bindparam("now"))
    )
)
_REFUSE = ReadyStatement(
    lambda dialect: (
        _update_among(dialect)
        .where(_REFERRAL.state == ReferralState.RELAYING.value)
        .values(state=ReferralState.REFUSED.value)
    )
)
_TRY_AGAIN = ReadyStatement(
    lambda dialect: (
        _update_among(dialect)
        .where(_REFERRAL.state == ReferralState.REFUSED.value)
        .values(state=ReferralState.RELAYING.value)
    )
)
# The token is made from company, mail and candidate: it also finds referrals of erased persons.
_BY_TOKEN = ReadyStatement(
    lambda dialect: select(
        _REFERRAL.id, _REFERRAL.token_hash, _REFERRAL.state, _REFERRAL.masked
    ).where(is_among(dialect, _REFERRAL.token_hash, "token_hashes"))
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
    """What reserve_all() did; `referral_id` is None when the candidate opted out."""

    referral_id: int | None

    @property
    def opted_out(self) -> bool:
        """Whether nothing was written, because the candidate wants no links."""
        return self.referral_id is None


def reserve_all(
    session: Session,
    leaving: Sequence[Leaving],
    opted_out: Collection[CandidateHash] | None = None,
) -> list[Reservation]:
    """Write down that mails with a link are about to leave, with their lines in the mail log.

    opted_out  those of the candidates who want no links; None to look them up here

    The same mail to the same candidate finds its row again, whoever relays it; one that the next
    hop refused before is `relaying` again. A candidate who opted out gets no link and no row.
    Returns a Reservation for each mail, in the order given.
    """
    if opted_out is None:
        opted_out = opted_out_among(session, {one.new.candidate_hash for one in leaving})
    linked = [one for one in leaving if one.new.candidate_hash not in opted_out]
    ids, forgotten = _write(session, linked) if linked else ({}, frozenset())
    record_linked(session, [(ids[one.new.token_hash], one.record) for one in linked], forgotten)
    return [Reservation(ids.get(one.new.token_hash)) for one in leaving]


def _write(session: Session, leaving: Sequence[Leaving]) -> tuple[dict[str, int], frozenset[int]]:
    """Insert new referrals as `relaying`, set refused ones back to it.

    Returns their ids by token hash, and the ids of those whose candidates are forgotten.
    """
    if len(leaving) == 1:  # and nearly always new: then no other question is left
        new = leaving[0].new
        made = _INSERT_ONE.ask(session, **_new_values(new, leaving[0].now))
        if made:
            return {new.token_hash: made[0][0]}, frozenset()
    # In one order, so that two writers of the same rows do not lock each other out.
    in_order = sorted(leaving, key=lambda one: one.new.token_hash)
    # INSERT and SELECT, not RETURNING: of many rows that takes SQLite longer than both.
    _INSERT.run(session, *[_new_values(one.new, one.now) for one in in_order])
    rows = _BY_TOKEN.ask(session, token_hashes=[one.new.token_hash for one in in_order])
    refused = [id_ for id_, _, state, _ in rows if state == ReferralState.REFUSED]
    if refused:
        _TRY_AGAIN.run(session, {"ids": refused})
    forgotten = frozenset(id_ for id_, _, _, masked in rows if not masked)
    return {token_hash: id_ for id_, token_hash, _, _ in rows}, forgotten


def conclude_all(session: Session, records: Sequence[MailRecord], now: datetime) -> None:
    """Write down what the next hop said: each referral's state and its mail's log line.

    records  with their referrals' ids
    """
    linked = [(one.referral_id, one) for one in records if one.referral_id is not None]
    confirm_all(session, [id_ for id_, one in linked if one.has_left], now)
    refuse_all(session, [id_ for id_, one in linked if one.was_refused])
    complete_mails(session, records)


def confirm_all(session: Session, referral_ids: Sequence[int], now: datetime) -> None:
    """Write down that the next hop took mails; the first time stands, and again changes nothing.

    Also from `refused`: of two simultaneous attempts one may be refused and the other taken.
    """
    if referral_ids:
        _CONFIRM.run(session, {"ids": [*referral_ids], "now": now})


def refuse_all(session: Session, referral_ids: Sequence[int]) -> None:
    """Write down that the next hop did not take mails; a mail that has left stays `relayed`."""
    if referral_ids:
        _REFUSE.run(session, {"ids": [*referral_ids]})


def _new_values(new: NewReferral, now: datetime) -> dict[str, object]:
    return {
        "company_id": new.company_id,
        "candidate_hash": new.candidate_hash,
        "masked": new.masked,
        "message_key": new.message_key,
        "token_hash": new.token_hash,
        "state": _RELAYING,
        "language": None if new.language is None else new.language.value,
        "created_at": now,
        "attempts": 0,
    }
