"""The command line, and the one place where parts are put together."""

import io
import os
import sys


def main() -> None:
    """Run the command line; a known error is one clear sentence, never a stack trace.

    What takes time to import is imported inside, so that Ctrl-C meets a handler from the start.
    """
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
        name = type(error).__name__
        print(
            f"career-relay: internal error ({name}). "
            "CAREER_RELAY_TRACEBACK=1 shows where; please report it.",
            file=sys.stderr,
        )
        sys.exit(1)


def _run() -> None:
    from gateway.cli.app import app
    from gateway.errors import CareerRelayError, SettingError

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # who reads us through a pipe reads along
    try:
        app()
    except CareerRelayError as error:
        print(f"career-relay: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SettingError) else 1)
    except Exception as error:
        from gateway.store.engine import name_trouble

        trouble = name_trouble(error)
        if trouble is None or os.environ.get("CAREER_RELAY_TRACEBACK"):
            raise
        print(
            f"career-relay: the database did not do it ({trouble}). See that it runs, may be "
            "written and has room, and that no other program holds it; then try again.",
            file=sys.stderr,
        )
        sys.exit(1)
