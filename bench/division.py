"""Several gateway processes on one port against one: python -m bench.division [--quick].

On SQLite and on PostgreSQL, measured in turn: mails a second, processor time a mail over all
processes, how evenly the work fell, memory. Load and sink need processor time too: on a machine
with as many cores as processes the rate cannot grow N times.
"""

import argparse
import contextlib
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import subjects
from bench.mails import Kind
from bench.relay import machine, say
from bench.rounds import Cell, Rounds, Sample, median, noise
from bench.subjects import Subject
from bench.usage import processor_seconds, tree
from tests.services import postgresql_cluster


@dataclass(frozen=True, slots=True)
class Running:
    """A relay with its sink, and what was measured: samples, and each round's evenness."""

    subject: Subject
    sink_port: int
    samples: list[Sample]
    evenness: list[float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds, few of them")
    parser.add_argument("--processes", type=int, default=2, help="so many against one")
    options = parser.parse_args()
    rounds = Rounds(1.0 if options.quick else 4.0)
    say(machine())
    say("least: the part of its share that the process did which did least")
    with tempfile.TemporaryDirectory(prefix="cr-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with _started(folder, options.processes) as relays:
            for cell in (Cell(Kind.REJECTION, 20), Cell(Kind.REJECTION, 100)):
                say(f"\n{cell}")
                for _ in range(3 if options.quick else 7):
                    for relay in relays:
                        _measure(rounds, relay, cell)
                for one, many in zip(relays[::2], relays[1::2], strict=True):
                    _show(one, many)


@contextlib.contextmanager
def _started(folder: Path, processes: int) -> Iterator[list[Running]]:
    """Run one process and several, on SQLite and on PostgreSQL."""
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(postgresql_cluster())
        relays = []
        for ledger in ("SQLite", "PostgreSQL"):
            for count in (1, processes):
                place = folder / f"{ledger}-{count}"
                url = f"sqlite:///{place / 'ledger.sqlite3'}"
                if ledger == "PostgreSQL":
                    cluster.execute(f"CREATE DATABASE division{count}")
                    url = cluster.url(f"division{count}")
                port, _ = stack.enter_context(subjects.sink())
                start = subjects.career_relay(
                    place, port, name=f"{ledger}, {count}", processes=count, database_url=url
                )
                relays.append(Running(stack.enter_context(start), port, [], []))
        yield relays


def _measure(rounds: Rounds, relay: Running, cell: Cell) -> None:
    before = _by_process(relay.subject)
    relay.samples.append(rounds.measure(relay.subject, relay.sink_port, cell))
    spent = [after - before[pid] for pid, after in _by_process(relay.subject).items()]
    relay.evenness.append(min(spent) * len(spent) / sum(spent))


def _by_process(subject: Subject) -> dict[int, float]:
    """Return the processor time of each process that serves."""
    parent, *children = tree(subject.roots[0])
    return {pid: processor_seconds([pid]) for pid in children or [parent]}


def _show(one: Running, many: Running) -> None:
    """Print and forget both, and what several processes make of one's figures, pair by pair."""
    say("  ledger, processes  mails/s (noise)   p50 ms   p99 ms   CPU ms/mail  least  memory MB")
    for relay in (one, many):
        middle = median(relay.samples)
        loose = noise([sample.rate for sample in relay.samples])
        say(
            f"  {relay.subject.name:17} {middle.rate:8.0f} ({loose:4.0%})  {middle.p50:8.2f}"
            f" {middle.p99:8.2f}   {middle.cpu_ms:11.3f}   {statistics.median(relay.evenness):4.2f}"
            f"  {middle.memory / 1e6:9.0f}"
        )
    pairs = list(zip(many.samples, one.samples, strict=True))
    rate, cpu = (
        statistics.median(getattr(a, figure) / getattr(b, figure) for a, b in pairs)
        for figure in ("rate", "cpu_ms")
    )
    say(f"  against one process: rate {rate:.2f}, CPU a mail {cpu:.2f}")
    for relay in (one, many):
        relay.samples.clear()
        relay.evenness.clear()


if __name__ == "__main__":
    main()
