"""Fixtures of the workers' tests."""

from collections.abc import Iterator

import pytest

from tests.workers.sink import Sink, open_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Give a server that takes notification mails."""
    with open_sink() as opened:
        yield opened
