"""What tests of the core share."""

from collections.abc import Iterator

import pytest

from gateway.core import known


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Let no letter be known before the test, nor behind it."""
    known.forget()
    yield
    known.forget()
