"""What editing a mail costs: python -m bench.editing [--quick].

Prints medians of processor time and their noise (half the distance between the quartiles) of mails
that differ in names, as nothing else would show what is not remembered: per
charset and encoding for 50 KB of text, and from 5 KB to 25 MB with the speed and the peak memory.
Names machine and commit.
"""

import argparse
import base64
import binascii
import functools
import platform
import statistics
import subprocess
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from gateway.core.company import Company, Language
from gateway.core.inject import Injection, place_block
from gateway.core.mime import scan
from gateway.core.splice import apply_edits
from gateway.core.strip import strip_block
from gateway.render import Renderer

ROOT = Path(__file__).resolve().parent.parent

LETTER = (
    "{name} 様\n\n株式会社サンプルの採用担当です。\n"
    "選考の結果、ご期待に添えない結果となりました。\n"
    "今後のご活躍をお祈り申し上げます。\n\n"
)
CHARSETS = {
    "utf-8": "utf-8",
    "iso-2022-jp": "iso2022_jp",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
}
HEAD = b"From: HR <hr@a.example>\r\nTo: taro@mail.example\r\nMIME-Version: 1.0\r\n"
MAX_LEAF = 100_000


def letter(charset: str, encoding: str, size: int, number: int, *, markup: bool = False) -> bytes:
    """Return a text leaf to candidate `number`, whose decoded text is about `size` bytes."""
    text = LETTER.format(name=f"山田 {number} 郎")
    text = "<p>" + text.replace("\n", "<br>\n") + "</p>\n" if markup else text
    once = text.replace("\n", "\r\n").encode(CHARSETS[charset])
    data = once * max(1, size // len(once))
    if encoding == "base64":
        data = base64.encodebytes(data).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        data = binascii.b2a_qp(data)
    kind = "html" if markup else "plain"
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}"
    return head.encode() + b"\r\n\r\n" + data


def with_attachment(size: int, number: int) -> bytes:
    """Return a mail of about `size` bytes: both alternatives, and one file for the rest."""
    leaf = min(size // 3, MAX_LEAF)
    plain = letter("utf-8", "base64", leaf, number)
    markup = letter("utf-8", "quoted-printable", leaf // 3, number, markup=True)
    inner = b"".join((
        b"Content-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n", plain,
        b"\r\n--bb\r\n", markup, b"\r\n--bb--",
    ))  # fmt: skip
    file = base64.encodebytes(bytes(range(256)) * (max(0, size - len(inner)) * 3 // 4 // 256))
    return HEAD + b"".join((
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", inner,
        b"\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n", file.replace(b"\n", b"\r\n"), b"--b--\r\n",
    ))  # fmt: skip


def inject(raw: bytes) -> bytes:
    """Return `raw` with a block, checked, as the relay does it."""
    link = "https://relay.example/r/abcdefghijklmnopqrstuvwx22"
    company = Company(1, "株式会社サンプル", ("a.example",))
    blocks = {one: RENDERER.block(company, link, one) for one in Language}
    outcome = place_block(raw, scan(raw), lambda language: blocks[language])
    if not isinstance(outcome, Injection):
        raise SystemExit(f"the bench's own mail was passed: {outcome}")
    return apply_edits(raw, outcome.edits)


RENDERER = Renderer(ROOT / "templates")


def measure(
    work: Callable[[bytes], object], write: Callable[[int], bytes], rounds: int
) -> tuple[float, float]:
    """Return median and noise of `work`, in milliseconds, on the mails that `write` gives."""
    for number in range(2):
        work(write(number))
    times = []
    for number in range(2, rounds + 2):
        raw = write(number)
        started = time.process_time()
        work(raw)
        times.append((time.process_time() - started) * 1000)
    low, _, high = statistics.quantiles(times, n=4)
    return statistics.median(times), (high - low) / 2


def peak_ratio(raw: bytes) -> float:
    """Return the peak memory of injecting, the message itself included, in sizes of the message."""
    tracemalloc.start()
    inject(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak + len(raw)) / len(raw)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, up to 1 MB")
    quick = parser.parse_args().quick
    rounds = 5 if quick else 21
    commit = subprocess.run(
        ("git", "rev-parse", "--short", "HEAD"),  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    say(f"{platform.processor() or platform.machine()}, {platform.python_version()}, {commit}")
    say("50 KB of text in one leaf: inject ms (noise)")
    for charset in CHARSETS:
        for encoding in (
            "7bit" if charset == "iso-2022-jp" else "8bit",
            "quoted-printable",
            "base64",
        ):
            cells = []
            for markup in (False, True):
                write = functools.partial(_one_leaf, charset, encoding, markup=markup)
                median, noise = measure(inject, write, rounds)
                cells.append(f"{'html' if markup else 'text'} {median:6.1f} ({noise:.1f})")
            say(f"  {charset:12} {encoding:17} {'  '.join(cells)}")
    say("both alternatives and an attachment: size, inject ms (noise), strip ms, MB/s, peak / size")
    for size in (5_000, 50_000, 200_000, 1_000_000, 5_000_000, 25_000_000)[: 4 if quick else 6]:
        raw = with_attachment(size, 0)
        few = max(3, rounds // 4) if size > 1_000_000 else rounds
        write = functools.partial(with_attachment, size)
        median, noise = measure(inject, write, few)
        back, _ = measure(strip_block, functools.partial(_edited, size), few)
        speed = len(raw) / 1000 / median
        peak = peak_ratio(raw)
        say(f"  {len(raw):>9} {median:8.2f} ({noise:.2f}) {back:8.2f} {speed:8.1f} {peak:6.2f}")


def _one_leaf(charset: str, encoding: str, number: int, *, markup: bool) -> bytes:
    return HEAD + letter(charset, encoding, 50_000, number, markup=markup)


def _edited(size: int, number: int) -> bytes:
    return inject(with_attachment(size, number))


def say(line: str) -> None:
    """Print a line."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
