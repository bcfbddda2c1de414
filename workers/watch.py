"""Look for news that no action causes: what fails, what ends soon, what a week brought.

One worker looks, every minute. Each finding has a cause that is told once, so a digest comes
once a day, week or month however often, and by however many workers, it is looked for.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from gateway.core.japan import JAPAN
from gateway.store import slots, watching
from gateway.store.announce import News, announce
from gateway.store.engine import reading_session, writing_session
from gateway.store.outbox import Event
from workers.outages import tell_outages
from workers.tools import Tools

_MORNING = time(8)  # digests come in the morning
_EXPIRY_NOTICE = timedelta(days=14)
_SLOT_NOTICE = timedelta(days=30)

Finding = tuple[int, News]


class Watch:
    """Remembers which digests it has written, so that it reads a week's rows once a week."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._written: dict[Event, str] = {}

    def look(self) -> int:
        """Look for everything; return how many notifications were written."""
        now = self._tools.now()
        written = tell_outages(self._tools, now) + self._write(expiring_credentials, now)
        for event, cause, find in digests(now):
            if self._written.get(event) != cause:
                written += self._write(find, now)
                self._written[event] = cause
        return written

    def _write(self, find: Callable[[Session, datetime], Iterator[Finding]], now: datetime) -> int:
        with reading_session(self._tools.engine)() as session:
            found = list(find(session, now))
        written = 0
        for company_id, news in found:
            with writing_session(self._tools.engine).begin() as session:
                written += len(announce(session, company_id, news, now))
        return written


def expiring_credentials(session: Session, now: datetime) -> Iterator[Finding]:
    """Yield credentials that end within two weeks, each once."""
    until = now + _EXPIRY_NOTICE
    for company_id, id_, at in watching.expiring_credentials(session, now, until):
        day = at.astimezone(JAPAN).date().isoformat()
        facts = {"credential": id_, "expires": day}
        yield company_id, News(Event.CREDENTIAL_EXPIRING, f"credential:{id_}:{day}", facts)


def expiring_slots(session: Session, now: datetime) -> Iterator[Finding]:
    """Yield slots that end within a month, each once."""
    for company_id in slots.companies_with_expiry(session):
        for number, at in slots.expiring(session, company_id, now + _SLOT_NOTICE):
            day = at.astimezone(JAPAN).date().isoformat()
            facts = {"slot": number, "expires": day}
            yield company_id, News(Event.SLOT_EXPIRING, f"slot:{number}:{day}", facts)


def digests(
    now: datetime,
) -> Iterator[tuple[Event, str, Callable[[Session, datetime], Iterator[Finding]]]]:
    """Yield the digests of the periods that are over at `now`: event, cause, and what finds them.

    A period that nobody looked at when it ended is told of later, until the next one ends.
    """
    here = now.astimezone(JAPAN)
    last_morning = here if here.time() >= _MORNING else here - timedelta(days=1)
    today = last_morning.date()
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    yesterday = today - timedelta(days=1)

    def reviews(session: Session, _now: datetime) -> Iterator[Finding]:
        seen = watching.observed(session, _start(yesterday), _start(today))
        for company_id, mails in seen.items():
            yield company_id, News(Event.REVIEW_WAITING, f"day:{yesterday}", {"mails": mails})

    yield Event.REVIEW_WAITING, str(yesterday), reviews
    yield Event.SLOT_EXPIRING, str(today), expiring_slots
    for event, start, end in (
        (Event.WEEKLY_REPORT, monday - timedelta(days=7), monday),
        (Event.MONTHLY_REPORT, before, first),
    ):
        yield event, str(start), _report(event, start, end)


def _report(
    event: Event, first: date, end: date
) -> Callable[[Session, datetime], Iterator[Finding]]:
    def find(session: Session, _now: datetime) -> Iterator[Finding]:
        for company_id, had in watching.periods(session, _start(first), _start(end)).items():
            facts = {
                "first": str(first),
                "last": str(end - timedelta(days=1)),
                "mails": had.mails,
                "rejections": had.rejections,
                "counted": had.counted,
            }
            yield company_id, News(event, f"from:{first}", facts)

    return find


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
