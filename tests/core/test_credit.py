"""Counting rules: what a referral waits for, what a burst is, what another rule would give."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.credit import (
    CountAt,
    Facts,
    Habit,
    Rule,
    Simulation,
    Waits,
    is_burst,
    waits_for,
)

NOW = datetime(2026, 4, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("rule", "facts", "waits"),
    [
        (Rule(), Facts(NOW), None),
        (Rule(hold_hours=2), Facts(NOW), (Waits.HOURS, NOW + 2 * HOUR)),
        (Rule(hold_hours=2), Facts(NOW - 2 * HOUR), None),
        (Rule(count_at=CountAt.OPENED), Facts(NOW), (Waits.OPENED, None)),
        (Rule(count_at=CountAt.OPENED), Facts(NOW, opened_at=NOW), None),
        (Rule(count_at=CountAt.OPENED), Facts(NOW, registered_at=NOW), None),
        (Rule(count_at=CountAt.REGISTERED), Facts(NOW, opened_at=NOW), (Waits.REGISTERED, None)),
        (Rule(count_at=CountAt.REGISTERED), Facts(NOW, registered_at=NOW), None),
        (
            Rule(count_at=CountAt.OPENED, hold_hours=1),
            Facts(NOW, opened_at=NOW),
            (Waits.HOURS, NOW + HOUR),
        ),
        pytest.param(Rule(), Facts(NOW + DAY), None, id="a clock that is behind"),
    ],
)
def test_a_referral_waits(
    rule: Rule, facts: Facts, waits: tuple[Waits, datetime | None] | None
) -> None:
    assert waits_for(rule, facts, NOW) == waits


@pytest.mark.parametrize(
    ("habit", "is_one"),
    [
        (Habit(99, 0, 100), False),
        (Habit(100, 0, 100), True),
        (Habit(100, 28 * 10, 100), True),
        (Habit(100, 28 * 11, 100), False),
        (Habit(1000, 28 * 100, 28), True),
        (Habit(999, 28 * 100, 28), False),
        pytest.param(Habit(199, 10 * 20, 10), False, id="ten days, twenty a day: a habit"),
        pytest.param(Habit(4999, 0, 6), False, id="young, nobody knows its habit"),
        pytest.param(Habit(5000, 0, 6), True, id="young and far too many"),
        pytest.param(Habit(100, 0, 7), True, id="a week old: it has a habit, of nothing"),
    ],
)
def test_a_burst_is_far_outside_the_habit(habit: Habit, is_one: bool) -> None:
    assert is_burst(Rule(), habit) is is_one
    assert not is_burst(Rule(burst_limit=0), habit)


def test_a_simulation_counts_by_another_rule() -> None:
    seen = [
        (Facts(NOW, candidate="a"), False),  # before: stands in the way
        (Facts(NOW + DAY, opened_at=NOW + DAY, candidate="a"), True),
        (Facts(NOW + DAY, candidate="b"), True),
        (Facts(NOW + 2 * DAY, opened_at=NOW + 3 * DAY, candidate="c"), True),
        (Facts(NOW + 40 * DAY, opened_at=NOW + 40 * DAY, candidate="c"), True),
    ]

    def sums(rule: Rule) -> tuple[int, int, int]:
        simulation = Simulation(rule)
        for facts, is_new in seen:
            simulation.see(facts, is_new=is_new)
        return simulation.counted, simulation.duplicates, simulation.waiting

    assert sums(Rule()) == (2, 2, 0)
    assert sums(Rule(count_at=CountAt.OPENED)) == (2, 1, 1)
    assert sums(Rule(window_days=30)) == (3, 1, 0)
    assert sums(Rule(count_at=CountAt.REGISTERED)) == (0, 0, 4)
