"""A file that one process at a time holds; the system frees it however that process ends."""

import contextlib
import fcntl
import os
from pathlib import Path


class LockFile:
    """Beside an SQLite ledger, whose processes all run on one machine."""

    def __init__(self, ledger: Path, holder: str) -> None:
        """Prepare; take() opens the file.

        holder  what the file says while it is held
        """
        self._ledger = ledger
        self._holder = holder
        self._file: int | None = None

    def take(self) -> bool:
        """Tell whether this object holds the file, from now or still; without a ledger nobody does.

        Raises OSError when the file cannot be made.
        """
        if self._file is not None or not self._ledger.exists():
            return self._file is not None
        file = os.open(lock_of(self._ledger), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        os.ftruncate(file, 0)
        os.write(file, self._holder.encode())
        self._file = file
        return True

    def let_go(self) -> None:
        """Free the file for the next one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def lock_of(ledger: Path) -> Path:
    """Return the file that is held beside an SQLite ledger."""
    return ledger.with_name(f"{ledger.name}.lead")


def holder_of(ledger: Path) -> str:
    """Return who holds the file beside a ledger, "" for nobody."""
    with contextlib.suppress(OSError):
        file = os.open(lock_of(ledger), os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.read(file, 200).decode("utf-8", "replace")
        finally:
            os.close(file)
    return ""
