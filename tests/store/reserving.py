"""One mail at a time: what the product writes for many at once."""

import dataclasses
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.store.mails import MailRecord, find_mail, record_mails
from gateway.store.reservations import (
    Leaving,
    NewReferral,
    Reservation,
    conclude_all,
    confirm_all,
    refuse_all,
    reserve_all,
)


def record_mail(session: Session, record: MailRecord) -> int:
    record_mails(session, [record])
    found = find_mail(session, record.queue_id)
    assert found is not None
    return found.id


def reserve(session: Session, new: NewReferral, record: MailRecord, now: datetime) -> Reservation:
    return reserve_all(session, [Leaving(new, record, now)])[0]


def conclude(session: Session, referral_id: int, record: MailRecord, now: datetime) -> None:
    conclude_all(session, [dataclasses.replace(record, referral_id=referral_id)], now)


def confirm(session: Session, referral_id: int, now: datetime) -> None:
    confirm_all(session, [referral_id], now)


def refuse(session: Session, referral_id: int) -> None:
    refuse_all(session, [referral_id])
