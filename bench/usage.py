"""What processes use, from Linux's /proc: processor time and memory of a whole tree."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> Iterator[int]:
    """Yield a process and all that came from it and still live."""
    yield root
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{root}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def processor_seconds(roots: Sequence[int]) -> float:
    """Return the processor time of process trees, of ended and collected children too."""
    ticks = 0
    for pid in _all(roots):
        with contextlib.suppress(OSError):
            # Behind the name, which may hold blanks: utime, stime, cutime, cstime (proc(5)).
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / _TICKS_A_SECOND


def memory_bytes(roots: Sequence[int]) -> int:
    """Return the memory of process trees, shared pages counted by shares (PSS)."""
    total = 0
    for pid in _all(roots):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) << 10
    return total


def _all(roots: Sequence[int]) -> set[int]:
    return {pid for root in roots for pid in tree(root)}
