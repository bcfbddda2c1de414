"""The operator's pages: how things stand, every mail and why, ledgers, the mode switch."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.core.company import Mode
from gateway.core.japan import JAPAN, start_of_day
from gateway.core.verdict import Verdict
from gateway.core.why import Why
from gateway.store.brakes import find_brake
from gateway.store.companies import set_mode
from gateway.store.company_changes import list_changes
from gateway.store.company_records import CompanyRecord
from gateway.store.company_rows import company_names
from gateway.store.holds import count_holds
from gateway.store.ledger import balance, entries
from gateway.store.mails import MailSearch, list_mails, mails_of_referral
from gateway.store.outages import lasting_outages, list_outages
from gateway.store.outbox import list_notifications
from gateway.store.overview import MOST_COUNTED, read_overview
from gateway.store.reviews import NotReviewedError, check_reviewed, note_unreviewed, standing
from gateway.store.story import tell
from gateway.store.who import referrals_of
from gateway.web.operator import ACTOR, OperatorPages, number_in, read_number

PAGE_ROWS = 50
_LEDGER_ROWS = 200

E = TypeVar("E", bound=StrEnum)


class Admin(OperatorPages):
    """The pages behind the login."""

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        get, post = self._login.get, self._login.post
        return [
            get("/admin", self.overview),
            get("/admin/mails", self.mails),
            post("/admin/mails", self.find),
            get("/admin/mails/{queue_id}", self.mail),
            get("/admin/referrals/{referral_id:int}", self.referral),
            get("/admin/companies/{company_id:int}", self.company),
            get("/admin/companies/{company_id:int}/mode", self.ask_mode),
            post("/admin/companies/{company_id:int}/mode", self.switch_mode),
        ]

    def overview(self, request: Request) -> Response:
        """Show how things stand."""
        with self._tools.read() as session:
            now = self._tools.now()
            overview = read_overview(session, start_of_day(now), now)
            names = company_names(session) if overview.outages or overview.brakes else {}
        values = {"overview": overview, "most_counted": MOST_COUNTED, "names": names}
        return self.page(request, "overview", values)

    def mails(self, request: Request) -> Response:
        """Show the mail log, newest first."""
        search, dates = _read_search(request), _read_dates(request)
        return self._list(request, search | dates, who="")

    async def find(self, request: Request) -> Response:
        """Show the mails of one candidate or link: posted, for addresses belong in no log."""
        form = await request.form(max_files=0, max_fields=20)
        who = str(form.get("who", ""))
        return await run_in_threadpool(self._find_who, request, who)

    def _find_who(self, request: Request, who: str) -> Response:
        with self._tools.read() as session:
            found = referrals_of(session, self._tools.secret_key, who)
        return self._list(request, MailSearch(referrals=found), who=who)

    def _list(self, request: Request, search: MailSearch, who: str) -> Response:
        with self._tools.read() as session:
            names = company_names(session)
            found = list_mails(session, limit=PAGE_ROWS + 1, **search)
        shown, more = found[:PAGE_ROWS], found[PAGE_ROWS:]
        chosen = _chosen(request, search)
        is_list = more and not who
        older = urlencode({**_as_query(chosen), "before": shown[-1].id}) if is_list else ""
        values = {
            "mails": shown,
            "who": who,
            "names": names,
            "chosen": chosen,
            "is_first": search.get("before_id") is None,
            "newest": urlencode(_as_query(chosen)),
            "older": older,
            "verdicts": tuple(Verdict),
            "whys": tuple(Why),
        }
        return self.page(request, "mails", values)

    def mail(self, request: Request) -> Response:
        """Show what became of one mail, and why."""
        with self._tools.read() as session:
            story = tell(session, request.path_params["queue_id"])
        if story is None:
            raise HTTPException(404)
        return self.page(request, "mail", {"story": story})

    def referral(self, request: Request) -> Response:
        """Lead to the newest mail of one referral, whose page tells the story."""
        with self._tools.read() as session:
            found = mails_of_referral(session, number_in(request, "referral_id"))
        if not found:
            raise HTTPException(404)
        return RedirectResponse(f"/admin/mails/{quote(found[-1].queue_id, safe='')}", 303)

    def company(self, request: Request) -> Response:
        """Show one company's settings, balance and ledger."""
        record = self.record_of(request)
        after = read_number(request.query_params.get("after", "")) or 0
        with self._tools.read() as session:
            company_id = record.company.id
            rows = entries(session, company_id, after_seq=after, limit=_LEDGER_ROWS + 1)
            values = {
                "record": record,
                "entries": rows[:_LEDGER_ROWS],
                "next_seq": rows[_LEDGER_ROWS - 1].seq if len(rows) > _LEDGER_ROWS else None,
                "other_mode": _other_mode(record),
                "balance": balance(session, company_id),
                "held": count_holds(session, company_id),
                "changes": list_changes(session, company_id),
                "brake": find_brake(session, company_id),
                "outages": list_outages(session, company_id),
                "is_hop_failing": any(
                    outage.company_id == company_id
                    for outage in lasting_outages(session, self._tools.now())
                ),
                "notifications_sent": list_notifications(session, company_id, limit=20),
            }
        return self.page(request, "company", values)

    def ask_mode(self, request: Request) -> Response:
        """Say what the other mode means, and ask whether to switch."""
        record = self.record_of(request)
        other_mode = _other_mode(record)
        with self._tools.read() as session:
            stands = standing(session, record.company.id)
        needed = self._tools.reviews_needed if other_mode is Mode.INJECT else 0
        values = {
            "record": record,
            "other_mode": other_mode,
            "standing": stands,
            "needed": needed,
            "is_unreviewed": stands.missing(needed) > 0,
        }
        return self.page(request, "mode", values)

    async def switch_mode(self, request: Request) -> Response:
        """Switch to the mode that the form names; doing it again changes nothing."""
        form = await request.form(max_files=0, max_fields=20)
        mode = _read_member(Mode, str(form.get("mode", "")))
        if mode is None:
            raise HTTPException(400)
        is_unreviewed = form.get("unreviewed") == "yes"
        return await run_in_threadpool(self._switch, request, mode, is_unreviewed=is_unreviewed)

    def _switch(self, request: Request, mode: Mode, *, is_unreviewed: bool) -> Response:
        company_id = self.record_of(request).company.id
        needed, now = self._tools.reviews_needed, self._tools.now()
        try:
            with self._tools.write() as session:
                if mode is Mode.INJECT and is_unreviewed:
                    note_unreviewed(session, company_id, needed, ACTOR, now)
                elif mode is Mode.INJECT:
                    check_reviewed(session, company_id, needed)
                set_mode(session, company_id, mode, ACTOR, now)
        except NotReviewedError:  # the question, as it is asked now
            return RedirectResponse(request.url.path, 303)
        return self.done(request, f"/admin/companies/{company_id}", f"said-to-{mode}")


def _read_search(request: Request) -> MailSearch:
    """Return what the log is narrowed to; what is not understood is no condition."""
    return MailSearch(
        company_id=read_number(request.query_params.get("company", "")),
        verdict=_read_member(Verdict, request.query_params.get("verdict", "")),
        why=_read_member(Why, request.query_params.get("why", "")),
        before_id=read_number(request.query_params.get("before", "")),
    )


def _read_dates(request: Request) -> MailSearch:
    """Return the days that the log is narrowed to, both included; days are Japan's."""
    until = _read_day(request, "until")
    return MailSearch(
        since=_read_day(request, "since"),
        until=None if until is None else until + timedelta(days=1),
    )


def _read_day(request: Request, name: str) -> datetime | None:
    try:
        day = date.fromisoformat(request.query_params.get(name, ""))
        return datetime.combine(day, time(), JAPAN).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _chosen(request: Request, search: MailSearch) -> dict[str, str]:
    """Return what the log is narrowed to, as the form shows it."""
    days = {name: request.query_params[name] for name in ("since", "until") if search.get(name)}
    narrowed = {
        "company_id": search.get("company_id"),
        "verdict": search.get("verdict"),
        "why": search.get("why"),
    }
    return {key: str(value) for key, value in narrowed.items() if value} | days


def _as_query(chosen: Mapping[str, str]) -> dict[str, str]:
    return {key.removesuffix("_id"): value for key, value in chosen.items()}


def _read_member(members: type[E], text: str) -> E | None:
    return next((member for member in members if member.value == text), None)


def _other_mode(record: CompanyRecord) -> Mode:
    return Mode.INJECT if record.company.mode is Mode.OBSERVE else Mode.OBSERVE
