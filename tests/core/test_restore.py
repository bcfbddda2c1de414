"""The original comes back, whatever stands in the history or was put on top."""

import pytest

from gateway.core.company import Language
from gateway.core.inject import Injection, place_block
from gateway.core.link import identify_message
from gateway.core.mime import scan
from gateway.core.restore import restore
from gateway.core.splice import apply_edits
from gateway.core.strip import strip_block
from gateway.core.trace import new_trace, write_trace
from gateway.core.why import Action, Why
from tests.core.blocks import write_block

KEY = b"k" * 32
OWN = {
    Language.JA: "山田様\n\nご応募ありがとうございました。今回は採用を見送らせていただきます。\n\n",
    Language.EN: "Dear Taro,\n\nUnfortunately we will not move forward with your application.\n\n",
}


@pytest.mark.parametrize("old", list(Language))
@pytest.mark.parametrize("own", list(Language))
def test_a_block_in_the_history_is_the_earlier_mail_s(own: Language, old: Language) -> None:
    head = "-----Original Message-----\nFrom: a@b.example\nSent: x\nTo: c\nSubject: z\n\nold\n\n"
    history = f"{head}{write_block(old).text}\n\nend\n"
    raw = f"Content-Type: text/plain; charset=utf-8\n\n{OWN[own]}{history}".encode()
    placed = place_block(raw, scan(raw), write_block)
    assert isinstance(placed, Injection)
    edited = apply_edits(raw, placed.edits)
    assert strip_block(edited) == raw
    assert place_block(edited, scan(edited), write_block) == Why.ALREADY_LINKED


def test_thousands_of_forged_traces_cost_no_more_than_some() -> None:
    raw = b"Subject: x\r\n\r\nbody\r\n" + b"x" * 1_000_000
    message = identify_message(None, raw)
    forged = write_trace(KEY, new_trace("cr-1", Action.PASSED, Why.FAULT, 1, b"other"), message)
    assert restore(forged * 4000 + raw) == forged * 4000 + raw
