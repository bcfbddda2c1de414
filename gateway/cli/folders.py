"""Commands over many mails: which files, where the results go, and what became of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from gateway.errors import CareerRelayError, NotFoundError

Treat = Callable[[bytes], tuple[bytes, str]]
"""What is done to one mail: its new bytes, and the word it is counted under."""

UNREADABLE = "unreadable"


def treat_all(paths: Iterable[Path], out: Path, treat: Treat) -> Counter[str]:
    """Write what `treat` makes of each mail file below `out`, and count the words it gave.

    paths  files, and folders whose *.eml are taken at any depth; a result stands in `out` where
           the mail stood in its folder, byte for byte what `treat` returned

    A file that cannot be read is counted as UNREADABLE. Raises CareerRelayError before anything
    is written when two results would have one name or a result would replace a mail.
    """
    pairs = list(dict.fromkeys(_pairs(paths, out)))
    _refuse_collisions(pairs)
    counts: Counter[str] = Counter()
    for source, target in pairs:
        counts[_treat_one(source, target, treat)] += 1
    return counts


def _pairs(paths: Iterable[Path], out: Path) -> Iterator[tuple[Path, Path]]:
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*.eml")):
                if file.is_file() and not file.is_relative_to(out):
                    yield file, out / file.relative_to(path)
        elif path.exists():
            yield path, out / path.name
        else:
            raise NotFoundError(f"{path} does not exist")


def _refuse_collisions(pairs: Iterable[tuple[Path, Path]]) -> None:
    seen: dict[Path, Path] = {}
    for source, target in pairs:
        if target.resolve() == source.resolve():
            raise CareerRelayError(f"--out would replace {source}: name another folder")
        other = seen.setdefault(target, source)
        if other != source:
            raise CareerRelayError(f"{other} and {source} would both become {target}")


def _treat_one(source: Path, target: Path, treat: Treat) -> str:
    try:
        raw = source.read_bytes()
    except OSError:
        return UNREADABLE
    new, word = treat(raw)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(new)
    except OSError as error:
        raise CareerRelayError(f"{target} cannot be written: {error.strerror}") from None
    return word


def summary(counts: Counter[str], done: str, done_word: str, left: str) -> str:
    """Return the summary of `counts` as lines: the total, then each word, most frequent first.

    done   what a mail counted under `done_word` is called ("injected"), `left` all others
    """
    total = counts.total()
    head = f"{total} mails: {counts[done_word]} {done}, {total - counts[done_word]} {left}"
    width = max(map(len, counts), default=0)
    return "\n".join((head, *(f"  {word:<{width}} {n:>7}" for word, n in counts.most_common())))
