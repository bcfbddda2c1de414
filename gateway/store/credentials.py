"""Secrets of companies' systems, SMTP passwords, routing keys, API tokens: made here, hashed."""

import enum
import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.errors import CareerRelayError, NotFoundError
from gateway.store.company_changes import CompanyChange, note_change
from gateway.store.tables import Base

MOST_PASSWORDS = 2
"""Most at once for a company: the new one and, until it is in use everywhere, the old one."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""The least that OWASP's password storage page asks of argon2id; some 0.05 s each."""

_NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$mFNbzDJRMidsN+fH/bn6tg$"
    "3ob0BtldiNou0NN0Vcw1N6G7VcPZmSxvGB9Z7DLXEMo"
)
"""Of a random password that nobody has kept. Made here, it would cost each command 0.05 s."""

USE_NOTED_EVERY = timedelta(hours=1)
"""How precisely the last use of a secret is recorded."""


class CredentialKind(enum.StrEnum):
    """What a secret is for."""

    PASSWORD = "password"  # noqa: S105  of the company's SMTP user
    HEADER = "header"  # the value of X-Career-Relay-Key
    API = "api"  # the bearer token of /api/v1


class CredentialRow(Base):
    """One secret of a company; without `expires_at` it is valid until it is revoked."""

    __tablename__ = "credential"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    secret_hash: Mapped[str] = mapped_column(String(200), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Credential:
    """One secret of a company, as far as anybody can know it.

    last_used_at  to the hour; None when it never was
    """

    id: int
    kind: CredentialKind
    secret_hash: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Tell whether it has not expired."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class ApiToken:
    """Whose token somebody showed."""

    id: int
    company_id: int
    last_used_at: datetime | None

    def is_first_use_in(self, now: datetime) -> bool:
        """Tell whether it was not used yet in the hour of `now`."""
        return self.last_used_at is None or now - self.last_used_at >= USE_NOTED_EVERY


def new_secret() -> str:
    """Return a fresh secret: 43 url-safe characters, 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_password(password: str) -> str:
    """Return what is stored of `password`: argon2id with its parameters and salt."""
    return _HASHER.hash(password)


def hash_routing_key(value: str) -> str:
    """Return what is stored of a routing key: its SHA-256, as nobody guesses 256 random bits."""
    return hashlib.sha256(b"routing-key\0" + value.encode("utf-8", "replace")).hexdigest()


def hash_api_token(token: str) -> str:
    """Return what is stored of a token of the API: its SHA-256, as of a routing key."""
    return hashlib.sha256(b"api-token\0" + token.encode("utf-8", "replace")).hexdigest()


_HASHES = {
    CredentialKind.PASSWORD: hash_password,
    CredentialKind.HEADER: hash_routing_key,
    CredentialKind.API: hash_api_token,
}


def find_password(password: str, hashes: Sequence[str]) -> str | None:
    """Return which of `hashes` is that of `password`, None when none is.

    Slow on purpose, and equally slow whenever none fits: with no hash at all (an unknown user),
    with one and with two. Call it in a thread, never on the event loop.
    """
    slow = 0
    for known in hashes:
        if _matches(password, known):
            return known
        slow += known.startswith("$")
    for _ in range(slow, MOST_PASSWORDS):
        _matches(password, _NOBODYS)
    return None


def _matches(password: str, known: str) -> bool:
    if not known.startswith("$"):  # a generated password of before argon2
        old = hashlib.sha256(b"smtp-password\0" + password.encode("utf-8", "replace")).hexdigest()
        return hmac.compare_digest(old, known)
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


def find_routing_key(values: Sequence[str], credentials: Sequence[Credential]) -> Credential | None:
    """Return the credential whose key is one of `values`, None when there is none."""
    hashes = [hash_routing_key(value) for value in values]
    for one in credentials:
        if any(hmac.compare_digest(one.secret_hash, known) for known in hashes):
            return one
    return None


def find_api_token(session: Session, token: str, now: datetime) -> ApiToken | None:
    """Return whose valid token this is, None when it is nobody's."""
    row = session.scalars(
        select(CredentialRow).where(
            CredentialRow.secret_hash == hash_api_token(token),
            CredentialRow.kind == CredentialKind.API.value,
        )
    ).first()
    if row is None or not _credential(row).is_valid(now):
        return None
    return ApiToken(row.id, row.company_id, row.last_used_at)


def add_credential(
    session: Session, company_id: int, kind: CredentialKind, actor: str, now: datetime
) -> tuple[Credential, str]:
    """Make a new secret; return it with what it is, which is told only now.

    actor  who asked for it; "" for the first one of a new company, which is noted as such

    Raises CareerRelayError when the company has as many as it may have.
    """
    valid = [one for one in list_credentials(session, company_id) if one.is_valid(now)]
    if sum(one.kind is kind for one in valid) >= MOST_PASSWORDS:
        raise CareerRelayError(
            f"There are {MOST_PASSWORDS} valid secrets of this kind already. "
            "`career-relay company credential revoke` takes one away."
        )
    secret = new_secret()
    row = CredentialRow(
        company_id=company_id,
        kind=kind.value,
        secret_hash=_HASHES[kind](secret),
        created_at=now,
        expires_at=None,
        last_used_at=None,
    )
    session.add(row)
    session.flush()
    if actor:
        _note(session, company_id, row, "", "added", actor, now)
    return _credential(row), secret


def limit_credential(
    session: Session,
    company_id: int,
    credential_id: int,
    expires_at: datetime | None,
    actor: str,
    now: datetime,
) -> None:
    """Let a secret be valid until `expires_at`; None takes it away now. Noted with who did it.

    Raises NotFoundError when the company has no such secret.
    """
    row = session.get(CredentialRow, credential_id, populate_existing=True)
    if row is None or row.company_id != company_id:
        raise NotFoundError(f"The company has no credential number {credential_id}.")
    if expires_at is None:
        _note(session, company_id, row, "valid", "revoked", actor, now)
        row.secret_hash = ""  # the row stays: its number must not become another's
    else:
        until = f"until {expires_at:%Y-%m-%d %H:%M} UTC"
        _note(session, company_id, row, "valid", until, actor, now)
    row.expires_at = expires_at or now
    session.flush()


def list_credentials(session: Session, company_id: int) -> tuple[Credential, ...]:
    """Return the company's secrets, oldest first, expired and revoked ones too."""
    return load_credentials(session, company_id).get(company_id, ())


def load_credentials(session: Session, only: int | None) -> dict[int, tuple[Credential, ...]]:
    """Return the secrets of all companies, or of one, by company id; oldest first."""
    query = select(CredentialRow).order_by(CredentialRow.id)
    if only is not None:
        query = query.where(CredentialRow.company_id == only)
    found: defaultdict[int, list[Credential]] = defaultdict(list)
    for row in session.scalars(query.execution_options(populate_existing=True)):
        found[row.company_id].append(_credential(row))
    return {company_id: tuple(several) for company_id, several in found.items()}


def note_use(session: Session, credential_id: int, now: datetime) -> None:
    """Remember that a secret was used in the hour of `now`."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    session.execute(
        update(CredentialRow).where(CredentialRow.id == credential_id).values(last_used_at=hour)
    )


def _credential(row: CredentialRow) -> Credential:
    return Credential(
        id=row.id,
        kind=CredentialKind(row.kind),
        secret_hash=row.secret_hash,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


def _note(  # noqa: PLR0913, PLR0917  the fields of one line of history
    session: Session,
    company_id: int,
    row: CredentialRow,
    old: str,
    new: str,
    actor: str,
    now: datetime,
) -> None:
    change = CompanyChange(now, actor, f"credential {row.id} ({row.kind})", old, new)
    note_change(session, company_id, change)
