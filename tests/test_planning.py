"""Who comes in the same moment is decided together, and nobody waits for longer than that."""

import asyncio

import pytest

from gateway.planning import _MOST_TOGETHER, _Gathering, _is_decided_soon

HEAD = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
FILE = b"\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n"


def test_who_comes_in_the_same_moment_goes_on_together() -> None:
    steps: list[str] = []

    async def run() -> None:
        gathering = _Gathering()

        async def come(name: str) -> None:
            steps.append(f"{name} comes")
            await gathering.join()
            steps.append(f"{name} goes on")

        await asyncio.gather(come("a"), come("b"), come("c"))

    asyncio.run(run())

    assert steps == ["a comes", "b comes", "c comes", "a goes on", "b goes on", "c goes on"]


def test_one_alone_goes_on_within_a_few_turns() -> None:
    async def run() -> bool:
        joining = asyncio.ensure_future(_Gathering().join())
        for _ in range(6):
            await asyncio.sleep(0)
        return joining.done()

    assert asyncio.run(run())


def test_a_full_gathering_goes_on_at_once_and_the_next_waits() -> None:
    async def run() -> list[bool]:
        gathering = _Gathering()
        joining = [asyncio.ensure_future(gathering.join()) for _ in range(_MOST_TOGETHER + 1)]
        await asyncio.sleep(0)  # all have come
        await asyncio.sleep(0)
        done = [one.done() for one in joining]
        await joining[-1]
        return done

    assert asyncio.run(run()) == [True] * _MOST_TOGETHER + [False]


def test_one_who_leaves_takes_nobody_along() -> None:
    async def run() -> list[bool]:
        gathering = _Gathering()
        joining = [asyncio.ensure_future(gathering.join()) for _ in range(3)]
        await asyncio.sleep(0)
        joining[0].cancel()
        await asyncio.wait(joining)
        return [one.cancelled() for one in joining]

    assert asyncio.run(run()) == [True, False, False]


@pytest.mark.parametrize(
    ("text", "attached", "soon"),
    [(2_000, 0, True), (2_000, 300_000, True), (40_000, 0, False), (2_000, 600_000, False)],
)
def test_others_wait_for_mails_of_little_text(text: int, attached: int, *, soon: bool) -> None:
    assert _is_decided_soon(HEAD + b"a" * text + FILE + b"b" * attached) is soon
