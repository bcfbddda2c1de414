"""One round of mails through one relay: sent, measured, and every mail found again."""

import contextlib
import dataclasses
import itertools
import json
import smtplib
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench import subjects
from bench.load import Load, Result
from bench.mails import SENDER, Kind
from bench.subjects import ROOT, Subject
from bench.usage import memory_bytes, processor_seconds

_PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of mail over a number of connections, from a sender that may reject or not.

    is_apart  each mail over a connection of its own, so many at a time
    """

    kind: Kind
    connections: int
    sender: str = SENDER
    is_apart: bool = False

    def __str__(self) -> str:
        apart = ", a connection for each mail" if self.is_apart else ""
        return f"{self.kind}, c={self.connections}{apart}"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a round gave: mails a second, processor ms a mail, waiting times in ms, bytes."""

    rate: float
    cpu_ms: float
    p50: float
    p99: float
    memory: float


class Rounds:
    """Rounds of about the same length, whatever the relay's rate.

    seconds  about how long a round takes
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._numbers = itertools.count(1_000_000, 1_000_000)
        self._rates: dict[tuple[str, Cell], float] = {}

    def measure(self, subject: Subject, sink_port: int, cell: Cell) -> Sample:
        """Return what a round gives; before the first of a cell, find out how many mails it takes.

        Raises SystemExit when a mail was lost or doubled.
        """
        known = self._rates.get((subject.name, cell))
        if known is None:
            known = self._send(subject, sink_port, cell, max(cell.connections * 2, 20))[0].rate
        mails = max(cell.connections * 2, int(known * self._seconds), 20)
        sample, _ = self._send(subject, sink_port, cell, mails)
        self._rates[subject.name, cell] = sample.rate
        return sample

    def cpu_against_first(
        self, relays: Sequence[tuple[Subject, int]], cell: Cell, repeat: int
    ) -> list[float]:
        """Return the processor time a mail of each other relay against that of the first.

        relays  that run beside each other, with the ports of their sinks

        They are measured in turn, `repeat` times, for the machine's speed changes meanwhile: the
        medians of each round's ratios.
        """
        spent: list[list[float]] = [[] for _ in relays]
        for _ in range(repeat):
            for taken, (subject, sink_port) in zip(spent, relays, strict=True):
                taken.append(self.measure(subject, sink_port, cell).cpu_ms)
        first, *others = spent
        return [
            statistics.median(mine / its for mine, its in zip(taken, first, strict=True))
            for taken in others
        ]

    def _send(
        self, subject: Subject, sink_port: int, cell: Cell, mails: int
    ) -> tuple[Sample, Result]:
        before = processor_seconds(subject.roots)
        result = self.send(subject, cell, mails)
        find_again(subject.name, sink_port, result.taken)
        cpu_ms = (processor_seconds(subject.roots) - before) * 1000 / result.taken
        rate = result.taken / result.seconds
        return Sample(rate, cpu_ms, result.p50, result.p99, memory_bytes(subject.roots)), result

    def send(self, subject: Subject, cell: Cell, mails: int) -> Result:
        """Send mails through a relay, wait for the end, return the result."""
        with self.sending(subject, cell, mails) as process:
            printed, complaint = process.communicate()
        if process.returncode:
            raise SystemExit(f"{subject.name}, {cell}: {complaint.decode()[-2000:]}")
        return Result(**json.loads(printed))

    def sending(self, subject: Subject, cell: Cell, mails: int) -> subprocess.Popen[bytes]:
        """Start to send mails through a relay; return the process that does it."""
        load = Load(
            subject.ports,
            cell.kind.value,
            cell.connections,
            mails,
            next(self._numbers),
            subject.user,
            subject.password,
            cell.sender,
            cell.is_apart,
        )
        command = subjects.python("load", json.dumps(dataclasses.asdict(load)))
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def find_again(name: str, sink_port: int, taken: int) -> None:
    """Return when all mails that a relay took came to the sink, once each.

    Raises SystemExit when one was lost or doubled.
    """
    came = 0
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with contextlib.closing(smtplib.SMTP("127.0.0.1", sink_port)) as client:
        while came < taken and time.monotonic() < deadline:
            tally = json.loads(client.docmd("XTALLY")[1])
            came += tally["mails"]
            if tally["doubled"]:
                raise SystemExit(f"{name}: {tally['doubled']} mails came twice")
            if came < taken:
                time.sleep(0.05)  # a relay with a queue delivers afterwards
    if came != taken:
        raise SystemExit(f"{name}: {taken} mails were taken and {came} came")


def median(samples: Sequence[Sample]) -> Sample:
    """Return the median of each figure."""
    return Sample(*map(statistics.median, zip(*map(dataclasses.astuple, samples), strict=True)))


def noise(figures: Sequence[float]) -> float:
    """Return half the distance between the quartiles, as a share of the median."""
    if len(figures) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(figures, n=4)
    return (high - low) / 2 / middle if middle else 0.0
