"""`career-relay ledger export | key | verify --export`: a ledger that proves itself elsewhere."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import CareerRelayError

_FILES = ("ledger.json", "ledger.csv")
_SIGNATURE = "ledger.sig.json"


def export(
    company: str,
    out: Annotated[Path, typer.Option(help="A folder; it is made when it is missing.")],
) -> None:
    """Write a company's whole ledger as JSON and CSV, signed."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.core.statement import write_csv, write_json
    from gateway.keys.statement_key import StatementKey
    from gateway.store.company_records import find_company
    from gateway.store.statements import read_statement

    parts = open_parts()
    with parts.reading() as session:
        found = find_company(session, company).company
        entries = read_statement(session, found.id)
    who = {"id": found.id, "name": found.name}
    files = {
        "ledger.json": write_json(who, utc_now().isoformat(timespec="seconds"), entries),
        "ledger.csv": write_csv(entries),
    }
    signer = StatementKey(parts.key)
    out.mkdir(parents=True, exist_ok=True)
    for name, data in {**files, _SIGNATURE: signer.sign(files)}.items():
        (out / name).write_bytes(data)
    print(f"{len(entries)} entries in {out}, signed with the key {signer.public}")


def key() -> None:
    """Print the public key that signs this installation's exports."""
    from gateway.cli.parts import Parts
    from gateway.keys.statement_key import StatementKey
    from gateway.settings import load_settings

    print(StatementKey(Parts(load_settings()).key).public)


def verify_export(path: Path, key: str | None, *, as_json: bool) -> None:
    """Check an export: each entry, both files, the signature.

    path  the folder, or ledger.json in it
    key   the public key of whom it must be; None takes the export's own word for it

    Raises CareerRelayError naming the first bad row.
    """
    from gateway.core.statement import check_csv, check_entries, read_json
    from gateway.keys.statement_key import check_signature

    folder = path if path.is_dir() else path.parent
    try:
        files = {name: (folder / name).read_bytes() for name in _FILES}
        signature = (folder / _SIGNATURE).read_bytes()
        entries = read_json(files["ledger.json"])
    except OSError as error:
        raise CareerRelayError(f"{error.filename} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise CareerRelayError(f"ledger.json is not an export: {error}") from None
    fault = check_entries(entries) or check_csv(files["ledger.csv"], entries)
    if fault is not None:
        at = f"entry {fault.seq}: " if fault.seq else ""
        raise CareerRelayError(f"the export does not verify: {at}{fault.what}")
    signer = key or _claimed_key(signature)
    wrong = check_signature(signature, files, signer)
    if wrong is not None:
        raise CareerRelayError(f"the export is forged: {wrong}")
    if as_json:
        print(json.dumps({"entries": len(entries), "public_key": signer, "known": key is not None}))
        return
    print(f"All {len(entries)} entries are as they were written, signed with {signer}.")
    if key is None:
        print("Whose key that is, this check cannot know: compare it, or give it with --key.")


def _claimed_key(signature: bytes) -> str:
    try:
        claimed = json.loads(signature)
        return str(claimed["public_key"])
    except (KeyError, TypeError, ValueError):
        return ""
