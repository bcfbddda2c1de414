"""How much one client, one address, one company and all together may have of this gateway.

What the gateway's other processes have is read from the board, so that the sum keeps the limit.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.board import Gauge, Seat, Table, alone
from gateway.reply import Reply
from gateway.settings import Settings

Key = TypeVar("Key", bound=Hashable)

_COPIES = 3
"""How many times its size a mail takes: as it came, as it leaves, and a copy in between."""

_FORGOTTEN_SECONDS = 900.0
_MOST_SOURCES = 10_000
_MOST_TOLD = 32_767
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 10.0

_CLIENT_ERRORS = frozenset({500, 501, 502, 503, 504, 530, 538, 555})
"""Replies to a client that breaks the protocol or probes what is there."""


class Tally(Generic[Key]):
    """How many connections each key has, never more than `most` in all processes."""

    def __init__(self, most: int, table: Table | None = None) -> None:
        """Prepare; `table` is where processes tell each other, None for one alone."""
        self._most = most
        self._table = table or Table()
        self._counts: Counter[Key] = Counter()

    def enter(self, key: Key) -> bool:
        """Count one more for `key`; False, and not counted, when that is too many."""
        if self._counts[key] + sum(self._table.told(key)) >= self._most:
            return False
        self._counts[key] += 1
        self._table.tell(key, self._counts[key])
        return True

    def leave(self, key: Key) -> None:
        """Count one less; a key with none left takes no memory."""
        self._counts[key] -= 1
        self._table.tell(key, self._counts[key])
        if self._counts[key] <= 0:
            del self._counts[key]

    def __len__(self) -> int:
        return len(self._counts)


class MessageMemory:
    """A budget for the bytes of all messages in flight, from DATA until the last reply."""

    def __init__(self, most_bytes: int, seat: Seat | None = None) -> None:
        """Prepare; `seat` is where processes tell each other, None for one alone."""
        self._most_bytes = most_bytes
        self._seat = seat or alone()
        self.used_bytes = 0

    def take(self, more_bytes: int) -> None:
        """Use `more_bytes` more; a negative number gives bytes back."""
        self.used_bytes += more_bytes
        self._seat.tell(Gauge.MEMORY, self.used_bytes)

    def has_room(self, message_bytes: int) -> bool:
        """Tell whether a message of this size may begin; one alone always may."""
        return self.may_grow(_COPIES * message_bytes, 0)

    def share(self) -> "Share":
        """Return the share of one mail, empty yet."""
        return Share(self)

    def may_grow(self, more_bytes: int, held_bytes: int) -> bool:
        """Tell whether a mail that holds `held_bytes` may have more; one alone always may."""
        if more_bytes <= 0:
            return True
        used_bytes = self.used_bytes + self._seat.elsewhere(Gauge.MEMORY)
        return used_bytes == held_bytes or used_bytes + more_bytes <= self._most_bytes


class Share:
    """One mail's part of the memory."""

    def __init__(self, memory: MessageMemory) -> None:
        self._memory = memory
        self._bytes = 0

    def resize(self, message_bytes: int) -> bool:
        """Hold room for a message of this size; False when there is none, and then none is held."""
        more = _COPIES * message_bytes - self._bytes
        if not self._memory.may_grow(more, self._bytes):
            self.release()
            return False
        self._bytes += more
        self._memory.take(more)
        return True

    def release(self) -> None:
        """Give the room back; a second time does nothing."""
        self._memory.take(-self._bytes)
        self._bytes = 0


class CommandCounts:
    """How many commands a session gave, how many of them were idle, and how many were errors."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._commands = self._idle = self._errors = 0

    def count(self, *, is_idle: bool) -> Reply | None:
        """Count a command; return what ends the session when there were too many.

        is_idle  the command makes no progress with any mail
        """
        self._commands += 1
        self._idle += is_idle
        if self._idle > self._settings.max_idle_commands:
            return Reply(421, "4.7.0 Too many commands without a mail")
        if is_idle and self._commands > self._settings.max_commands:
            return Reply(421, "4.7.0 Too many commands, connect again")
        return None

    def judge(self, name: str, reply: Reply) -> Reply:
        """Count `reply` if it is to an error of the client; return it, or what ends the session.

        An unknown recipient is no such error, however many there are.
        """
        self._errors += name != "RCPT" and reply.code in _CLIENT_ERRORS
        if self._errors > self._settings.max_errors:
            return Reply(421, "4.7.0 Too many errors")
        return reply

    def mail_done(self) -> None:
        """Start counting idle commands anew: a mail has come."""
        self._idle = 0


@dataclass(slots=True)
class _Source:
    failures: int = 0
    failed_at: float = 0.0
    has_logged_in: bool = False
    checking: int = 0  # of the failures, how many may be taken back: they are not decided yet

    def pack(self) -> int:
        """Return one number that says all of it to another process; later ones are larger."""
        failures = min(self.failures, _MOST_TOLD)
        number = int(self.failed_at) * (_MOST_TOLD + 1) + failures
        return number * 4 + 2 * self.has_logged_in + (self.checking > 0)


def _unpack(number: int) -> _Source:
    seconds, failures = divmod(number // 4, _MOST_TOLD + 1)
    return _Source(failures, seconds, bool(number & 2), number & 1)


class LoginThrottle:
    """Failed logins by source address: each costs a longer pause, and many cut the address off.

    It is the address that pays, never the account, so no stranger can shut a company out. An
    address from which somebody has logged in is slowed down like any other and not cut off: a
    wrong password in one program does not stop the mail server beside it. Failures are
    forgotten a quarter of an hour after the last; an attempt counts from its beginning, so that
    many at once gain nothing, until it ends: succeeded(), failed() or undecided() must follow.
    """

    def __init__(
        self, most_failures: int, now: Callable[[], float], table: Table | None = None
    ) -> None:
        """Prepare; `now` is a clock that never goes back, the same in all processes, in seconds.

        table  where processes tell each other, None for one alone
        """
        self._most_failures = most_failures
        self._now = now
        self._table = table or Table()
        self._sources: OrderedDict[str, _Source] = OrderedDict()

    def begin(self, source: str) -> bool:
        """Count an attempt as failed until it succeeds; False when the address is cut off."""
        known = self._sources.setdefault(source, _Source())
        self._sources.move_to_end(source)
        if len(self._sources) > _MOST_SOURCES:
            self._sources.popitem(last=False)
        if self._is_forgotten(known):
            known.failures = 0
        all_known = self._all_known(source)
        has_logged_in = any(one.has_logged_in for one in all_known)
        if sum(one.failures for one in all_known) >= self._most_failures and not has_logged_in:
            return False
        known.failures += 1
        known.checking += 1
        known.failed_at = self._now()
        self._table.tell(source, known.pack())
        return True

    def is_checking(self, source: str) -> bool:
        """Tell whether attempts are being checked: if right, they cut nobody off after all."""
        all_known = self._all_known(source)
        return any(one.checking and not self._is_forgotten(one) for one in all_known)

    def failed(self, source: str) -> None:
        """Leave an attempt counted: it was wrong, or nobody waited for how it ended."""
        known = self._sources.get(source)
        if known is not None:
            known.checking -= known.checking > 0
            self._table.tell(source, known.pack())

    def pause_seconds(self, source: str) -> float:
        """Return how long the answer to a failure waits."""
        failures = sum(one.failures for one in self._all_known(source))
        is_known = source in self._sources
        return min(_PAUSE_SECONDS * (failures if is_known else 1), _LONGEST_PAUSE_SECONDS)

    def succeeded(self, source: str) -> None:
        """Take an attempt back: it was right."""
        if source in self._sources:
            self._sources[source].has_logged_in = True
        self.undecided(source)

    def undecided(self, source: str) -> None:
        """Take an attempt back: nobody could tell."""
        known = self._sources.get(source)
        if known is not None and known.failures:
            known.failures -= 1
        self.failed(source)  # the others see both at once

    def _all_known(self, source: str) -> list[_Source]:
        """Return what this process and the others know of a source, without failures long past."""
        known = [_unpack(number) for number in self._table.told(source)]
        for one in known:
            one.failures *= not self._is_forgotten(one)
        return [*known, self._sources.get(source, _Source())]

    def _is_forgotten(self, known: _Source) -> bool:
        return self._now() - known.failed_at > _FORGOTTEN_SECONDS

    def __len__(self) -> int:
        return len(self._sources)
