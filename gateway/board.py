"""What the processes of one gateway know of each other: numbers in shared memory.

Each process writes its own seat and nobody else's, so nothing is locked; what it reads of the
others may be a moment old. A gateway of one process has a board with one seat.
"""

import enum
import mmap
from collections.abc import Hashable, Iterator, Sequence
from itertools import product

from gateway.core.why import Action, Why

_PLACES = 8192
"""How many keys one seat's table holds; far more than there are connections."""

_NEIGHBOURS = 8
_WORD_BYTES = 8


class Gauge(enum.IntEnum):
    """A number that each process keeps up to date.

    SERVING      1 once it takes connections
    BEAT         when its event loop last turned, in milliseconds of time.monotonic()
    CONNECTIONS  of clients, open now
    IN_HAND      mails on their way to a next hop
    WAITING      rows that wait for the group writer
    MEMORY       bytes that its messages hold
    """

    SERVING = 0
    BEAT = 1
    CONNECTIONS = 2
    IN_HAND = 3
    WAITING = 4
    MEMORY = 5


class Kind(enum.IntEnum):
    """What a table counts: connections by source, by company; failed logins by source."""

    PEERS = 0
    COMPANIES = 1
    LOGINS = 2


REPLIES = ("2", "4", "5", "none")
Counter = tuple[str, str] | str
COUNTERS: tuple[Counter, ...] = (*product(map(str, Action), map(str, Why)), *REPLIES)
"""What each process has counted since the start: mails by action and reason, replies by class."""

_COUNTER_AT = {name: len(Gauge) + place for place, name in enumerate(COUNTERS)}
_TABLES_AT = len(Gauge) + len(COUNTERS)
_TABLE_WORDS = 2 * _PLACES
_SEAT_WORDS = _TABLES_AT + len(Kind) * _TABLE_WORDS

Words = memoryview


class Board:
    """The seats of all processes, in memory that a fork hands on."""

    def __init__(self, seats: int) -> None:
        """Make the board before the processes are started; all numbers are 0."""
        self._seats = seats
        memory = mmap.mmap(-1, seats * _SEAT_WORDS * _WORD_BYTES)  # shared, in no file
        self._words: Words = memoryview(memory).cast("q")

    def seat(self, number: int) -> "Seat":
        """Return the board as the process with this number sees it."""
        words = [self._words_of(one) for one in range(self._seats)]
        return Seat(words.pop(number), words)

    def read(self, number: int, gauge: Gauge) -> int:
        """Return a number of one process's."""
        return self._words_of(number)[gauge]

    def vacate(self, number: int) -> None:
        """Clear the gauges of a process that has ended; what it counted stays counted."""
        words = self._words_of(number)
        for gauge in Gauge:
            words[gauge] = 0
        tables = words[_TABLES_AT:].cast("B")
        tables[:] = bytes(tables.nbytes)

    def _words_of(self, number: int) -> Words:
        return self._words[number * _SEAT_WORDS : (number + 1) * _SEAT_WORDS]


class Table:
    """Numbers by key: this process's own, which the others see, and theirs.

    Keys are known by their hashes, which processes that were forked from one have in common. A
    place whose number is 0 is free; where none is, the least of some neighbours makes room.
    """

    def __init__(self, own: Words | None = None, others: Sequence[Words] = ()) -> None:
        """Look at these places, two words each; without any there is nobody else."""
        self._own = own
        self._others = others

    def tell(self, key: Hashable, number: int) -> None:
        """Let the others see this process's number of `key`."""
        if self._own is None or not self._others:
            return
        word = hash(key)
        place = _find(self._own, word)
        if place is None:
            if number == 0:
                return  # the key has lost its place to another, and is 0 now
            place = min(_neighbours(word), key=lambda at: self._own[at + 1])  # type: ignore[index]
            self._own[place + 1] = 0  # the old key's number is not the new one's
            self._own[place] = word
        self._own[place + 1] = number

    def told(self, key: Hashable) -> list[int]:
        """Return the numbers that other processes have of `key`."""
        word = hash(key)
        found = ((words, _find(words, word)) for words in self._others)
        return [words[place + 1] for words, place in found if place is not None]


class Seat:
    """The board as one process sees it: its own numbers to write, all to read."""

    def __init__(self, own: Words, others: Sequence[Words]) -> None:
        """Take this process's part of the memory, and those of the others."""
        self._own = own
        self._others = others

    def table(self, kind: Kind) -> Table:
        """Return the table of a kind."""
        start = _TABLES_AT + kind * _TABLE_WORDS
        own, *others = (w[start : start + _TABLE_WORDS] for w in (self._own, *self._others))
        return Table(own, others)

    def tell(self, gauge: Gauge, number: int) -> None:
        """Let the others see a number."""
        self._own[gauge] = number

    def elsewhere(self, gauge: Gauge) -> int:
        """Return the sum of the others' numbers."""
        return sum([words[gauge] for words in self._others]) if self._others else 0

    def total(self, gauge: Gauge) -> int:
        """Return the sum of all processes' numbers."""
        return self._own[gauge] + self.elsewhere(gauge)

    def count(self, counter: Counter) -> None:
        """Count one more; `counter` is one of COUNTERS."""
        self._own[_COUNTER_AT[counter]] += 1

    def counted(self, counter: Counter) -> int:
        """Return what all processes have counted, also those that ended."""
        place = _COUNTER_AT[counter]
        return self._own[place] + sum(words[place] for words in self._others)


def alone() -> Seat:
    """Return the seat of a process that is the only one."""
    return Board(1).seat(0)


def _neighbours(word: int) -> Iterator[int]:
    """Yield the places where a key may be."""
    return ((word + step) % _PLACES * 2 for step in range(_NEIGHBOURS))


def _find(words: Words, word: int) -> int | None:
    return next((place for place in _neighbours(word) if words[place] == word), None)
