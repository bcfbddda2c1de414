"""Commands on a company's registered letters: add, list, remove."""

import re
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.reading import decode_text, read_file
from gateway.core.letter import Letter, LetterError
from gateway.errors import CareerRelayError

_ACTOR = "command line"
_FIELD = re.compile(rb"[!-9;-~]+:|[ \t]")
_OF_MAILS = re.compile(rb"(?:from|received|return-path|content-type):", re.IGNORECASE)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Rejection letters that a company registers.")
    group.command()(add)
    group.command("list")(list_)
    group.command()(remove)
    app.add_typer(group, name="letter")


def add(
    company: str,
    file: Annotated[
        Path, typer.Argument(help="The letter: a text in UTF-8, or a mail; - is standard input.")
    ],
) -> None:
    """Register a letter: mails made from it are recognised, whatever names and dates they carry.

    Only keyed hashes of its phrases are kept; the text cannot be read back. Effective within two
    seconds.
    """
    from gateway.cli.parts import open_parts, utc_now
    from gateway.core.letters import register_letter, register_mail
    from gateway.core.reader import read_text
    from gateway.store.company_records import find_company
    from gateway.store.letters import add_letter

    content = read_file(file)
    parts = open_parts()
    with parts.writing() as session:
        owner = find_company(session, company).company
        try:
            if file.suffix.lower() == ".eml" or _is_mail(content):
                letter: Letter = register_mail(content, parts.key, owner.id)
            else:
                letter = register_letter(read_text(decode_text(file, content)), parts.key, owner.id)
        except LetterError as error:
            raise CareerRelayError(f"not registered: {error}") from None
        saved = add_letter(session, owner.id, letter, _ACTOR, utc_now())
    print(f"{owner.name}: letter no. {saved.number} registered, {len(saved.sentences)} sentences.")
    if not saved.verdict:
        print(
            "No rule hears a refusal in it: mails are recognised only when each of its longer "
            "sentences is there."
        )


def list_(company: str) -> None:
    """List a company's letters: number, when, by whom. Their text is not kept."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company
    from gateway.store.letters import list_letters

    with open_parts().reading() as session:
        letters = list_letters(session, find_company(session, company).company.id)
    for one in letters:
        state = "in use" if one.active else "removed"
        when = f"{one.created_at:%Y-%m-%d %H:%M} UTC"
        print(f"no. {one.number}  {state}  {one.sentences} sentences  {when}  {one.actor}")
    if not letters:
        print("No letter yet: career-relay letter add COMPANY FILE")


def remove(company: str, number: int) -> None:
    """Forget a letter; effective within two seconds."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.letters import remove_letter

    with open_parts().writing() as session:
        owner = find_company(session, company).company
        remove_letter(session, owner.id, number, _ACTOR, utc_now())
    print(f"{owner.name}: letter no. {number} removed.")


def _is_mail(content: bytes) -> bool:
    """Tell whether a file begins with a header: its name says nothing when it comes by `<`."""
    head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.split(b"\n")
    return bool(body) and all(map(_FIELD.match, lines)) and any(map(_OF_MAILS.match, lines))
