"""What comes in the same moment is decided together, and nobody is lost or held up by it."""

import asyncio
from collections.abc import Callable
from typing import cast

import pytest

from gateway.core.plan import Plan
from gateway.smtp.received import ReceivedMail
from gateway.transit import planning
from gateway.transit.planning import _Gathering, _is_decided_soon

HEAD = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
FILE = b"\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n"


def gathering(work: Callable[[str], str]) -> _Gathering:
    """Return one that makes words of words: what it gathers is nothing to it."""
    return _Gathering(cast("Callable[[ReceivedMail], Plan]", work))


async def plan(together: _Gathering, word: str) -> str:
    return cast("str", await together.plan(cast("ReceivedMail", word)))


def test_what_comes_in_the_same_moment_is_done_together() -> None:
    steps: list[str] = []

    def work(word: str) -> str:
        steps.append(f"{word} is decided")
        return word.upper()

    async def run() -> list[str]:
        together = gathering(work)

        async def come(word: str) -> str:
            steps.append(f"{word} comes")
            planned = await plan(together, word)
            steps.append(f"{word} goes on")
            return planned

        return [*await asyncio.gather(come("a"), come("b")), await come("c")]

    assert asyncio.run(run()) == ["A", "B", "C"]
    together = ["a comes", "b comes", "a is decided", "b is decided", "a goes on", "b goes on"]
    assert steps == [*together, "c comes", "c is decided", "c goes on"]


def test_others_have_a_turn_while_much_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_LONGEST_TURN_SECONDS", 0.0)
    steps: list[str] = []

    def work(word: str) -> str:
        steps.append(word)
        return word

    async def run() -> None:
        together = gathering(work)

        async def beside() -> None:
            while len(steps) < 9:
                steps.append("beside")
                await asyncio.sleep(0)

        await asyncio.gather(*(plan(together, word) for word in "abc"), beside())

    asyncio.run(run())
    first, last = steps.index("a"), steps.index("c")
    assert "beside" in steps[first:last]
    assert [step for step in steps if step != "beside"] == ["a", "b", "c"]


def test_one_who_leaves_and_one_that_fails_take_nobody_along() -> None:
    def work(word: str) -> str:
        if word == "bad":
            raise ValueError(word)
        return word

    async def run() -> list[str | BaseException]:
        together = gathering(work)
        planning_all = [
            asyncio.ensure_future(plan(together, word)) for word in ("gone", "bad", "a")
        ]
        await asyncio.sleep(0)
        planning_all[0].cancel()
        return await asyncio.gather(*planning_all, return_exceptions=True)

    gone, bad, good = asyncio.run(run())
    assert isinstance(gone, asyncio.CancelledError)
    assert isinstance(bad, ValueError)
    assert good == "a"


@pytest.mark.parametrize(
    ("text", "attached", "soon"),
    [
        (b"a" * 2_000, b"", True),
        (b"a" * 2_000, b"b" * 300_000, True),
        (b'<td style="font-size: 14px; line-height: 20px">a' * 600, b"b" * 300_000, True),
        (b"a" * 40_000, b"", False),
        (b"a" * 2_000, b"b" * 600_000, False),
        (b"a" * 2_000, FILE * 1_000, False),
        (b"a" * 2_000, FILE + b"a: b\r\n" * 20_000, False),
        (b"a" * 2_000, FILE + b"-" * 50_000, False),
    ],
    ids=["short", "attachment", "styles", "text", "large", "parts", "fields", "dashes"],
)
def test_others_wait_for_mails_of_little_text(text: bytes, attached: bytes, *, soon: bool) -> None:
    assert _is_decided_soon(HEAD + text + FILE + attached) is soon


def test_a_fault_in_looking_at_a_mail_leaves_it_to_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_raw: bytes) -> int:
        raise RuntimeError

    monkeypatch.setattr(planning, "count_shown", fail)
    assert not _is_decided_soon(HEAD + FILE + b"b" * 300_000)
