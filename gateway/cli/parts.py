"""The parts, put together: settings in, running machinery out."""

import contextlib
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from gateway.errors import CareerRelayError, SettingError
from gateway.settings import HERE, Settings, load_settings, read_secret
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.trouble import explain_trouble
from gateway.store.version import is_current, refuse_newer

if TYPE_CHECKING:  # rules, templates and ciphers are loaded only where they are used
    from gateway.keys.sealing import Seal
    from gateway.keys.signing import Signer
    from gateway.render import Renderer
    from gateway.transit.planning import Decide


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Parts:
    """What every long-running command shares, made from the settings when first asked for."""

    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        """The ledger's engine; its connections are closed when these parts are given up."""
        engine = open_engine(self.settings.database)
        weakref.finalize(self, engine.dispose)
        return engine

    @cached_property
    def key(self) -> bytes:
        """The secret key of tokens, hashes and trace headers."""
        secret = read_secret(self.settings.secret_key, self.settings.data_dir, "secret-key")
        return secret.encode()

    @cached_property
    def admin_password(self) -> str:
        """The password of the admin pages."""
        return read_secret(
            self.settings.admin_password, self.settings.data_dir, "admin-password", 12
        )

    @cached_property
    def signer(self) -> "Signer":
        """What seals and uses the companies' DKIM keys."""
        from gateway.keys.signing import Signer

        return Signer(self.key)

    @cached_property
    def hop_seal(self) -> "Seal":
        """What locks away the companies' passwords and keys for their next hops."""
        from gateway.keys.sealing import Seal
        from gateway.smtp.hop_tls import SEAL_PURPOSE

        return Seal(self.key, SEAL_PURPOSE)

    @property
    def admin_password_place(self) -> str:
        """Where the operator finds the password of the admin pages."""
        if self.settings.admin_password is not None:
            return "CAREER_RELAY_ADMIN_PASSWORD"
        return str(self.settings.data_dir / "admin-password")

    @cached_property
    def renderer(self) -> "Renderer":
        """The templates."""
        from gateway.render import Renderer

        return Renderer(HERE / "templates")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with reading_session(self.engine)() as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that writes; committed at the end."""
        with writing_session(self.engine).begin() as session:
            yield session

    @cached_property
    def decide(self) -> "Decide":
        """Decide on a mail with this installation's key and links.

        The templates are read when this is asked for, which a gateway does before it listens: a
        broken one stops the start and not each mail.
        """
        from gateway.core.decide import decide
        from gateway.core.plan import Desk

        settings = self.settings
        desk = Desk(
            self.key,
            settings.link_base,
            self.renderer.block,
            settings.max_copies,
            settings.require_domain_proof,
        )
        return lambda raw, envelope, company: decide(raw, envelope, company, desk)


def open_parts(settings: Settings | None = None) -> Parts:
    """Return the parts, with the ledger's schema in place.

    An SQLite ledger is made and brought up to date by itself; a database server's only by
    `career-relay migrate`, so that no process changes it under another's feet.

    Raises SettingError for an address or folder that is none, CareerRelayError when the schema
    is old or newer than this program, or the database does not answer.
    """
    parts = Parts(settings or load_settings())
    with _clear_trouble(parts.settings):
        if is_current(parts.engine):
            return parts
        if parts.engine.dialect.name != "sqlite":
            refuse_newer(parts.engine)
            raise CareerRelayError(
                "the ledger's tables are missing or old: run `career-relay migrate` first"
            )
    migrate_ledger(parts.settings)
    return parts


def migrate_ledger(settings: Settings) -> None:
    """Make the ledger's tables, or bring them up to date.

    Raises SettingError and CareerRelayError as open_parts() does.
    """
    from gateway.store.migrate import migrate

    with _clear_trouble(settings):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        migrate(settings.database)


@contextlib.contextmanager
def _clear_trouble(settings: Settings) -> Iterator[None]:
    """Say what is wrong with database or folder, in a sentence."""
    try:
        yield
    except ArgumentError:
        raise SettingError(
            "CAREER_RELAY_DATABASE_URL is not a database address. "
            "Example: CAREER_RELAY_DATABASE_URL=postgresql://relay:secret@127.0.0.1/relay"
        ) from None
    except DBAPIError as error:
        raise CareerRelayError(explain_trouble(error, settings.database)) from None
    except OSError as error:
        raise SettingError(
            f"CAREER_RELAY_DATA_DIR: {settings.data_dir} cannot be written ({error.strerror}). "
            "Example: CAREER_RELAY_DATA_DIR=/var/lib/career-relay"
        ) from None
