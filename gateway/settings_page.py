"""Write docs/settings.md from the settings themselves: `python -m gateway.settings_page`."""

import sys
from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.settings import ENV_PREFIX, Settings

_HEAD = """\
# Settings

Every setting is an environment variable (or a line in a file `.env` in the working folder), read
once at start. A wrong value stops the start with a sentence that names the variable, what was
expected and an example. This page is generated: `make docs`.

| variable | default | meaning | example |
| --- | --- | --- | --- |
"""


def settings_page() -> str:
    """Return the page, in Markdown."""
    return _HEAD + "".join(_rows())


def _rows() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        cells = (
            f"`{ENV_PREFIX}{name.upper()}`",
            _default(field),
            field.description or "",
            f"`{field.examples[0]}`" if field.examples else "",
        )
        yield "| " + " | ".join(cells) + " |\n"


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if value is PydanticUndefined:
        return "this machine's name"
    return "" if value in (None, ()) else f"`{str(value).lower() if value is False else value}`"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
