"""Who of many workers does the periodic work: a row that is held for some seconds at a time."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, or_
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.store.tables import Base, dialect_of, insert_into, table_of


class LeaseRow(Base):
    """A piece of work that one at a time may do; `until` then anybody may take it."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    holder: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime]


def hold(session: Session, name: str, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Take or keep lease `name` until `now + lasts`; tell whether `holder` has it.

    One statement, so of two at once one gets it. A lease that ends later than anybody could
    have asked for is from a clock that was wrong, and free: twice `lasts`, so that clocks somewhat
    apart (clocks.py) take it from nobody who does the work.
    """
    table = table_of(LeaseRow)
    insert = insert_into(dialect_of(session), LeaseRow)
    statement = insert.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
        where=or_(
            table.c.holder == insert.excluded.holder,
            table.c.until <= now,
            table.c.until > now + 2 * lasts,
        ),
    ).returning(table.c.id)
    values = {"name": name, "holder": holder, "until": now + lasts}
    return session.execute(statement, values).first() is not None


def let_go(session: Session, name: str, holder: str) -> None:
    """Give lease `name` back, if `holder` has it: the next one need not wait for its end."""
    session.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder))
