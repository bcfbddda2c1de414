"""The real site on a free port, over a fresh SQLite ledger, with one company and one referral."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import uvicorn
from sqlalchemy import Engine
from starlette.applications import Starlette

from gateway.core.candidate import hash_candidate, mask
from gateway.core.company import Mode
from gateway.core.envelope import Address
from gateway.core.link import Token, hash_token, identify_message, make_token
from gateway.render import Renderer
from gateway.settings import HERE, HostPort
from gateway.store.companies import add_company
from gateway.store.company_records import CompanyRecord
from gateway.store.engine import open_engine, writing_session
from gateway.store.reservations import NewReferral
from gateway.web.app import build_app
from tests.store import reserving
from tests.store.records import make_mail
from tests.web.client import Client

KEY = b"k" * 32
PASSWORD = "correct horse battery"
NOW = datetime(2026, 4, 1, 9, 30, 15, tzinfo=UTC)
CANDIDATE = Address("taro@example.com")


@dataclass
class Clock:
    """A clock that tests move."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass(frozen=True)
class DemoMail:
    """One mail in it."""

    number: int
    received_at: datetime
    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes


class DemoInbox:
    """An inbox that tests fill."""

    def __init__(self) -> None:
        self._mails: list[DemoMail] = []

    def mails(self) -> list[DemoMail]:
        return self._mails

    def put(self, raw: bytes) -> int:
        number = len(self._mails) + 1
        self._mails.append(DemoMail(number, NOW, "hr@a.example", ("taro@example.com",), raw))
        return number


@dataclass(frozen=True)
class Site:
    """The running site: where it is, and what is behind it."""

    port: int
    engine: Engine
    clock: Clock
    inbox: DemoInbox
    company: CompanyRecord
    token: Token
    referral_id: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def link(self) -> str:
        return f"/r/{self.token}"

    def client(self, **headers: str) -> Client:
        return Client(self.port, headers)

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every row of every table."""
        with self.engine.connect() as connection:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")
            return {
                name: [tuple(r) for r in connection.exec_driver_sql(f"SELECT * FROM {name}")]
                for (name,) in names.all()
            }


@contextmanager
def served(app: Starlette) -> Iterator[int]:
    """Serve `app` by uvicorn in a thread; gives the port, which takes connections already."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def write_referral(engine: Engine, company_id: int, candidate: Address) -> tuple[Token, int]:
    """Write down a referral whose mail has left; return the token in its link, and its id."""
    who = hash_candidate(KEY, candidate)
    message = identify_message(b"<1@a.example>", b"")
    token = make_token(KEY, company_id, message, who)
    new = NewReferral(company_id, who, mask(candidate), message, hash_token(token))
    with writing_session(engine).begin() as session:
        reservation = reserving.reserve(session, new, make_mail(company_id, "q-1"), NOW)
        assert reservation.referral_id is not None
        reserving.confirm(session, reservation.referral_id, NOW)
    return token, reservation.referral_id


@pytest.fixture
def start_site(sqlite_url: str) -> Iterator[Callable[..., Site]]:
    """Give a function that starts the site; its company has the name given."""
    stack: list[Iterator[Site]] = []

    def start(name: str = "株式会社サンプル", mode: Mode = Mode.OBSERVE) -> Site:
        context = _site(sqlite_url, name, mode)
        stack.append(context)
        return next(context)

    yield start
    for context in stack:
        next(context, None)


@pytest.fixture
def site(start_site: Callable[..., Site]) -> Site:
    """Give the running site."""
    return start_site()


def _site(url: str, name: str, mode: Mode) -> Iterator[Site]:
    engine = open_engine(url)
    with writing_session(engine).begin() as session:
        company, _ = add_company(
            session,
            name=name,
            domains=["a.example"],
            next_hop=HostPort("127.0.0.1", 2526),
            mode=mode,
            contact="hr@a.example",
            now=NOW,
        )
    token, referral_id = write_referral(engine, company.company.id, CANDIDATE)
    clock, inbox = Clock(), DemoInbox()
    app = build_app(
        engine=engine,
        renderer=Renderer(HERE / "templates"),
        admin_password=PASSWORD,
        secret_key=KEY,
        now=clock.now,
        inbox=inbox,
    )
    with served(app) as port:
        yield Site(port, engine, clock, inbox, company, token, referral_id)
    engine.dispose()


def sign_in(site: Site) -> Client:
    """Return a visitor who is logged in as the operator."""
    client = site.client()
    answer = client.post("/admin/login", {"user": "admin", "password": PASSWORD})
    assert answer.status == 303
    return client
