"""What the processes write: JSON alone where that is asked for, and that files have run out."""

import contextlib
import dataclasses
import json
import resource
import socket
from pathlib import Path

import pytest

from tests.e2e.program import Installation
from tests.services import wait_until


@pytest.mark.parametrize("command", [("up",), ("web",), ("gateway", "--processes", "2")])
def test_every_line_is_one_json_object(installation: Installation, command: tuple[str]) -> None:
    settings = {"CAREER_RELAY_LOG_JSON": "true"}
    talking = dataclasses.replace(installation, settings=settings)
    assert talking.run("migrate").returncode == 0
    with talking.process("career-relay", *command):
        wait_until(
            lambda: "Links in mails begin" in talking.logs() or "web: http" in talking.logs(), "up"
        )
        second = talking.run(*command)
    assert "cannot listen" in json.loads(second.stderr)["message"]
    lines = [line for line in talking.logs().splitlines() if line]
    said = [json.loads(line) for line in lines]
    assert any("Career Relay" in each["message"] for each in said)
    assert all({"asctime", "levelname", "name", "message"} <= set(each) for each in said)
    assert [line for line in lines if "\\u001b" in line] == []


def test_files_that_run_out_are_told_once(installation: Installation) -> None:
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(installation.up())
        room = len(list(Path(f"/proc/{running.pid}/fd").iterdir())) + 4
        before = resource.prlimit(running.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (room, before[1]))
        for _ in range(12):
            stack.enter_context(socket.create_connection(installation.smtp, 10))
        wait_until(lambda: "no more files" in installation.logs(), "the log says why")
        resource.prlimit(running.pid, resource.RLIMIT_NOFILE, before)
        assert installation.run("ready", "--wait").returncode == 0
    assert installation.logs().count("no more files") == 1
