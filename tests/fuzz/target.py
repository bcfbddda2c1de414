"""What must hold for any bytes whatsoever: the target of fuzzing, and of generated mails."""

import email
import email.message
import email.policy

from gateway.core.block import Block
from gateway.core.company import Language
from gateway.core.guard import refuse
from gateway.core.inject import Injection, place_block
from gateway.core.mime import scan
from gateway.core.splice import apply_edits
from gateway.core.strip import strip_block
from gateway.core.why import Why
from tests.core.blocks import write_block

_FOLLOW_AN_EDIT = ("content-type", "content-transfer-encoding", "content-length", "lines")


def write_wide_block(language: Language) -> Block:
    """Write a block that us-ascii cannot carry in either language."""
    block = write_block(language)
    return Block(language, block.text.replace("Sample", "Sämple"), block.html, block.link)


def look_at(raw: bytes) -> Why:
    """Edit `raw` if that is safe and check everything that must hold; returns the reason.

    Raises AssertionError where something does not hold.
    """
    write = write_wide_block if len(raw) % 4 == 0 else write_block
    root = scan(raw)
    refuse(raw, root)
    outcome = place_block(raw, root, write)
    if not isinstance(outcome, Injection):
        assert outcome is not Why.CHECK_FAILED, "the check had to stop an edit"
        if outcome is not Why.ALREADY_LINKED:
            strip_block(raw)
        return outcome
    edited = apply_edits(raw, outcome.edits)
    assert strip_block(edited) == raw, "strip does not give back the original"
    again = place_block(edited, scan(edited), write)
    assert again is Why.ALREADY_LINKED, f"edited twice: {again}"
    _check_lines(raw, edited)
    _check_second_reader(raw, edited, len(outcome.parts))
    return Why.LINK_ADDED


def _check_lines(raw: bytes, edited: bytes) -> None:
    assert _longest_line(edited) <= max(_longest_line(raw), 998), "a line is too long"
    if b"\r" not in raw and b"\n" in raw:
        assert b"\r" not in edited, "a line end changed"
    if raw.count(b"\n") == raw.count(b"\r\n"):
        assert edited.count(b"\n") == edited.count(b"\r\n"), "a line end changed"


def _longest_line(raw: bytes) -> int:
    return max(len(line.removesuffix(b"\r")) for line in raw.split(b"\n"))


def second_reader(raw: bytes) -> list[tuple[str, str, bytes]]:
    """Read a mail with the standard library's parser: types, headers and contents of all parts."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    return [(part.get_content_type(), _fields(part), _content(part)) for part in message.walk()]


def _fields(part: email.message.Message) -> str:
    kept = [item for item in part.items() if item[0].lower() not in _FOLLOW_AN_EDIT]
    return str([(name, str(value)) for name, value in kept])


def _content(part: email.message.Message) -> bytes:
    encoding = str(part.get("content-transfer-encoding", "")).strip()
    if encoding:  # a fold in front of it is legal, and more than compat32 knows
        part.replace_header("content-transfer-encoding", encoding)
    payload = None if part.is_multipart() else part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _check_second_reader(raw: bytes, edited: bytes, count: int) -> None:
    """Another parser sees the same parts, and in the edited ones only something added."""
    before, after = second_reader(raw), second_reader(edited)
    assert [one[:2] for one in before] == [one[:2] for one in after], "another tree"
    changed = [(old[2], new[2]) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == count, "another number of changed parts"
    for old, new in changed:
        start = next(
            (n for n, pair in enumerate(zip(old, new, strict=False)) if len({*pair}) > 1), len(old)
        )
        kept = len(old) - start
        assert len(new) > len(old), "something was lost"
        assert kept == 0 or new.endswith(old[start:]), "something else changed"


def look_at_any(raw: bytes) -> None:
    """Do the same for a fuzzer, which takes no answer."""
    look_at(raw)
