"""The command line, and the one place where parts are put together."""

import io
import os
import sys

import typer

from gateway.cli import companies, mail, records, serve
from gateway.errors import CareerRelayError, SettingError

app = typer.Typer(
    name="career-relay",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="An SMTP relay that puts a company's own referral link into its rejection mails, and "
    "counts what follows. Settings are environment variables CAREER_RELAY_… (docs/settings.md); "
    "the ledger is SQLite in CAREER_RELAY_DATA_DIR (./var) unless CAREER_RELAY_DATABASE_URL "
    "names another. Exit codes: 0 done, 1 the answer is no (nothing found, a check failed, a "
    "port is taken), 2 wrong command line or setting.",
)
serve.add_to(app)
companies.add_to(app)
mail.add_to(app)
records.add_to(app)


def main() -> None:
    """Run the command line; a known error is one clear sentence, never a stack trace."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # who reads us through a pipe reads along
    try:
        app()
    except CareerRelayError as error:
        print(f"career-relay: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SettingError) else 1)
    except BrokenPipeError:  # `career-relay log | head`: the reader has seen enough
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
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
