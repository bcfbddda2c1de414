"""The imports point inward: cli -> shells -> store -> core -> the standard library."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = frozenset(
    {
        "gateway.blocks",
        "gateway.errors",
        "gateway.hops",
        "gateway.host_port",
        "gateway.log_lines",
        "gateway.reply",
        "gateway.settings",
        "gateway.render",
    }
)
STORE_MAY_IMPORT = ("gateway.core", "gateway.store", *SHARED)
SHELLS = (
    "board",
    "counts",
    "demo",
    "directory",
    "doctor",
    "hook_setup",
    "keys",
    "nexthop",
    "outages",
    "relay",
    "resolver",
    "smtp",
    "smtpd",
    "snippets",
    "transit",
    "wake",
    "web",
)
ALLOWED = (
    ("gateway.core", ("gateway.core",)),
    ("gateway.store", STORE_MAY_IMPORT),
    ("gateway.cli", ("gateway", "workers")),
    ("gateway", (*STORE_MAY_IMPORT, *(f"gateway.{shell}" for shell in SHELLS))),
    # what both sides use: how secrets are opened, names asked for, and mail handed to a next hop
    (
        "workers",
        (
            *STORE_MAY_IMPORT,
            "gateway.nexthop",
            "gateway.resolver",
            "gateway.keys.sealing",
            "workers",
        ),
    ),
)
"""Who may import what of ours; the first line that fits counts."""


def modules() -> Iterator[tuple[str, Path]]:
    for package in ("gateway", "workers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(p for p in parts if p != "__init__"), path


def imports(source: str) -> Iterator[tuple[str, bool]]:
    """Yield each imported module, and whether the import stands inside a function."""
    tree = ast.parse(source)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    local = {id(n) for f in ast.walk(tree) if isinstance(f, functions) for n in ast.walk(f)}
    for node in ast.walk(tree):
        inside = id(node) in local
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", inside) for alias in node.names)


def is_within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def faults(module: str, source: str) -> list[str]:
    """Return what is wrong with the imports of `module`, one sentence each."""
    return [
        f"{module}: {fault}"
        for name, inside in imports(source)
        if (fault := judge(module, name, inside))
    ]


def judge(module: str, name: str, inside: bool) -> str | None:
    """Return what is wrong with `module` importing `name`, None when nothing is."""
    allowed = next(names for package, names in ALLOWED if is_within(module, package))
    if inside and not is_within(module, "gateway.cli"):
        return f"imports {name} inside a function"
    if is_within(name, "gateway", "workers"):
        return None if is_within(name, *allowed) else f"imports {name}, which is further out"
    if is_within(module, "gateway.core") and top(name) not in sys.stdlib_module_names:
        return f"imports {name}: the core stands on the standard library alone"
    if is_within(name, "alembic") and module != "gateway.store.migrate":
        return f"imports {name}: only gateway.store.migrate may"
    return None


def top(name: str) -> str:
    return name.partition(".")[0]


CLOCK_OR_CHANCE = {"time", "random", "secrets", "socket", "asyncio", "threading", "os", "logging"}


def test_every_import_points_inward() -> None:
    found = [
        fault for module, path in modules() for fault in faults(module, path.read_text("utf-8"))
    ]
    assert found == []


def test_the_core_has_no_clock_no_chance_and_no_socket() -> None:
    found = [
        f"{module} imports {name}"
        for module, path in modules()
        if is_within(module, "gateway.core")
        for name, _ in imports(path.read_text("utf-8"))
        if top(name) in CLOCK_OR_CHANCE
    ]
    assert found == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("gateway.core.plan", "import sqlalchemy", id="a library in the core"),
        pytest.param("gateway.core.plan", "from gateway.store import mails", id="core to store"),
        pytest.param("gateway.store.mails", "from gateway import relay", id="store to a shell"),
        pytest.param("gateway.relay", "from workers import settle", id="gateway to workers"),
        pytest.param("workers.settle", "from gateway.smtpd import x", id="worker to SMTP"),
        pytest.param("gateway.web.app", "def f():\n    import json", id="inside a function"),
        pytest.param(
            "gateway.web.app", "def f():\n    if f:\n        import json", id="deep inside one"
        ),
        pytest.param("gateway.web.app", "from gateway.cli import app", id="to the command line"),
        pytest.param("workers.boot", "import alembic", id="alembic elsewhere"),
    ],
)
def test_a_planted_wrong_import_is_found(module: str, source: str) -> None:
    assert len(faults(module, source)) == 1


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        module: lines
        for module, path in modules()
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_holds_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text("ascii")


def test_no_pattern_holds_on_to_a_group() -> None:
    """Python before 3.11.5 matches possessive and atomic groups wrongly (cpython issue 106052)."""
    group = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+|\(\?>")
    lines = (
        (file, number, line)
        for folder in ("gateway", "workers")
        for file in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
    )
    found = [f"{file.name}:{number}" for file, number, line in lines if group.search(line)]
    assert found == ["mail.py:14"]  # a plus sign in a set of characters
