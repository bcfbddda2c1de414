"""The commands, put together."""

import typer

from gateway.cli import (
    companies,
    connect,
    db,
    doctor,
    explain,
    ledger,
    letters,
    mail,
    members,
    notifications,
    people,
    records,
    referrals,
    reviews,
    serve,
    slots,
)

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
connect.add_to(app)
doctor.add_to(app)
letters.add_to(app)
explain.add_to(app)
mail.add_to(app)
records.add_to(app)
ledger.add_to(app)
referrals.add_to(app)
reviews.add_to(app)
notifications.add_to(app)
members.add_to(app)
db.add_to(app)
slots.add_to(app)
people.add_to(app)
