"""The parent of several gateway processes: how it ends tells whoever started it what happened."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.processes import pause_seconds

PARENT_OF_ONE = """
import socket, time
from gateway.cli.doors import Doors
from gateway.cli.processes import Parent
Parent(1, Doors((socket.create_server(("127.0.0.1", 0)),), (), None), print).divide()
print("begun", flush=True)  # and hears of no lifeline and no signal yet
time.sleep(60)
"""

STANDS_STILL = """
import socket, time
from gateway.board import Gauge
from gateway.cli.doors import Doors
from gateway.cli.processes import Parent
doors = Doors((socket.create_server(("127.0.0.1", 0)),), (), None)
child = Parent(1, doors, lambda: None).divide()
child.shared.seat.tell(Gauge.SERVING, 1)
child.say_serving()
print("serves", flush=True)  # and was never seen alive since
time.sleep(30)
"""


@pytest.mark.parametrize(
    ("number", "exit_code"),
    [
        pytest.param(signal.SIGTERM, 0, id="whoever stops a service tells all its processes"),
        pytest.param(signal.SIGKILL, 1, id="who has to be killed did not end well"),
    ],
)
def test_a_child_that_is_stopped_while_it_starts_is_no_failure(
    number: signal.Signals, exit_code: int
) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", PARENT_OF_ONE), stdout=subprocess.PIPE, start_new_session=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"begun\n"
        (child,) = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        parent.send_signal(signal.SIGTERM)
        assert parent.stdout.readline().startswith(b"Finishing")
        os.kill(int(child), number)
        assert parent.wait(30) == exit_code


def test_a_child_that_stands_still_before_it_first_says_so_is_replaced() -> None:
    unit = os.environ | {"WATCHDOG_USEC": "400000"}
    with subprocess.Popen(
        (sys.executable, "-c", STANDS_STILL),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=unit,
    ) as parent:
        assert parent.stdout is not None
        try:
            assert parent.stdout.readline() == b"serves\n"
            assert b"stands still" in parent.stdout.readline()
            assert b"another begins" in parent.stdout.readline()
            assert parent.stdout.readline() == b"serves\n"
            parent.send_signal(signal.SIGTERM)
            assert parent.stdout.readline().startswith(b"Finishing")
            parent.send_signal(signal.SIGTERM)  # which ends the child as well
            parent.wait(30)
        finally:
            parent.kill()


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        pytest.param(0, 0, id="one that served for long is replaced at once"),
        pytest.param(1, 1, id="then after a second"),
        pytest.param(2, 2, id="and two"),
        pytest.param(5, 16, id="and ever more"),
        pytest.param(6, 30, id="up to half a minute"),
        pytest.param(100_000, 30, id="for a month, and the others go on serving"),
    ],
)
def test_a_place_where_children_fail_stays_empty_ever_longer(failures: int, seconds: int) -> None:
    assert pause_seconds(failures) == seconds
