"""The command that says why: of single mails, or of all past ones as a report."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.core.company import Language


def add_to(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(explain)


def explain(  # noqa: PLR0913, PLR0917  one parameter an option
    files: Annotated[
        list[Path] | None, typer.Argument(help="Mail files (.eml); - is standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    envelope: Annotated[
        Path | None,
        typer.Option(help="CSV with the columns file, own_domains, mail_from, rcpt_to."),
    ] = None,
    language: Annotated[
        Language | None, typer.Option(help="Of the answer; without it the mail's own language.")
    ] = None,
    company: Annotated[
        str | None,
        typer.Option(help="Judge as mail of this company: its letters and senders hold."),
    ] = None,
    mbox: Annotated[
        Path | None,
        typer.Option(metavar="FILE|FOLDER", help="Past mails (mbox, maildir, *.eml): a report."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List also what is no rejection in the report.")
    ] = False,
) -> None:
    """Say in five lines what the relay would do with a mail, and why, by the relay's own code.

    Without --envelope the recipients are those of To, Cc, Bcc and Delivered-To, the sender that of
    Return-Path, else From; without --company the sender's domain is the company's own.
    """
    if bool(files) == (mbox is not None):
        raise typer.BadParameter("give mail files, or --mbox FILE|FOLDER")
    from gateway.cli.explaining import explain_files, judge_for, replay

    judge = judge_for(company)
    if mbox is not None:
        replay(mbox, judge, language or Language.JA, everything=every, as_json=as_json)
    else:
        explain_files(files or [], judge, envelope, language, as_json=as_json)
