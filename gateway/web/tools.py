"""What every page needs: the database for reading and for writing, the renderer, the clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from gateway.errors import StoreUnavailableError
from gateway.render import Renderer
from gateway.store.engine import is_trouble


@dataclass(frozen=True, slots=True)
class Sessions:
    """The two session factories of one engine, from gateway.store.engine.

    reading  the database itself refuses a change in these: a GET changes nothing
    writing  one transaction each
    """

    reading: sessionmaker[Session]
    writing: sessionmaker[Session]


@dataclass(frozen=True, slots=True)
class Tools:
    """Given once, the same for every request.

    now         the time, with its zone
    secret_key  keys what a form carries and the admin's cookie; at least 32 bytes
    public_url  start of every link, without a final slash
    reviews_needed  verdicts to be confirmed in a row before inject mode
    """

    sessions: Sessions
    renderer: Renderer
    now: Callable[[], datetime]
    secret_key: bytes
    public_url: str
    reviews_needed: int = 20

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that can only read.

        Raises StoreUnavailableError on trouble of the database.
        """
        with _translated(), self.sessions.reading() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open one transaction: committed at the end, rolled back on an error.

        Raises StoreUnavailableError on trouble of the database.
        """
        with _translated(), self.sessions.writing.begin() as session:
            yield session


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if is_trouble(error):
            raise StoreUnavailableError from error
        raise
