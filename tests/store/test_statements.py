"""Exports: checked without the database, and what somebody changed in one is named."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.cli.exports import verify_export
from gateway.core.account import SlotUse
from gateway.core.chain import hash_content
from gateway.core.statement import read_json, write_csv, write_json
from gateway.errors import CareerRelayError
from gateway.keys.statement_key import StatementKey
from gateway.store.corrections import void
from gateway.store.engine import reading_session, writing_session
from gateway.store.slots import adjust_slot, reserve_slot
from gateway.store.statements import read_statement
from tests.store.records import NOW, write_company
from tests.workers.work import relay_many, settle

KEY = StatementKey(b"k" * 32)
Row = dict[str, object]


@pytest.fixture
def entries(engine: Engine) -> list[Row]:
    """Give a ledger with a slot, a reservation, voids and a correction."""
    company_id = write_company(engine).company.id
    ids = relay_many(engine, company_id, 0, 12)
    for referral_id in ids:
        settle(engine, referral_id)
    with writing_session(engine).begin() as session:
        reserve_slot(session, company_id, "=cmd()", NOW, "+1 hire")
        void(session, ids[0], "wrong", "a test", NOW)
        adjust_slot(session, company_id, 11, SlotUse.HIRED, "-told", "@hr", NOW)
    with reading_session(engine)() as session:
        return read_statement(session, company_id)


def _write(folder: Path, entries: list[Row], signer: StatementKey = KEY) -> None:
    files = {
        "ledger.json": write_json({"id": 1, "name": "株式会社"}, "2026-04-01", entries),
        "ledger.csv": write_csv(entries),
    }
    for name, data in {**files, "ledger.sig.json": signer.sign(files)}.items():
        (folder / name).write_bytes(data)


def test_an_export_verifies_by_its_folder_and_by_its_file(
    tmp_path: Path, entries: list[Row], capsys: pytest.CaptureFixture[str]
) -> None:
    _write(tmp_path, entries)
    verify_export(tmp_path, KEY.public, as_json=False)
    verify_export(tmp_path / "ledger.json", None, as_json=True)
    assert "All 18 entries are as they were written" in capsys.readouterr().out


def _rehash(entries: list[Row]) -> None:
    """Chain the entries anew, as a forger would."""
    prev_hash = "0" * 64
    for entry in entries:
        entry["prev_hash"] = prev_hash
        content = {name: value for name, value in entry.items() if name != "hash"}
        entry["hash"] = prev_hash = hash_content(content)


def _change(entries: list[Row]) -> None:
    entries[3]["actor"] = "nobody"


def _remove(entries: list[Row]) -> None:
    del entries[4]


def _cut(entries: list[Row]) -> None:
    del entries[10:]


def _swap(entries: list[Row]) -> None:
    entries[1], entries[2] = entries[2], entries[1]


def _invent(entries: list[Row]) -> None:
    entries.append({**entries[0], "seq": 19, "referral_id": 99})
    _rehash(entries)


def _count_again(entries: list[Row]) -> None:
    entries.append({**entries[0], "seq": 19})
    _rehash(entries)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_change, "entry 4: its content is not what was written"),
        (_remove, "entry 5: entry 5 is missing"),
        (_cut, "10 counted referrals, but 0 slots"),
        (_swap, "entry 2: entry 2 is missing"),
        (_invent, "forged: the files are not those that were signed"),
        (_count_again, "entry 19: referral 1 was decided already"),
    ],
)
def test_a_changed_export_is_named(
    tmp_path: Path, entries: list[Row], change: Callable[[list[Row]], None], told: str
) -> None:
    _write(tmp_path, entries)
    signature = (tmp_path / "ledger.sig.json").read_bytes()
    change(entries)
    (tmp_path / "ledger.json").write_bytes(write_json({}, "", entries))
    try:
        (tmp_path / "ledger.csv").write_bytes(write_csv(entries))
    finally:
        assert (tmp_path / "ledger.sig.json").read_bytes() == signature
    with pytest.raises(CareerRelayError, match=told):
        verify_export(tmp_path, KEY.public, as_json=False)


def test_an_export_that_somebody_else_signed_is_named(tmp_path: Path, entries: list[Row]) -> None:
    _invent(entries)
    _write(tmp_path, entries, StatementKey(b"another" * 5))
    with pytest.raises(CareerRelayError, match="signed with another key"):
        verify_export(tmp_path, KEY.public, as_json=False)
    claimed = json.loads((tmp_path / "ledger.sig.json").read_text()) | {"public_key": KEY.public}
    (tmp_path / "ledger.sig.json").write_text(json.dumps(claimed))
    with pytest.raises(CareerRelayError, match="the signature is forged"):
        verify_export(tmp_path, None, as_json=False)


def test_a_changed_spreadsheet_is_named(tmp_path: Path, entries: list[Row]) -> None:
    _write(tmp_path, entries)
    sheet = tmp_path / "ledger.csv"
    sheet.write_bytes(sheet.read_bytes().replace(b"void,", b"held,"))
    with pytest.raises(CareerRelayError, match=r"entry 15: ledger\.csv says something else"):
        verify_export(tmp_path, KEY.public, as_json=False)


@pytest.mark.parametrize("name", ["ledger.json", "ledger.csv", "ledger.sig.json"])
@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"format": "career-relay ledger 1"}'])
def test_a_broken_export_is_a_clear_sentence(
    tmp_path: Path, entries: list[Row], name: str, content: bytes | None
) -> None:
    _write(tmp_path, entries)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CareerRelayError):
        verify_export(tmp_path, KEY.public, as_json=False)


def test_a_spreadsheet_runs_nothing_and_shows_the_sums(entries: list[Row]) -> None:
    rows = list(csv.DictReader(io.StringIO(write_csv(entries).decode("utf-8-sig"))))
    reserved, adjusted = rows[13], rows[-1]
    assert (reserved["actor"], reserved["reason"]) == ("'=cmd()", "'+1 hire")
    assert (adjusted["actor"], adjusted["reason"]) == ("'@hr", "'-told")
    assert rows[10]["points"] == "1 2 3 4 5 6 7 8 9 10"
    assert [rows[-1][name] for name in ("counted", "slots_earned", "slots_available")] == [
        "11",
        "1",
        "0",
    ]
    assert read_json(write_json({}, "", entries)) == tuple(entries)
