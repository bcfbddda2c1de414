"""Items that many bring and one thread takes, as many at a time as there are."""

import queue
import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Batches(Generic[T]):
    """What waits for one thread; whoever puts several items in pays for one.

    Items travel as the lists they came in, through a queue written in C: Python's other one takes
    sixteen calls and a lock of its own for each item.

    waiting  how many items were put in and not taken yet
    """

    def __init__(self, most: int) -> None:
        """Prepare; open() begins. `most` items fit in."""
        self._most = most
        self._lists: queue.SimpleQueue[list[T]] = queue.SimpleQueue()
        self._ahead: deque[T] = deque()  # taken out of the lists, left for the next batch
        self._gate = threading.Lock()
        self._is_open = False
        self._is_last = False
        self.waiting = 0

    def open(self) -> None:
        """Take items from now on."""
        self._is_open = True

    def close(self) -> bool:
        """Take nothing any more; tell whether it was open."""
        with self._gate:
            was_open, self._is_open = self._is_open, False
            if was_open:
                self._lists.put([])  # the last
        return was_open

    def put(self, items: list[T]) -> list[T]:
        """Put items in as far as there is room; return the others."""
        with self._gate:
            room = max(self._most - self.waiting, 0) if self._is_open else 0
            taken, refused = items[:room], items[room:]
            if taken:
                self.waiting += len(taken)
                self._lists.put(taken)
        return refused

    def take(self, most: int) -> list[T]:
        """Return all that waits, at most `most` and at least one.

        An empty list once it is closed and all was taken.
        """
        if not self._ahead and not self._is_last:
            self._receive()
        while len(self._ahead) < most and not self._lists.empty():
            self._receive()
        batch = [self._ahead.popleft() for _ in range(min(len(self._ahead), most))]
        with self._gate:
            self.waiting -= len(batch)
        return batch

    def _receive(self) -> None:
        items = self._lists.get()
        self._ahead.extend(items)
        self._is_last = not items
