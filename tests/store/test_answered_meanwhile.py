"""A company is switched to inject mode at the moment in which one of its verdicts is denied."""

import threading

import pytest
from sqlalchemy import text

from gateway.core.company import Mode
from gateway.store import reviews
from gateway.store.companies import set_mode
from gateway.store.company_records import find_company
from gateway.store.engine import open_engine, reading_session, writing_session
from gateway.store.reviews import NotReviewedError
from tests.services import wait_until
from tests.store.records import NOW, write_company
from tests.store.test_reviews import observed, say, write

_WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.mark.postgresql
def test_who_switches_waits_for_the_answer_that_somebody_gives(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    company_id = write_company(engine).company.id
    write(engine, *(observed(company_id, name) for name in ("one", "two")))
    say(engine, company_id, "one", yes=True)
    told: list[Exception] = []

    def switch() -> None:
        try:
            with writing_session(engine).begin() as session:
                find_company(session, "Sakura")
                reviews.check_reviewed(session, company_id, 1)
                set_mode(session, company_id, Mode.INJECT, "a test", NOW)
        except NotReviewedError as error:
            told.append(error)

    def somebody_waits() -> bool:
        with reading_session(engine)() as session:
            return bool(session.scalar(_WAITS))

    switching = threading.Thread(target=switch)
    with writing_session(engine).begin() as session:
        reviews.answer(session, company_id, "two", is_rejection=False, actor="a test", now=NOW)
        switching.start()
        wait_until(somebody_waits, "the other one waits")
    switching.join()
    with reading_session(engine)() as session:
        assert find_company(session, "Sakura").company.mode is Mode.OBSERVE
    assert len(told) == 1
    engine.dispose()
