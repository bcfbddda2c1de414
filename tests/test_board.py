"""What the processes of one gateway know of each other."""

import os

import pytest

from gateway.board import Board, Gauge, Kind, Seat, Table, alone
from gateway.core.why import Action, Why
from gateway.counts import read_counts
from gateway.smtp.limits import LoginThrottle, MessageMemory, Tally

LINKED = (Action.INJECTED.value, Why.LINK_ADDED.value)


def seats(count: int = 2) -> list[Seat]:
    board = Board(count)
    return [board.seat(number) for number in range(count)]


def tables(kind: Kind = Kind.PEERS) -> list[Table]:
    return [seat.table(kind) for seat in seats()]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_writes_what_its_parent_reads() -> None:
    board = Board(2)
    pid = os.fork()
    if pid == 0:  # no test runs on here, whatever happens
        try:
            child = board.seat(1)
            child.tell(Gauge.CONNECTIONS, 7)
            child.count(LINKED)
            child.table(Kind.PEERS).tell("192.0.2.1", 3)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    own = board.seat(0)
    assert own.elsewhere(Gauge.CONNECTIONS) == 7
    assert own.counted(LINKED) == 1
    assert own.table(Kind.PEERS).told("192.0.2.1") == [3], "the hash of a text is the same there"


def test_a_seat_reads_the_others_and_not_itself() -> None:
    one, two, three = seats(3)
    for number, seat in enumerate((one, two, three), 1):
        seat.tell(Gauge.MEMORY, number)
        seat.table(Kind.COMPANIES).tell(7, number)
    assert (one.elsewhere(Gauge.MEMORY), one.total(Gauge.MEMORY)) == (5, 6)
    assert three.table(Kind.COMPANIES).told(7) == [1, 2]
    assert three.table(Kind.COMPANIES).told(8) == []
    assert three.table(Kind.PEERS).told(7) == [], "kinds are apart"


def test_who_ends_leaves_its_counters_and_nothing_else() -> None:
    board = Board(2)
    staying, ending = board.seat(0), board.seat(1)
    ending.tell(Gauge.SERVING, 1)
    ending.table(Kind.PEERS).tell("a", 5)
    ending.count(LINKED)
    ending.count("2")
    board.vacate(1)
    board.seat(1).count(LINKED)  # the next one at this place
    assert staying.total(Gauge.SERVING) == 0
    assert staying.table(Kind.PEERS).told("a") == [0] or not staying.table(Kind.PEERS).told("a")
    counts = read_counts(staying)
    assert counts.mails == {LINKED: 2}
    assert counts.replies == {"2": 1, "4": 0, "5": 0, "none": 0}


def test_a_table_keeps_every_key_while_there_is_room() -> None:
    one, two = tables()
    for number in range(1000):
        one.tell(f"2001:db8:{number:x}::/64", number + 1)
    assert all(two.told(f"2001:db8:{number:x}::/64") == [number + 1] for number in range(1000)), (
        "eight neighbours are enough for an eighth of the places"
    )


def test_in_a_full_table_the_least_makes_room() -> None:
    one, two = tables()
    for number in range(50_000):
        one.tell(number, number + 1)
    told = [number for number in range(50_000) if two.told(number)]
    assert len(told) == 8192
    assert min(told) >= 50_000 - 8192 - 8


def test_a_key_with_nothing_left_makes_room() -> None:
    one, two = tables()
    for number in range(50_000):
        one.tell(number, 1)
        one.tell(number, 0)
    one.tell("a", 2)
    assert two.told("a") == [2]


def test_a_key_that_had_to_make_room_takes_nobody_s_place_when_it_goes() -> None:
    one, two = tables()
    for number in range(8192):
        one.tell(number, 2)
    one.tell(8192, 0)
    assert all(two.told(number) == [2] for number in range(8192))


def test_connections_are_counted_in_all_processes_together() -> None:
    one, two = (Tally[str](3, table) for table in tables())
    assert [one.enter("a"), two.enter("a"), one.enter("a")] == [True] * 3
    assert not two.enter("a")
    assert two.enter("b")
    one.leave("a")
    assert two.enter("a")
    assert not one.enter("a")


def test_a_killed_process_gives_its_connections_back() -> None:
    board = Board(2)
    killed, other = (Tally[str](1, board.seat(at).table(Kind.PEERS)) for at in (0, 1))
    assert killed.enter("a")
    assert not other.enter("a")
    board.vacate(0)
    assert other.enter("a")


def test_memory_is_one_budget_and_one_mail_alone_always_has_room() -> None:
    one, two = (MessageMemory(100, seat) for seat in seats())
    first, second = one.share(), two.share()
    assert first.resize(20)
    assert not second.resize(20), "three times twenty, twice, is too much"
    assert second.resize(10)
    assert not two.has_room(10)
    first.release()
    assert second.resize(5000), "alone in all processes"
    assert not one.has_room(1)


class Clock:
    """A clock that a test sets."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def throttles(clock: Clock) -> list[LoginThrottle]:
    return [LoginThrottle(4, clock, table) for table in tables(Kind.LOGINS)]


def test_an_address_has_so_many_tries_in_all_processes_together(clock: Clock) -> None:
    one, two = throttles(clock)
    assert [one.begin("a"), two.begin("a"), one.begin("a"), two.begin("a")] == [True] * 4
    assert not one.begin("a")
    assert not two.begin("a")
    assert one.pause_seconds("a") == 2.0, "half a second for each failure, wherever it was"
    assert two.begin("b")
    clock.seconds += 901
    assert one.begin("a")
    assert one.pause_seconds("a") == 0.5


def test_who_logged_in_at_one_process_is_not_cut_off_by_another(clock: Clock) -> None:
    one, two = throttles(clock)
    assert one.begin("a")
    one.succeeded("a")
    assert [two.begin("a") for _ in range(10)] == [True] * 10
    assert one.begin("a")


def test_attempts_that_another_process_checks_cut_nobody_off_for_good(clock: Clock) -> None:
    one, two = throttles(clock)
    assert [one.begin("a") for _ in range(4)] == [True] * 4
    assert not two.begin("a")
    assert two.is_checking("a"), "they may be right"
    for _ in range(4):
        one.failed("a")
    assert not two.is_checking("a")
    assert not two.begin("a"), "they were wrong"


def test_one_right_attempt_of_many_at_once_opens_every_process(clock: Clock) -> None:
    one, two = throttles(clock)
    assert [one.begin("a") for _ in range(4)] == [True] * 4
    one.succeeded("a")
    assert two.begin("a")
    clock.seconds += 901
    assert not two.is_checking("a"), "a process that stands still holds nobody up for ever"


def test_alone_nobody_else_has_anything() -> None:
    seat = alone()
    seat.tell(Gauge.SERVING, 1)
    assert (seat.elsewhere(Gauge.SERVING), seat.total(Gauge.SERVING)) == (0, 1)
    assert seat.table(Kind.PEERS).told("a") == []
