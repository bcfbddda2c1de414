"""What a person's word on a verdict brings about."""

import pytest

from gateway.core.company import Mode
from gateway.core.review import Consequence, Standing, consequence, counts, offset_of
from gateway.core.verdict import Verdict
from gateway.core.why import Action

NOTHING = Consequence()


@pytest.mark.parametrize(
    ("action", "mode", "is_rejection", "follows"),
    [
        (Action.INJECTED, Mode.INJECT, False, Consequence(withdraws=True, to_observe=True)),
        (Action.INJECTED, Mode.OBSERVE, False, Consequence(withdraws=True, to_observe=False)),
        (Action.INJECTED, Mode.INJECT, True, NOTHING),
        (Action.INJECTED, Mode.OBSERVE, True, NOTHING),
        (Action.PASSED, Mode.INJECT, False, NOTHING),
        (Action.PASSED, Mode.OBSERVE, False, NOTHING),
        (Action.PASSED, Mode.INJECT, True, NOTHING),
        (Action.PASSED, Mode.OBSERVE, True, NOTHING),
    ],
)
def test_only_a_link_in_the_wrong_mail_has_consequences(
    action: Action, mode: Mode, is_rejection: bool, follows: Consequence
) -> None:
    assert consequence(action, mode, is_rejection=is_rejection) == follows


@pytest.mark.parametrize(
    ("in_a_row", "needed", "missing"),
    [(0, 20, 20), (19, 20, 1), (20, 20, 0), (21, 20, 0), (0, 0, 0)],
)
def test_inject_mode_waits_for_enough_confirmed_in_a_row(
    in_a_row: int, needed: int, missing: int
) -> None:
    assert Standing(in_a_row).missing(needed) == missing


def test_doubtful_mails_count_neither_for_nor_against_a_company() -> None:
    assert [verdict for verdict in Verdict if counts(verdict)] == [Verdict.REJECTION]


@pytest.mark.parametrize(
    ("in_a_row", "wrong", "offset"),
    [
        *((0, 0, 0), (500, 0, 0), (0, 1, 0.5), (0, 2, 1.0), (0, 99, 1.0)),
        *((19, 1, 0.5), (20, 1, 0), (20, 2, 0.5), (40, 99, 0), (400, 99, 0)),
    ],
)
def test_the_offset_is_bounded_and_never_below_what_all_need(
    in_a_row: int, wrong: int, offset: float
) -> None:
    assert offset_of(Standing(in_a_row, wrong)) == offset
