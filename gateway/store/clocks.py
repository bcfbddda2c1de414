"""What a clock wrote that was ahead: nobody waits for such a moment."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import QueryableAttribute

CLOCKS_APART = timedelta(seconds=5)
"""So far the clocks of two machines may differ; more is a clock that was wrong."""


def is_ahead(at: QueryableAttribute[Any], now: datetime) -> ColumnElement[bool]:
    """Return the condition that `at`, which was "now" to whoever wrote it, is from a wrong clock.

    For moments that nobody sets ahead, and where acting twice has the effect of once. What is set
    ahead on purpose (the end of a lease or of an attempt, the next attempt) has limits of its own
    beside its code, far wider: there who acts too early does what another one is doing.
    """
    return at > now + CLOCKS_APART
