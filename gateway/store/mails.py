"""The log of every relayed mail: what was decided and why, what the next hop said of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    Select,
    String,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.answer import Origin
from gateway.core.candidate import Masked
from gateway.core.letter import Letter
from gateway.core.verdict import Evidence, Verdict
from gateway.core.why import Action, Why
from gateway.store.ready import ReadyInsert, ReadyStatement
from gateway.store.recent_letters import RecentLetter, keep_letters
from gateway.store.tables import Base, Insert, insert_into, table_of

_REMEMBERED = "candidate_masked IS NOT NULL"
REVIEWABLE = "verdict <> 'other'"
WITH_ORIGIN = "origin IS NOT NULL"
"""Conditions of partial indexes, for queries to repeat word for word (see referrals.py)."""


class MailRow(Base):
    """One mail that passed: no subject, no text, no address."""

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_at", "at"),
        Index("ix_mail_company_id_id", "company_id", "id"),
        Index("ix_mail_verdict_id", "verdict", "id"),
        Index("ix_mail_why_id", "why", "id"),
        *(
            Index(
                name,
                *columns,
                sqlite_where=text(condition),
                postgresql_where=text(condition),
            )
            for name, columns, condition in (
                ("ix_mail_remembered", ("company_id", "at"), _REMEMBERED),
                ("ix_mail_masked", ("candidate_masked",), _REMEMBERED),
                ("ix_mail_reviewable", ("company_id", "id"), REVIEWABLE),
                ("ix_mail_origin", ("at",), WITH_ORIGIN),
            )
        ),
    )

    queue_id: Mapped[str] = mapped_column(String(64), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(20))
    score: Mapped[float]
    rules_version: Mapped[str] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(String(40))
    evidence: Mapped[list[list[Any]]] = mapped_column(JSON)
    action: Mapped[str] = mapped_column(String(20))
    parts: Mapped[list[str]] = mapped_column(JSON)
    size_bytes: Mapped[int]
    recipients: Mapped[int]
    candidate_masked: Mapped[str | None] = mapped_column(String(320))
    referral_id: Mapped[int | None] = mapped_column(ForeignKey("referral.id"), index=True)
    reply_code: Mapped[int | None]
    reply_text: Mapped[str | None] = mapped_column(String(1000))
    milliseconds: Mapped[int | None]
    origin: Mapped[str | None] = mapped_column(String(32))


PASSED = or_(MailRow.reply_code.is_(None), MailRow.reply_code < 300)
"""Condition of queries on mails: not an attempt that the next hop, or we, refused or put off."""


@dataclass(frozen=True, slots=True)
class MailRecord:
    """One line of the mail log.

    parts         paths of the leaf parts that were changed, or would be in observe mode
    reply_code    the next hop's answer to the final dot; None until it came
    reply_text    its words, already without addresses
    milliseconds  from the final dot to our answer
    id            0 until it is written
    origin        what answers about it are remembered by, for some weeks
    letter        what it would be as a registered letter; is written, and never read back here
    """

    queue_id: str
    company_id: int
    at: datetime
    verdict: Verdict
    score: float
    rules_version: str
    why: Why
    evidence: tuple[Evidence, ...]
    action: Action
    parts: tuple[str, ...]
    size_bytes: int
    recipients: int
    candidate_masked: Masked | None = None
    referral_id: int | None = None
    reply_code: int | None = None
    reply_text: str | None = None
    milliseconds: int | None = None
    id: int = 0
    origin: Origin | None = None
    letter: Letter | None = field(default=None, compare=False, repr=False)

    @property
    def has_left(self) -> bool:
        """Whether the next hop took the mail."""
        return self.reply_code is not None and self.reply_code < 400

    @property
    def was_refused(self) -> bool:
        """Whether the next hop, or we, said no to it."""
        return self.reply_code is not None and self.reply_code >= 400


_OUT_OF_ORDER = timedelta(minutes=10)
_OUT_OF_ORDER_MAILS = 1000


def _write_upsert(dialect: str) -> Insert:
    """Insert a mail, or complete the one with its queue_id: what was decided never changes."""
    insert = insert_into(dialect, MailRow)
    new = insert.excluded
    outcome = {name: new[name] for name in ("reply_code", "reply_text", "milliseconds")}
    return insert.on_conflict_do_update(index_elements=["queue_id"], set_=outcome)


_UPSERT = ReadyInsert(_write_upsert)
_COMPLETE = ReadyStatement(
    lambda _dialect: update(table_of(MailRow)).where(
        table_of(MailRow).c.queue_id == bindparam("mail")
    )
)


class MailSearch(TypedDict, total=False):
    """What list_mails() looks for; what is missing or None is no condition.

    since      only mails that came then or later
    until      only mails that came before then
    referrals  only mails of these referrals: of a candidate (referrals.of_candidate()), of a token
    after_id   only mails that came later, and the oldest of them first: to follow the log
    before_id  only mails that came earlier, newest first: to page back
    """

    company_id: int | None
    verdict: Verdict | None
    why: Why | None
    since: datetime | None
    until: datetime | None
    referrals: Sequence[int] | None
    after_id: int | None
    before_id: int | None


def record_mails(session: Session, records: Sequence[MailRecord]) -> None:
    """Write mails down; one whose queue_id is known gets its outcome."""
    if records:
        _write(session, records, [_values(record) for record in records])


def record_linked(
    session: Session, linked: Sequence[tuple[int, MailRecord]], forgotten: Collection[int] = ()
) -> None:
    """Do the same for mails with a link, each with its referral's id.

    forgotten  ids of referrals whose candidates no line may name any more
    """
    if linked:
        rows = [{**_values(record), "referral_id": id_} for id_, record in linked]
        for row in rows:
            if row["referral_id"] in forgotten:
                row["candidate_masked"] = None
        _write(session, [record for _, record in linked], rows)


def _write(
    session: Session, records: Sequence[MailRecord], rows: Sequence[Mapping[str, Any]]
) -> None:
    _UPSERT.run(session, *rows)
    _keep_letters(session, records)


def _keep_letters(session: Session, records: Sequence[MailRecord]) -> None:
    letters = [
        RecentLetter(one.queue_id, one.company_id, one.at, one.letter)
        for one in records
        if one.letter is not None
    ]
    if letters:
        keep_letters(session, letters)


def complete_mails(session: Session, records: Sequence[MailRecord]) -> None:
    """Write down the outcome of mails whose rows are there already; without them write all whole.

    What was decided stays, so the evidence need not go to the database a second time.
    """
    if not records:
        return
    outcomes = [{"mail": record.queue_id, **_outcome(record)} for record in records]
    if _COMPLETE.run(session, *outcomes) != len(records):
        record_mails(session, records)


def _values(record: MailRecord) -> dict[str, Any]:
    return {
        "queue_id": record.queue_id,
        "company_id": record.company_id,
        "at": record.at,
        "verdict": record.verdict.value,
        "score": record.score,
        "rules_version": record.rules_version,
        "why": record.why.value,
        "evidence": record.evidence,
        "action": record.action.value,
        "parts": record.parts,
        "size_bytes": record.size_bytes,
        "recipients": record.recipients,
        "candidate_masked": record.candidate_masked,
        "referral_id": record.referral_id,
        "origin": record.origin,
        **_outcome(record),
    }


def _outcome(record: MailRecord) -> dict[str, Any]:
    return {
        "reply_code": record.reply_code,
        "reply_text": _shortened(record.reply_text),
        "milliseconds": record.milliseconds,
    }


def list_mails(
    session: Session, *, limit: int = 50, **search: Unpack[MailSearch]
) -> tuple[MailRecord, ...]:
    """Return at most `limit` mails, newest first (with after_id: oldest first)."""
    query = _narrow(select(MailRow), search)
    query = _narrow_in_time(session, query, search.get("since"), search.get("until"))
    order = MailRow.id.desc() if search.get("after_id") is None else MailRow.id
    return tuple(mail_record(row) for row in session.scalars(query.order_by(order).limit(limit)))


def find_mail(session: Session, queue_id: str) -> MailRecord | None:
    """Return the mail that our reply called `queue_id`, or None."""
    row = session.scalars(select(MailRow).where(MailRow.queue_id == queue_id)).one_or_none()
    return None if row is None else mail_record(row)


def mails_of_referral(session: Session, referral_id: int) -> tuple[MailRecord, ...]:
    """Return the attempts to relay a referral's mail, oldest first."""
    query = select(MailRow).where(MailRow.referral_id == referral_id).order_by(MailRow.id)
    return tuple(mail_record(row) for row in session.scalars(query))


def _narrow(query: Select[MailRow], search: MailSearch) -> Select[MailRow]:
    company_id, verdict, why = search.get("company_id"), search.get("verdict"), search.get("why")
    after_id, before_id = search.get("after_id"), search.get("before_id")
    if company_id is not None:
        query = query.where(MailRow.company_id == company_id)
    if verdict is not None:
        query = query.where(MailRow.verdict == verdict.value)
    if why is not None:
        query = query.where(MailRow.why == why.value)
    if search.get("referrals") is not None:
        query = query.where(MailRow.referral_id.in_(search.get("referrals") or ()))
    if after_id is not None:
        query = query.where(MailRow.id > after_id)
    if before_id is not None:
        query = query.where(MailRow.id < before_id)
    return query


def _narrow_in_time(
    session: Session, query: Select[MailRow], since: datetime | None, until: datetime | None
) -> Select[MailRow]:
    """Narrow by time, and by id as well: the indexes are in the order of ids.

    Mails get their ids almost in the order of their times. So the lowest of a thousand mails
    that begin ten minutes earlier is below all that are looked for, and likewise at the end.
    """
    if since is not None:
        earliest = select(MailRow.id).where(MailRow.at >= since - _OUT_OF_ORDER)
        some = earliest.order_by(MailRow.at).limit(_OUT_OF_ORDER_MAILS).subquery()
        lowest = session.scalar(select(func.min(some.c.id)))
        query = query.where(MailRow.at >= since, MailRow.id >= (lowest or 0))
    if until is not None:
        latest = select(MailRow.id).where(MailRow.at < until + _OUT_OF_ORDER)
        some = latest.order_by(MailRow.at.desc()).limit(_OUT_OF_ORDER_MAILS).subquery()
        highest = session.scalar(select(func.max(some.c.id)))
        query = query.where(MailRow.at < until, MailRow.id <= (highest or 0))
    return query


def _shortened(text: str | None) -> str | None:
    return None if text is None else text.replace("\0", "")[:1000]


def mail_record(row: MailRow) -> MailRecord:
    """Return a row as a value."""
    return MailRecord(
        queue_id=row.queue_id,
        company_id=row.company_id,
        at=row.at,
        verdict=Verdict(row.verdict),
        score=row.score,
        rules_version=row.rules_version,
        why=Why(row.why),
        evidence=tuple(Evidence(*values) for values in row.evidence),
        action=Action(row.action),
        parts=tuple(row.parts),
        size_bytes=row.size_bytes,
        recipients=row.recipients,
        candidate_masked=None if row.candidate_masked is None else Masked(row.candidate_masked),
        referral_id=row.referral_id,
        reply_code=row.reply_code,
        reply_text=row.reply_text,
        milliseconds=row.milliseconds,
        id=row.id,
        origin=None if row.origin is None else Origin(row.origin),
    )
