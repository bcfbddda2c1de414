"""The log is searched by day, by candidate and by link."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from gateway.core.candidate import hash_candidate, mask
from gateway.core.envelope import Address
from gateway.core.link import Token, hash_token, link_for
from gateway.store import mails
from gateway.store.engine import reading_session, writing_session
from gateway.store.who import referrals_of
from tests.store import reserving
from tests.store.records import NOW, make_mail, make_referral, write_company

KEY = b"k" * 32
TARO = Address("taro@example.com")
TOKEN = Token("abcdefghijklmnopqrstuvwxyz")
DAY = timedelta(days=1)


def _log_days(engine: Engine, company_id: int) -> None:
    """Log five mails a day for five days; each day's last is written first."""
    with writing_session(engine).begin() as session:
        for day in range(5):
            for hour in (4, 0, 1, 2, 3):
                at = NOW + day * DAY + timedelta(hours=hour)
                record = make_mail(company_id, f"{day}-{hour}")
                reserving.record_mail(session, dataclasses.replace(record, at=at))


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        pytest.param(1, 3, {1, 2}, id="two days"),
        pytest.param(0, 1, {0}, id="the first"),
        pytest.param(4, None, {4}, id="the last"),
        pytest.param(None, 2, {0, 1}, id="up to a day"),
        pytest.param(5, 9, set(), id="later"),
        pytest.param(-9, 0, set(), id="earlier"),
        pytest.param(3, 2, set(), id="the wrong way round"),
    ],
)
def test_the_log_of_some_days_is_theirs_whole(
    engine: Engine, since: int | None, until: int | None, days: set[int]
) -> None:
    company_id = write_company(engine).company.id
    _log_days(engine, company_id)
    with reading_session(engine)() as session:
        found = mails.list_mails(
            session,
            company_id=company_id,
            since=None if since is None else NOW + since * DAY,
            until=None if until is None else NOW + until * DAY,
        )
    assert {int(mail.queue_id[0]) for mail in found} == days
    assert len(found) == 5 * len(days)


@pytest.mark.parametrize(
    "who",
    [
        "taro@example.com",
        " TARO+jobs@EXAMPLE.com ",
        str(TOKEN),
        link_for("https://relay.example", TOKEN),
        link_for("https://relay.example", TOKEN) + "/",
    ],
)
def test_a_candidate_is_found_by_address_and_by_link(engine: Engine, who: str) -> None:
    company_id = write_company(engine).company.id
    new = dataclasses.replace(
        make_referral(company_id, "m", "x"),
        candidate_hash=hash_candidate(KEY, TARO),
        masked=mask(TARO),
        token_hash=hash_token(TOKEN),
    )
    with writing_session(engine).begin() as session:
        reserving.reserve(session, new, make_mail(company_id, "taro"), NOW)
        other = make_referral(company_id, "m", "hanako")
        reserving.reserve(session, other, make_mail(company_id, "hanako"), NOW)
    with reading_session(engine)() as session:
        found = referrals_of(session, KEY, who)
        assert [mail.queue_id for mail in mails.list_mails(session, referrals=found)] == ["taro"]


@pytest.mark.parametrize("who", ["", "taro", "jiro@example.com", "a" * 26, "@", "\0@\0"])
def test_nobody_is_found_by_anything_else(engine: Engine, who: str) -> None:
    with reading_session(engine)() as session:
        assert referrals_of(session, KEY, who) == ()
        assert mails.list_mails(session, referrals=()) == ()
