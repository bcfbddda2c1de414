"""The command on a company's own link block: show, check, save, reset."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.reading import decode_text, read_file
from gateway.core.company import BlockTemplate, Language
from gateway.errors import CareerRelayError

_ACTOR = "command line"
TemplateFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Template in UTF-8; docs/block.md tells how.")
]


def block(  # noqa: PLR0913, PLR0917  one parameter an option
    name: str,
    language: Annotated[Language, typer.Option(help="Of the block.")] = Language.JA,
    text: TemplateFile = None,
    html: TemplateFile = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be wrong, and save nothing.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print the templates and what they make.")
    ] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Go back to the default block.")] = False,
) -> None:
    """Give a company a link block of its own words; effective within two seconds.

    Without files and options it is shown, as with --show.
    """
    given = (text is not None, html is not None)
    if any(given) != all(given) or show + reset + all(given) > 1 or (check and not all(given)):
        raise typer.BadParameter(
            "give --text FILE and --html FILE together (with --check to try them), or --show, "
            "or --reset"
        )
    if text is not None and html is not None:
        own = BlockTemplate(language, _text_of(text), _text_of(html))
        _save(name, own, only_check=check)
    elif reset:
        _reset(name, language)
    else:
        _show(name, language)


def _save(name: str, own: BlockTemplate, *, only_check: bool) -> None:
    from gateway.blocks.check import SAMPLE_LINK, OwnBlock, read_own_block
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.block_templates import save_block
    from gateway.store.company_records import find_company

    parts = open_parts()
    with parts.reading() as session:
        company = find_company(session, name).company
    found = read_own_block(company, own)
    if not isinstance(found, OwnBlock):
        lines = (f"  {p.part}: {p.en}\n        {p.ja}" for p in found)
        raise CareerRelayError("\n".join(("not saved, because:", *lines)))
    written = found.write(SAMPLE_LINK)
    print(f"{written.text}\n\n{written.html}\n")
    if only_check:
        print("Nothing is wrong with it. Nothing was saved.")
        return
    with parts.writing() as session:
        saved = save_block(session, company.id, own, _ACTOR, utc_now())
    print(f"{company.name}: version {saved.version} of the {own.language} block is in use.")


def _reset(name: str, language: Language) -> None:
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.block_templates import reset_block
    from gateway.store.company_records import find_company

    with open_parts().writing() as session:
        company = find_company(session, name).company
        reset_block(session, company.id, language, _ACTOR, utc_now())
    print(f"{company.name}: the default {language} block is in use.")


def _show(name: str, language: Language) -> None:
    from gateway.blocks.check import SAMPLE_LINK
    from gateway.blocks.starter import starter
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company

    parts = open_parts()
    with parts.reading() as session:
        company = find_company(session, name).company
    own = company.own_block(language)
    written = parts.renderer.block(company, SAMPLE_LINK, language)
    source = own or starter(company, language)
    state = f"version {own.version}" if own else "the default; these templates are to begin with"
    print(f"{company.name}, {language} block: {state}")
    print(f"\n--text\n{source.text.strip()}\n\n--html\n{source.html.strip()}")
    print(f"\nIn a text mail:\n{written.text}\n\nIn an HTML mail:\n{written.html}")


def _text_of(file: Path) -> str:
    return decode_text(file, read_file(file))
