"""Measures of the product beside rate and processor time: waiting, memory, growth, damage."""

import contextlib
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import subjects
from bench.mails import Kind, write_mail
from bench.rounds import Cell, Rounds, find_again
from bench.subjects import Subject
from gateway.core.restore import restore

SMALL = Cell(Kind.REJECTION, 5)


def slow_hop(rounds: Rounds, folder: Path) -> float:
    """Return the rate before a next hop that takes 50 ms, as a share of sending straight to it.

    The company lets the relay make a connection for each of the 100: with the 20 that nobody has to
    allow, no relay could hand on more than 400 mails a second to such a hop. The median of three
    rounds: in the first the connections are made, and nothing was met before.
    """
    cell = Cell(Kind.REJECTION, 100)
    with (
        subjects.sink("--delay", "50") as (port, _),
        subjects.career_relay(folder / "slow", port, hop_connections=100) as relay,
        subjects.direct(folder, port) as nothing,
    ):
        pairs = [
            (rounds.measure(relay, port, cell).rate, rounds.measure(nothing, port, cell).rate)
            for _ in range(3)
        ]
    return statistics.median(ours / straight for ours, straight in pairs)


def beside_large_mails(rounds: Rounds, subject: Subject, sink_port: int) -> float:
    """Return the p99 of 5 KB mails while 20 MB mails pass, against the quiet p99."""
    quiet = rounds.measure(subject, sink_port, SMALL)
    mails = max(200, int(quiet.rate * 6))
    large = Cell(Kind.LARGE, 2)
    with rounds.sending(subject, large, 12) as heavy:
        busy = rounds.send(subject, SMALL, mails)
        heavy.communicate()
    find_again(subject.name, sink_port, busy.taken + 12)
    return busy.p99 / quiet.p99


def damage(folder: Path, rounds: Rounds, mails: int) -> dict[str, int]:
    """Return how many mails were lost, doubled or damaged when every 7th is answered 451.

    Each mail that came must give back, without block and trace, the mail that was sent.
    """
    harm = {"lost": 0, "damaged": 0, "without link": 0}
    with tempfile.TemporaryDirectory() as kept:
        keep = Path(kept)
        with (
            subjects.sink("--refuse-every", "7", "--keep", kept) as (port, _),
            subjects.career_relay(folder / "damage", port) as relay,
        ):
            for kind in (Kind.REJECTION, Kind.JIS, Kind.OTHER, Kind.ATTACHMENT):
                taken = rounds.send(relay, Cell(kind, 20), mails).taken
                find_again(relay.name, port, taken)
                harm["lost"] += mails - len(list(keep.iterdir()))
                for path in keep.iterdir():
                    came = path.read_bytes()
                    path.unlink()
                    harm["damaged"] += restore(came) != write_mail(kind, int(path.stem))
                    linked = b"injected" in came[:1000]
                    harm["without link"] += linked != (kind is not Kind.OTHER)
    return harm


@contextlib.contextmanager
def on_postgresql(folder: Path, next_port: int, url: str, processes: int) -> Iterator[Subject]:
    """Run the gateway on PostgreSQL."""
    with subjects.career_relay(
        folder, next_port, name=f"{processes} on PostgreSQL", processes=processes, database_url=url
    ) as relay:
        yield relay
