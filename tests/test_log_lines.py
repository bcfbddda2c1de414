"""How the processes' log lines look."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import logging
from gateway.log_lines import set_up_logging
set_up_logging(as_json={as_json})
logging.getLogger().handle(logging.makeLogRecord(
    {{"created": 1793509200.5, "msecs": 500.0, "levelname": "INFO", "levelno": 20, "msg": "hello"}}
))
"""


NAMELESS = """
import logging, sys
from gateway.log_lines import set_up_logging
set_up_logging(as_json=False, with_process=True)
def tell(record):
    print(record.funcName, record.threadName, record.processName, record.process is not None)
    return True
logging.getLogger("x").addFilter(tell)
logging.getLogger("x").warning("told")
"""


def test_no_time_is_spent_on_what_no_line_tells() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NAMELESS], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["(unknown", "function)", "None", "None", "True"]
    assert done.stderr.endswith("] WARNING told\n")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("as_json", [False, True])
def test_times_are_utc_and_say_so_wherever_the_machine_is(zone: str, as_json: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(as_json=as_json)],
        env=os.environ | {"TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2026-11-01 05:00:00.500Z" in done.stderr  # 1:00 in New York, for the first time
