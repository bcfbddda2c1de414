"""Where the running processes listen, noted in the data folder, so that `ready` can ask them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from gateway.host_port import HostPort, parse_host_port


@contextlib.contextmanager
def note_address(data_dir: Path, name: str, address: HostPort) -> Iterator[None]:
    """Keep the address in the data folder while the block runs; a folder of another's is no matter.

    name  "smtp" or "web"
    """
    note = data_dir / f"listening-{name}"
    with contextlib.suppress(OSError):
        data_dir.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{address}\n", encoding="ascii")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            note.unlink()


def noted_address(data_dir: Path, name: str) -> HostPort | None:
    """Return the address that a running process noted, None when there is none."""
    try:
        address = parse_host_port((data_dir / f"listening-{name}").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return HostPort(*address)
