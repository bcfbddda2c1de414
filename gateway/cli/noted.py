"""Where the running processes listen, noted in the data folder, so that `ready` can ask them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from gateway.host_port import HostPort, parse_host_port


@contextlib.contextmanager
def note_address(data_dir: Path, name: str, address: HostPort) -> Iterator[None]:
    """Keep the address in the data folder while the block runs; a read-only folder does no harm.

    name  "smtp" or "web"
    """
    write_note(data_dir, name, address)
    try:
        yield
    finally:
        remove_note(data_dir, name)


def write_note(data_dir: Path, name: str, address: HostPort) -> None:
    """Keep the address until remove_note()."""
    with contextlib.suppress(OSError):
        data_dir.mkdir(parents=True, exist_ok=True)
        _note(data_dir, name).write_text(f"{address}\n", encoding="ascii")


def remove_note(data_dir: Path, name: str) -> None:
    """Forget the address."""
    with contextlib.suppress(OSError):
        _note(data_dir, name).unlink()


def noted_address(data_dir: Path, name: str) -> HostPort | None:
    """Return the address that a running process noted, None when there is none."""
    try:
        address = parse_host_port(_note(data_dir, name).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return HostPort(*address)


def _note(data_dir: Path, name: str) -> Path:
    return data_dir / f"listening-{name}"
