"""A company's ledger on paper: the two files of an export, and how to check them without us.

`ledger.json` holds every entry as its hash covers it, `ledger.csv` the same for a spreadsheet.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.account import Account, Kind, Line, SlotUse
from gateway.core.chain import GENESIS, hash_content

FORMAT = "career-relay ledger 1"

COLUMNS = (
    *("seq", "at", "kind", "referral_id", "reason", "slot", "became", "points"),
    *("counted", "slots_earned", "slots_available", "rule_version", "actor", "hash"),
)
"""Of ledger.csv; counted and the two after it are the sums after the entry."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an export first; `seq` is None when no single entry is to blame."""

    seq: int | None
    what: str


def write_json(company: Mapping[str, object], exported_at: str, entries: Sequence[Entry]) -> bytes:
    """Return ledger.json, one entry a line.

    company      {"id": …, "name": …}
    exported_at  ISO 8601
    entries      what each entry's hash covers, and "hash"
    """
    head = {"format": FORMAT, "company": company, "exported_at": exported_at}
    lines = [f"{json.dumps(key)}: {_line(value)},\n" for key, value in head.items()]
    rows = ",\n".join(_line(entry) for entry in entries)
    return ("{" + "".join(lines) + f'"entries": [\n{rows}\n]}}\n').encode()


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def write_csv(entries: Sequence[Entry]) -> bytes:
    """Return ledger.csv (RFC 4180, UTF-8 with a mark that spreadsheets look for).

    What a spreadsheet would take for a formula gets an apostrophe in front.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    account = Account()
    for entry in entries:
        account.apply(_read_line(entry))
        sums = {
            "counted": account.counted,
            "slots_earned": account.earned,
            "slots_available": account.available,
        }
        values = {**entry, **sums, "points": " ".join(map(str, entry["points"]))}
        writer.writerow([_cell(values.get(name)) for name in COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    is_number = isinstance(value, int)
    return f"'{text}" if text.startswith(_FORMULA) and not is_number else text


def read_json(data: bytes) -> tuple[Entry, ...]:
    """Return the entries of ledger.json.

    Raises ValueError when it is not what write_json() writes.
    """
    content = json.loads(data)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"not a file of the format {FORMAT}")
    entries = content.get("entries")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("no list of entries")
    return tuple(entries)


def check_entries(entries: Sequence[Entry]) -> Fault | None:
    """Recompute an export from its first entry; return the first fault, or None."""
    account, prev_hash = Account(), GENESIS
    for seq, entry in enumerate(entries, start=1):
        what = _check_entry(entry, seq, prev_hash) or _apply(account, entry)
        if what is not None:
            return Fault(seq, what)
        prev_hash = str(entry["hash"])
    missing = account.finish()
    return None if missing is None else Fault(None, missing)


def _check_entry(entry: Entry, seq: int, prev_hash: str) -> str | None:
    content = {name: value for name, value in entry.items() if name != "hash"}
    if entry.get("seq") != seq:
        return f"entry {seq} is missing"
    if entry.get("prev_hash") != prev_hash:
        return "it does not follow from the entry before it"
    if entry.get("hash") != hash_content(content):
        return "its content is not what was written"
    return None


def _apply(account: Account, entry: Entry) -> str | None:
    try:
        return account.apply(_read_line(entry))
    except (KeyError, TypeError, ValueError):
        return "it is not of the form of an entry"


def check_csv(data: bytes, entries: Sequence[Entry]) -> Fault | None:
    """Compare ledger.csv with the entries of ledger.json; return the first row that differs."""
    want = write_csv(entries).splitlines()
    have = data.splitlines()
    for number, line in enumerate(want):
        if number >= len(have) or have[number] != line:
            return Fault(number or None, "ledger.csv says something else than ledger.json")
    return Fault(None, "ledger.csv has more rows") if len(have) > len(want) else None


def _read_line(entry: Entry) -> Line:
    became = entry.get("became")
    return Line(
        seq=int(entry["seq"]),
        kind=Kind(entry["kind"]),
        referral_id=entry["referral_id"],
        slot=entry.get("slot"),
        became=None if became is None else SlotUse(became),
        points=tuple(entry["points"]),
    )
