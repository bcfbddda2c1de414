"""Times as people in Japan read them."""

from datetime import datetime, timedelta, timezone

JAPAN = timezone(timedelta(hours=9), "JST")


def start_of_day(now: datetime) -> datetime:
    """Return when this day began in Japan."""
    return now.astimezone(JAPAN).replace(hour=0, minute=0, second=0, microsecond=0)


def in_japan(moment: datetime) -> str:
    """Return `moment` to the second, with its zone."""
    return moment.astimezone(JAPAN).strftime("%Y-%m-%d %H:%M:%S %Z")
