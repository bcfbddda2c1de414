"""What keeps mail back: a foreign From, and the brake, as a person sets them."""

from gateway.core.why import Why
from gateway.store.company_changes import list_changes
from gateway.store.engine import reading_session, writing_session
from tests.cli.conftest import COMPANY, Line
from tests.store.records import NOW, pull_brake


def test_a_foreign_from_passes_at_first_and_is_refused_by_choice(line: Line) -> None:
    assert "passes as it came" in line("company", "foreign-from", COMPANY)
    assert "refused with 550" in line("company", "foreign-from", COMPANY, "refuse")
    assert "refused with 550" in line("company", "foreign-from", COMPANY)
    shown = line("company", "show", COMPANY)
    assert [part.split()[1] for part in shown.splitlines() if "foreign_from" in part] == ["refuse"]
    said = line("company", "foreign-from", COMPANY, Why.FOREIGN_FROM, fails=True)
    assert "pass or refuse" in said
    assert "passes as it came" in line("company", "foreign-from", COMPANY, "pass")


def test_the_brake_is_let_go_with_a_reason_in_the_history(line: Line) -> None:
    with writing_session(line.parts.engine).begin() as session:
        pull_brake(session, 1, "too many", NOW)
    assert "PULLED" in line("company", "brake", COMPANY, fails=True)
    line("company", "brake", COMPANY, "--release", "--reason", "the job fair of taro@cand.example")
    with reading_session(line.parts.engine)() as session:
        newest = list_changes(session, 1)[0]
    assert (newest.actor, newest.old) == ("command line", "too many")
    assert newest.new == "held mails released: the job fair of t•••@cand.example"
