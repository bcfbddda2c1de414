"""The command line, and the one place where parts are put together."""

import errno
import gc
import io
import os
import sys

_OF_A_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


_OBJECTS_A_COLLECTION = 10_000
"""What is imported stays: to look through it every 700 objects is a twentieth to a tenth of what a
command takes."""


def main() -> None:
    """Run the command line; a known error is one clear sentence, never a stack trace.

    What takes time to import is imported inside, so that Ctrl-C meets a handler from the start.
    """
    gc.set_threshold(_OBJECTS_A_COLLECTION)
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `career-relay log | head`: the reader has seen enough
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if os.environ.get("CAREER_RELAY_TRACEBACK"):
            raise
        from gateway.log_lines import complain

        name = type(error).__name__
        complain(
            f"internal error ({name}). CAREER_RELAY_TRACEBACK=1 shows where; please report it."
        )
        sys.exit(1)


def _run() -> None:
    from gateway.cli.app import app
    from gateway.errors import CareerRelayError, SettingError

    if isinstance(sys.stdout, io.TextIOWrapper):
        # Who reads us through a pipe reads along. A terminal that has no Japanese is shown \u682a:
        # a password that is printed once must not be lost for the name above it.
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    try:
        app()
    except CareerRelayError as error:
        from gateway.log_lines import complain

        complain(str(error))
        sys.exit(2 if isinstance(error, SettingError) else 1)
    except Exception as error:
        from gateway.log_lines import complain

        trouble = _trouble(error)
        if trouble is None or os.environ.get("CAREER_RELAY_TRACEBACK"):
            raise
        complain(trouble)
        sys.exit(1)


def _trouble(error: Exception) -> str | None:
    """Return what a database or a disk did not do, and the next step; None for another error."""
    if isinstance(error, OSError):
        if error.filename is None and error.errno not in _OF_A_DISK:
            return None
        place = error.filename or "the disk"
        return (
            f"{place} cannot be used ({error.strerror}): see that it is there, may be written and "
            "has room, or name another place"
        )
    from sqlalchemy.exc import DBAPIError

    from gateway.settings import load_settings
    from gateway.store.engine import is_trouble
    from gateway.store.trouble import explain_trouble

    if not (isinstance(error, DBAPIError) and is_trouble(error)):
        return None
    return explain_trouble(error, load_settings().database)
