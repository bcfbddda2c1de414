"""Fill a database with years of a thousand companies, as fast as PostgreSQL takes it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
from sqlalchemy import Engine

from gateway.core.candidate import hash_candidate
from gateway.core.chain import GENESIS, hash_content
from gateway.core.credit import POINTS_PER_SLOT, RULE_VERSION
from gateway.core.envelope import Address
from gateway.core.link import Token, hash_token

COMPANIES = 1000
SPAN = timedelta(days=365)
KEY = b"a key of the bench, 32 bytes long"
_MAILS_PER_REFERRAL = 2  # half of all mail is something else
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"

Row = tuple[object, ...]


def candidate_of(number: int) -> str:
    """Return the address of referral `number`'s candidate."""
    return f"candidate-{number}@people.example"


def token_of(number: int) -> Token:
    """Return the token in referral `number`'s link."""
    digest = hashlib.sha256(b"%d" % number).digest()
    return Token("".join(_LETTERS[byte % 32] for byte in digest[:26]))


def fill(engine: Engine, size: int, now: datetime) -> None:
    """Write `size` settled referrals and all that belongs to them, up to `now`."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers, no checks
        copy(connection, "company", _COMPANY, _companies(now))
        copy(connection, "referral", _REFERRAL, _referrals(size, now))
        copy(connection, "mail", _MAIL, _mails(size, now))
        copy(connection, "ledger_entry", _ENTRY, _entries(size, now))
        copy(connection, "slot_point", _POINT, _points(size))
        for table in ("company", "referral", "mail", "ledger_entry", "slot_point"):
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def copy(
    connection: psycopg.Connection[Row], table: str, columns: str, rows: Iterator[Row]
) -> None:
    """Write rows by COPY."""
    command = f"COPY {table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(command.encode()) as writing:
        for row in rows:
            writing.write_row(row)


_COMPANY = "id, name, mode, contact, language, next_hop, smtp_user, created_at"


def _companies(now: datetime) -> Iterator[Row]:
    for id_ in range(1, COMPANIES + 1):
        name = f"company-{id_}"
        hop = "127.0.0.1:25"
        yield (id_, name, "inject", f"hr@{name}.example", "ja", hop, name, now - SPAN)


def _at(number: int, size: int, now: datetime) -> datetime:
    """Spread over the span in order; the newest is half an hour old."""
    return now - SPAN * ((size - number) / size) - timedelta(minutes=30)


_REFERRAL = (
    "id, company_id, candidate_hash, masked, message_key, token_hash, state, language,"
    " created_at, relayed_at, settled_at, attempts"
)


def _referrals(size: int, now: datetime) -> Iterator[Row]:
    for number in range(size):
        at = _at(number, size, now)
        key = hashlib.sha256(b"message %d" % number).hexdigest()
        hashed = hash_candidate(KEY, Address(candidate_of(number)))
        token = hash_token(token_of(number))
        yield (
            number + 1,
            number % COMPANIES + 1,
            hashed,
            "c•••@people.example",
            key,
            token,
            "relayed",
            "ja",
            at,
            at,
            at,
            0,
        )


_MAIL = (
    "id, queue_id, company_id, at, verdict, score, rules_version, why, evidence, action, parts,"
    " size_bytes, recipients, candidate_masked, referral_id, reply_code, reply_text, milliseconds"
)
_EVIDENCE = json.dumps([["ja.regret", 0.6, "1", 10, 20, "残念ながら"]] * 3)


def _mails(size: int, now: datetime) -> Iterator[Row]:
    for number in range(size * _MAILS_PER_REFERRAL):
        referral, is_other = divmod(number, _MAILS_PER_REFERRAL)
        verdict, why = ("other", "not-a-rejection") if is_other else ("rejection", "link-added")
        if is_other and referral % 100 == 0:
            verdict, why = "possible", "possible-rejection"
        elif is_other and referral % 5000 == 1:
            why = "signed"
        yield (
            number + 1,
            f"cr-{number:026d}",
            referral % COMPANIES + 1,
            _at(referral, size, now),
            verdict,
            0.5,
            "1",
            why,
            "[]" if is_other else _EVIDENCE,
            "passed" if is_other else "injected",
            "[]" if is_other else '["1"]',
            4321,
            1,
            None if is_other else "c•••@people.example",
            None if is_other else referral + 1,
            250,
            "2.0.0 Ok",
            12,
        )


_ENTRY = "id, company_id, seq, kind, referral_id, reason, rule_version, actor, at, prev_hash, hash"


def _entries(size: int, now: datetime) -> Iterator[Row]:
    """Yield each company's entries one after the other: ten points, then their slot."""
    for company in range(COMPANIES):
        last, seq, points = GENESIS, 0, list[int]()
        for number in range(company, size, COMPANIES):
            at = _at(number, size, now)
            seq += 1
            points.append(seq)
            values: Row = (company + 1, seq, "counted", number + 1)
            last, row = _entry(values, at, [], last, _entry_id(size, company, seq))
            yield row
            if len(points) == POINTS_PER_SLOT:
                seq += 1
                values = (company + 1, seq, "slot_earned", None)
                last, row = _entry(values, at, points, last, _entry_id(size, company, seq))
                yield row
                points = []


def _entry_id(size: int, company: int, seq: int) -> int:
    """Return an entry's id: each company has a range of its own."""
    return company * (size // COMPANIES * 2 + 10) + seq


def _entry(values: Row, at: datetime, points: list[int], last: str, id_: int) -> tuple[str, Row]:
    company_id, seq, kind, referral_id = values
    content = {
        "company_id": company_id,
        "seq": seq,
        "kind": kind,
        "referral_id": referral_id,
        "reason": None,
        "rule_version": RULE_VERSION,
        "actor": "settle",
        "at": at.isoformat(timespec="microseconds"),
        "points": points,
        "prev_hash": last,
    }
    hashed = hash_content(content)
    row = (id_, company_id, seq, kind, referral_id, None, RULE_VERSION, "settle", at, last, hashed)
    return hashed, row


_POINT = "company_id, slot_entry_id, ordinal, counted_entry_id, turn"


def _points(size: int) -> Iterator[Row]:
    per_company = size // COMPANIES
    for company in range(COMPANIES):
        for slot in range(per_company // POINTS_PER_SLOT):
            first = slot * (POINTS_PER_SLOT + 1) + 1
            slot_id = _entry_id(size, company, first + POINTS_PER_SLOT)
            for ordinal in range(POINTS_PER_SLOT):
                point_id = _entry_id(size, company, first + ordinal)
                yield (company + 1, slot_id, ordinal + 1, point_id, 1)
