"""What is remembered of copies that left, on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from gateway.core.copy_mark import CopyMark
from gateway.store import sent_copies
from gateway.store.engine import reading_session, writing_session

NOW = datetime(2026, 1, 5, tzinfo=UTC)
A, B, C = (CopyMark(letter * 64) for letter in "abc")


def test_only_those_who_have_the_mail_are_found_again(engine: Engine) -> None:
    with writing_session(engine).begin() as session:
        sent_copies.note_sent(session, [A, B], NOW)
        sent_copies.note_sent(session, [B], NOW + timedelta(days=1))
    with reading_session(engine)() as session:
        assert sent_copies.sent_before(session, [B, C, A]) == {A, B}
        assert sent_copies.sent_before(session, [C]) == frozenset()


def test_marks_outlive_a_sender_s_queue_and_then_go(engine: Engine) -> None:
    with writing_session(engine).begin() as session:
        sent_copies.note_sent(session, [A], NOW - timedelta(days=11))
        sent_copies.note_sent(session, [B], NOW - timedelta(days=6))
        sent_copies.forget_old(session, NOW)
        assert sent_copies.sent_before(session, [A, B]) == {B}
