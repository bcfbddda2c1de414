"""What holds for every mail that is edited, and for any bytes whatsoever."""

import email
import email.message
import email.policy

from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from gateway.core.guard import refuse
from gateway.core.inject import Injection, place_block
from gateway.core.mime import Defect, scan, walk
from gateway.core.splice import apply_edits
from gateway.core.strip import strip_block
from gateway.core.why import Why
from tests.core.blocks import LINK, write_block
from tests.properties.mails import Mail, mails

BOUNDED = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])


def edited(raw: bytes) -> tuple[bytes, Injection] | None:
    outcome = place_block(raw, scan(raw), write_block)
    event(outcome.value if isinstance(outcome, Why) else "injected")
    assert outcome is not Why.CHECK_FAILED
    if isinstance(outcome, Why):
        return None
    return apply_edits(raw, outcome.edits), outcome


def second_reader(raw: bytes) -> list[tuple[str, str, bytes]]:
    """Read a mail with the standard library's parser: types, headers and contents of all parts."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    return [(part.get_content_type(), str(part.items()), _content(part)) for part in message.walk()]


def _content(part: email.message.Message) -> bytes:
    payload = None if part.is_multipart() else part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


@BOUNDED
@given(mails())
def test_stripping_an_edited_mail_gives_back_the_original(mail: Mail) -> None:
    done = edited(mail.raw)
    if done:
        assert strip_block(done[0]) == mail.raw


@BOUNDED
@given(mails())
def test_a_mail_is_edited_once(mail: Mail) -> None:
    done = edited(mail.raw)
    if done:
        assert place_block(done[0], scan(done[0]), write_block) is Why.ALREADY_LINKED


@BOUNDED
@given(mails())
def test_a_mail_without_a_block_is_not_changed_by_strip(mail: Mail) -> None:
    assert strip_block(mail.raw) == mail.raw


@BOUNDED
@given(mails())
def test_another_parser_sees_only_the_block_added(mail: Mail) -> None:
    done = edited(mail.raw)
    if done is None:
        return
    before, after = second_reader(mail.raw), second_reader(done[0])
    assert [one[:2] for one in before] == [one[:2] for one in after]
    changed = [(old[2], new[2]) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == len(done[1].parts)
    for old, new in changed:
        start = next(
            (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old)
        )
        kept = len(old) - start
        assert len(new) > len(old)
        assert kept == 0 or new.endswith(old[len(old) - kept :])
        added = new[start : len(new) - kept]
        assert added.replace(b"&amp;", b"&").count(LINK.encode()) == 1


@BOUNDED
@given(mails())
def test_both_readers_see_the_same_tree(mail: Mail) -> None:
    root = scan(mail.raw)
    if any(set(part.defects) - {Defect.NOT_CLOSED} for part in walk(root)):
        return  # a boundary within a text: such a mail is passed, whoever is right about it
    seen = [part.media_type for part in walk(root)]
    assert seen == [one[0] for one in second_reader(mail.raw)]


@BOUNDED
@given(mails())
def test_no_line_grows_too_long_and_line_ends_stay(mail: Mail) -> None:
    done = edited(mail.raw)
    if done is None:
        return
    longest = max(map(len, mail.raw.split(b"\n")))
    assert max(map(len, done[0].split(b"\n"))) <= max(longest, 999)
    if mail.line_end == b"\r\n":
        assert done[0].count(b"\n") == done[0].count(b"\r\n")
    else:
        assert b"\r" not in done[0]


_TOKENS = st.sampled_from(
    (
        *(
            b"\r\n",
            b"\n",
            b"\r",
            b"--",
            b"--b",
            b"--b--",
            b"\r\n--b\r\n",
            b"\0",
            b"\x1b$B",
            b"\x1b(B",
            b"=",
            b"=3D",
        ),
        *(
            b"Content-Type: text/plain",
            b"Content-Type: multipart/mixed; boundary=b",
            b"; charset=",
            b"utf-8",
        ),
        *(
            b"Content-Transfer-Encoding: base64",
            b"quoted-printable",
            b"<p>",
            b"</body>",
            b"<!--",
            b'"',
            b"(",
            b"*0*=",
        ),
        *(
            b": ",
            b" ",
            b"\t",
            "あ".encode(),
            b"\xff",
            b"=?utf-8?b?",
            b"?=",
            b"text",
            b"iso-2022-jp",
        ),
    )
)
ANY_BYTES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(_TOKENS, st.binary(max_size=4)), max_size=40).map(b"".join),
)


@BOUNDED
@given(ANY_BYTES)
@example(b"")
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b")
def test_any_bytes_are_scanned_judged_and_passed_or_edited(raw: bytes) -> None:
    root = scan(raw)
    for part in walk(root):
        assert 0 <= part.header.start <= part.header.end <= part.body.start <= part.body.end
        assert part.body.end <= len(raw)
    refuse(raw, root)
    done = edited(raw)
    assert done is None or strip_block(done[0]) == raw
    strip_block(raw)
