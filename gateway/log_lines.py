"""How every process of the product writes its log: one line or one JSON object an event."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter


def set_up_logging(*, as_json: bool, level: int = logging.INFO, with_process: bool = False) -> None:
    """Log to standard error: one line or one JSON object an event.

    with_process  say which process it was, where there are several
    """
    handler = logging.StreamHandler(sys.stderr)
    if as_json:
        process = "{process}" if with_process else ""
        names = f"{{asctime}}{{levelname}}{{name}}{{message}}{process}"
        handler.setFormatter(JsonFormatter(names, style="{"))
    else:
        process = "[%(process)d] " if with_process else ""
        handler.setFormatter(_EventFormatter(f"%(asctime)s {process}%(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("mail.log", "mail.debug", "asyncio", "uvicorn.access", "alembic", "dramatiq"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _EventFormatter(logging.Formatter):
    """Put the values of a mail's event behind its message, as `name=value`."""

    _NAMES = ("queue_id", "company", "action", "why", "candidate", "reply", "ms", "size")

    def format(self, record: logging.LogRecord) -> str:
        values = vars(record)
        told = [f"{name}={values[name]}" for name in self._NAMES if values.get(name) is not None]
        return " ".join([super().format(record), *told])
