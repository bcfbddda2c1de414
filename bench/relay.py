"""The relay beside its peers, in one run: python -m bench.relay [--quick] [--json FILE].

Starts the product's gateway, a plain relay on bare aiosmtpd, and when they are installed Haraka
with a banner (on the PATH or named by BENCH_HARAKA) and Postfix with a Python milter. The rounds
are interleaved; printed are medians, noise (half the distance between the quartiles) and the
table of goals. What came out is counted: a mail lost or doubled ends the run.
"""

import argparse
import contextlib
import json
import platform
import statistics
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from bench import idle, special, subjects
from bench.goals import GOALS
from bench.growth import ledger_growth
from bench.mails import DOMAIN, Kind
from bench.rounds import Cell, Rounds, Sample, median, noise
from bench.subjects import ROOT, Subject
from tests.services import postgresql_cluster

Start = Callable[[Path, int], AbstractContextManager[Subject]]
Samples = dict[tuple[str, Cell], list[Sample]]

NEVER_REJECTS = f"eigyo@{DOMAIN}"

CELLS = (
    *(Cell(Kind.REJECTION, connections) for connections in (1, 20, 100)),
    *(Cell(kind, 20) for kind in (Kind.FRESH, Kind.JIS, Kind.OTHER, Kind.ATTACHMENT, Kind.MIX)),
    Cell(Kind.OTHER, 20, NEVER_REJECTS),
    Cell(Kind.REJECTION, 20, is_apart=True),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds, few of them")
    parser.add_argument("--json", type=Path, help="write what was measured into this file too")
    parser.add_argument("--baseline", type=Path, help="compare with such a file")
    options = parser.parse_args()
    idle.allow_many_files()
    rounds = Rounds(0.7 if options.quick else 3.0)
    say(machine())
    with tempfile.TemporaryDirectory(prefix="cr-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        samples = beside_peers(rounds, folder, repeat=3 if options.quick else 7)
        figures = ratios(samples) | alone(rounds, folder, quick=options.quick)
    say("\nmeasure, value, goal, must")
    for key, goal in GOALS.items():
        say(goal.judge(figures.get(key)))
    if options.baseline is not None:
        compare(figures, json.loads(options.baseline.read_text())["figures"])
    if options.json is not None:
        options.json.write_text(json.dumps({"machine": machine(), "figures": figures}, indent=1))


def beside_peers(rounds: Rounds, folder: Path, repeat: int) -> Samples:
    """Measure all relays on all cells, interleaved, and print the medians."""
    samples: Samples = defaultdict(list)
    with ExitStack() as stack:
        running: list[tuple[Subject, int]] = []
        for number, start in enumerate(installed()):
            port, _ = stack.enter_context(subjects.sink())
            subject = stack.enter_context(start(folder / f"relay-{number}", port))
            running.append((subject, port))
        for cell in CELLS:
            for _ in range(repeat):
                for subject, port in running:
                    if cell.sender == NEVER_REJECTS and subject.name != "career-relay":
                        continue
                    samples[subject.name, cell].append(rounds.measure(subject, port, cell))
            show(cell, samples)
    return samples


def installed() -> list[Start]:
    """Return how to start the relays of this machine; say which are missing."""
    starts: list[Start] = [subjects.direct, subjects.career_relay, subjects.naive]
    if subjects.haraka_program() is not None:
        starts.append(subjects.haraka)
    else:
        say("MISSING: Haraka (npm install Haraka; name it with BENCH_HARAKA)")
    if subjects.milter_python() is not None and Path("/usr/sbin/postfix").exists():
        starts.append(subjects.postfix_milter)
    else:
        say("MISSING: Postfix with a Python milter (Debian: postfix python3-milter)")
    return starts


def show(cell: Cell, samples: Samples) -> None:
    """Print one cell's medians."""
    sender = " of a sender who never rejects" if cell.sender == NEVER_REJECTS else ""
    say(f"\n{cell}{sender}")
    say("  relay            mails/s (noise)   p50 ms   p99 ms   CPU ms/mail   memory MB")
    for (name, of), taken in samples.items():
        if of != cell:
            continue
        one = median(taken)
        loose = noise([sample.rate for sample in taken])
        say(
            f"  {name:15} {one.rate:8.0f} ({loose:4.0%})  {one.p50:8.2f} {one.p99:8.2f}"
            f"   {one.cpu_ms:11.3f}   {one.memory / 1e6:9.0f}"
        )


def ratios(samples: Samples) -> dict[str, float]:
    """Return the ratios to the peers: the median over the rounds of each round's ratio."""

    def ratio(figure: str, peer: str, cell: Cell) -> float | None:
        ours, theirs = samples.get(("career-relay", cell)), samples.get((peer, cell))
        if not ours or not theirs:
            return None
        pairs = zip(ours, theirs, strict=True)
        return float(statistics.median(getattr(a, figure) / getattr(b, figure) for a, b in pairs))

    alone_, twenty, hundred = CELLS[:3]
    attachment = Cell(Kind.ATTACHMENT, 20)
    found = {
        "naive-cpu": ratio("cpu_ms", "naive", twenty),
        "naive-rate": ratio("rate", "naive", twenty),
        "naive-p50": ratio("p50", "naive", alone_),
        "haraka-rate-100": ratio("rate", "haraka", hundred),
        "haraka-rate-20": ratio("rate", "haraka", twenty),
        "haraka-cpu": ratio("cpu_ms", "haraka", hundred),
        "postfix-rate": ratio("rate", "postfix+milter", twenty),
        "attachment-rate": ratio("rate", "haraka", attachment),
        "attachment-cpu": ratio("cpu_ms", "naive", attachment),
    }
    never = [one.cpu_ms for one in samples["career-relay", Cell(Kind.OTHER, 20, NEVER_REJECTS)]]
    rejecting = [one.cpu_ms for one in samples["career-relay", twenty]]
    found["never-rejects"] = statistics.median(never) / statistics.median(rejecting)
    return {key: value for key, value in found.items() if value is not None}


def alone(rounds: Rounds, folder: Path, *, quick: bool) -> dict[str, float]:
    """Return the figures of the product alone."""
    figures = {"slow-hop": special.slow_hop(rounds, folder)}
    with (
        subjects.sink() as (port, _),
        subjects.career_relay(
            folder / "alone", port, max_connections=idle.MOST_CONNECTIONS
        ) as relay,
    ):
        figures["silent"] = idle.silent_connection(relay)
        figures["idle"] = statistics.median(
            share.rate for share in idle.beside_idle_clients(rounds, relay, port)
        )
        figures["large"] = special.beside_large_mails(rounds, relay, port)
    sizes = {100_000: "rows-5"} if quick else {100_000: "rows-5", 1_000_000: "rows-6"}
    for size, ratio in ledger_growth(rounds, folder, tuple(sizes), 3 if quick else 7).items():
        figures[sizes[size]] = ratio
    if any(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")):
        figures["processes"] = processes(rounds, folder)
    else:
        say("MISSING: PostgreSQL (Debian: postgresql)")
    harm = special.damage(folder, rounds, 140 if quick else 1400)
    say(f"\nevery 7th mail answered 451: {harm}")
    figures["harm"] = sum(harm.values())
    return figures


def processes(rounds: Rounds, folder: Path) -> float:
    """Return the processor time a mail of two gateways on PostgreSQL against one."""
    cell = Cell(Kind.REJECTION, 100)
    with postgresql_cluster() as cluster, contextlib.ExitStack() as stack:
        running = []
        for count in (1, 2):
            cluster.execute(f"CREATE DATABASE bench{count}")
            port, _ = stack.enter_context(subjects.sink())
            url = cluster.url(f"bench{count}")
            place = folder / f"postgresql-{count}"
            relay = stack.enter_context(special.on_postgresql(place, port, url, count))
            rounds.measure(relay, port, cell)
            running.append((relay, port))
        (ratio,) = rounds.cpu_against_first(running, cell, 5)
    return ratio


def compare(figures: dict[str, float], before: dict[str, float]) -> None:
    """Print how each figure stands to an earlier run's."""
    say("\nagainst the baseline")
    for key, value in figures.items():
        if before.get(key):
            say(f"  {GOALS[key].measure:66} {value / before[key]:6.2f}")


def machine() -> str:
    """Return what measured: the machine, the Python, the commit."""
    commit = subprocess.run(
        ("git", "describe", "--always", "--dirty"),  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    return f"{platform.processor() or platform.machine()}, {platform.python_version()}, {commit}"


def say(line: str) -> None:
    """Print a line."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
