"""Mails that came back: the referral each one was is found by keyed hashes, and taken back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.core.candidate import CandidateHash
from gateway.core.link import MessageKey
from gateway.store.corrections import Correction, void
from gateway.store.referrals import ReferralRow

BOUNCE_ACTOR = "bounce report"


def find_bounced(
    session: Session, message: MessageKey, candidates: Sequence[CandidateHash]
) -> int | None:
    """Return the id of the referral of this mail to whoever of `candidates`, or None.

    Mails of several companies may have the same identity by accident: then it is nobody's.
    """
    ids = session.scalars(
        select(ReferralRow.id).where(
            ReferralRow.candidate_hash.in_(candidates), ReferralRow.message_key == message
        )
    ).all()
    return ids[0] if len(ids) == 1 else None


def reverse(session: Session, referral_id: int, status: str, now: datetime) -> Correction:
    """Take back a referral whose mail never arrived; a second report changes nothing.

    status  as in the report, "5.1.1"
    """
    return void(session, referral_id, f"bounced {status}".strip(), BOUNCE_ACTOR, now)
