"""Find a person's referrals by what only somebody with the address or the link can give."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.core.candidate import hash_candidate
from gateway.core.envelope import Address
from gateway.core.link import hash_token, read_token
from gateway.store.referrals import ReferralRow

_MOST = 500


def referrals_of(session: Session, key: bytes, who: str) -> tuple[int, ...]:
    """Return the newest referrals that `who` names, from all companies; none when nobody is meant.

    key  the installation's secret
    who  a candidate's whole address, or a link or its token
    """
    who = who.strip()
    query = select(ReferralRow.id).order_by(ReferralRow.id.desc()).limit(_MOST)
    if "@" in who:
        hashed = hash_candidate(key, Address(who))
        return tuple(session.scalars(query.where(ReferralRow.candidate_hash == hashed)))
    token = read_token(who.rstrip("/").rpartition("/")[2])
    if token is None:
        return ()
    return tuple(session.scalars(query.where(ReferralRow.token_hash == hash_token(token))))
