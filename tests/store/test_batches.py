"""What waits for one thread: all that waits is taken, nothing is lost, so many fit in."""

import threading

from gateway.store.batches import Batches


def _open(most: int) -> Batches[int]:
    batches = Batches[int](most)
    batches.open()
    return batches


def test_all_that_waits_is_taken_in_the_order_it_came() -> None:
    batches = _open(100)
    assert batches.put([1, 2]) == batches.put([3]) == []
    assert batches.waiting == 3
    assert batches.take(10) == [1, 2, 3]
    assert batches.waiting == 0


def test_a_list_is_taken_apart_where_it_makes_too_large_a_batch() -> None:
    batches = _open(100)
    batches.put([1, 2, 3, 4, 5])
    batches.put([6])
    assert [batches.take(2) for _ in range(3)] == [[1, 2], [3, 4], [5, 6]]


def test_of_a_list_goes_in_what_finds_room() -> None:
    batches = _open(3)
    assert batches.put([1, 2]) == []
    assert batches.put([3, 4, 5]) == [4, 5]
    assert batches.take(10) == [1, 2, 3]
    assert batches.put([4, 5]) == []


def test_what_was_put_in_before_the_close_is_taken_and_then_nothing() -> None:
    batches = _open(100)
    batches.put([1, 2, 3])
    assert batches.close()
    assert not batches.close()
    assert batches.put([4]) == [4]
    assert [batches.take(2) for _ in range(4)] == [[1, 2], [3], [], []]


def test_nothing_goes_in_before_it_is_opened() -> None:
    assert Batches[int](100).put([1]) == [1]


def test_whoever_takes_waits_for_the_first() -> None:
    batches = _open(100)
    taken: list[list[int]] = []
    thread = threading.Thread(target=lambda: taken.append(batches.take(10)))
    thread.start()
    batches.put([1])
    thread.join(10)
    assert taken == [[1]]
