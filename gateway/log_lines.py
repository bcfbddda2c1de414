"""How every process of the product writes its log: one line or one JSON object an event."""

import logging
import sys
import time

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

_said = logging.getLogger("career-relay")


def set_up_logging(*, as_json: bool, level: int = logging.INFO, with_process: bool = False) -> None:
    """Log to standard error: one line or one JSON object an event, with its time in UTC.

    What say() says is alike.

    with_process  say which process it was, where there are several
    """
    handler = logging.StreamHandler(sys.stderr)
    speaker = logging.StreamHandler(sys.stdout)
    if as_json:
        process = "{process}" if with_process else ""
        names = f"{{asctime}}{{levelname}}{{name}}{{message}}{process}"
        # uvicorn says its message a second time, in colour codes, for terminals
        left_out = [*RESERVED_ATTRS, "color_message"]
        formatter = _in_utc(JsonFormatter(names, style="{", reserved_attrs=left_out))
        handler.setFormatter(formatter)
        speaker.setFormatter(formatter)
    else:
        process = "[%(process)d] " if with_process else ""
        format_ = f"%(asctime)s {process}%(levelname)s %(message)s"
        handler.setFormatter(_in_utc(_EventFormatter(format_)))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("mail.log", "mail.debug", "asyncio", "uvicorn.access", "alembic", "dramatiq"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    _said.handlers, _said.propagate = [speaker], False
    _said.setLevel(logging.INFO)
    # No line tells these, and each costs calls: left out as the logging HOWTO, "Optimization", has
    # it, private name included. The process's number stays.
    logging._srcfile = None  # noqa: SLF001
    logging.logThreads = logging.logMultiprocessing = False


def say(text: str) -> None:
    """Tell whoever started this process something, on standard output: `text` as it is, or JSON."""
    if _said.handlers:
        _said.info("%s", text)
    else:  # nobody has set the log up
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def complain(text: str) -> None:
    """Say on standard error why this process ends: one line, or JSON when the log is JSON."""
    if any(isinstance(each.formatter, JsonFormatter) for each in logging.getLogger().handlers):
        logging.error("%s", text)  # noqa: LOG015  by no part of the program, by all of it
    else:
        sys.stderr.write(f"career-relay: {text}\n")


def _in_utc(formatter: logging.Formatter) -> logging.Formatter:
    """Return the formatter, made to give times as all commands do: in UTC, and marked so."""
    formatter.converter = time.gmtime
    formatter.default_msec_format = "%s.%03dZ"
    return formatter


class _EventFormatter(logging.Formatter):
    """Put the values of a mail's event behind its message, as `name=value`."""

    _NAMES = ("queue_id", "company", "action", "why", "candidate", "reply", "ms", "size")

    def format(self, record: logging.LogRecord) -> str:
        values = vars(record)
        told = [f"{name}={values[name]}" for name in self._NAMES if values.get(name) is not None]
        return " ".join([super().format(record), *told])
