"""Read a company's template: words and placeholders, nothing that could run for long.

Jinja2's sandbox keeps a template from reaching anything of ours, but it bounds neither time nor
size: `{{ "a" * 10**9 }}` or a loop in a loop is allowed there. So the template's syntax tree is
looked at first, and only text, the five placeholders and `company | shorten(20)` may stand in it.
What is left renders in one pass, and its result is at most as long as the template and, for each
placeholder, the longest value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway.blocks.wording import (
    FIELDS,
    MAX_TEMPLATE_BYTES,
    Problem,
    not_a_template,
    too_long,
    unknown_placeholder,
)
from gateway.core.columns import shorten

_SHORTEST_COLUMNS, _LONGEST_COLUMNS = 8, 60
_MOST_PLACEHOLDERS = 40
"""Ten times what a block needs; with it the size of what is rendered is bounded, too."""


def _environment(*, is_html: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=is_html, undefined=StrictUndefined, keep_trailing_newline=False, cache_size=0
    )
    environment.globals.clear()  # range, lipsum and their like: nothing of it is needed
    environment.filters.clear()
    environment.filters["shorten"] = shorten
    environment.tests.clear()
    return environment


_TEXT, _HTML = _environment(is_html=False), _environment(is_html=True)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template that may be rendered; `widths` are those that `shorten` was given."""

    template: Template
    widths: frozenset[int]

    def render(self, values: Mapping[str, str]) -> str:
        """Return the text, without line ends around it; raises jinja2.TemplateError."""
        return self.template.render(values).strip("\n")


def compile_template(source: str, *, is_html: bool) -> Compiled | Problem:
    """Return the template that `source` is, or why it is none; never raises.

    is_html  whether values are escaped for HTML
    """
    part = "html" if is_html else "text"
    if len(source.encode("utf-8", "replace")) > MAX_TEMPLATE_BYTES:
        return too_long(part)
    environment = _HTML if is_html else _TEXT
    try:
        tree = environment.parse(source)
    except TemplateError as error:
        return not_a_template(part, getattr(error, "lineno", 0) or 0)
    except (RecursionError, ValueError, OverflowError, MemoryError):
        return not_a_template(part, 0)  # thousands of brackets, a number of thousands of digits
    found = list(_expressions(tree))
    strange = next((node for node in found if not _is_plain(node)), None)
    if strange is not None or len(found) > _MOST_PLACEHOLDERS:
        return unknown_placeholder(part, strange.lineno if strange is not None else 0)
    widths = frozenset(int(_width_of(node)) for node in found if isinstance(node, nodes.Filter))
    return Compiled(environment.from_string(source), widths)


def _expressions(tree: nodes.Template) -> Iterator[nodes.Node]:
    """Yield everything that is not plain text: placeholders, and statements as they are."""
    for statement in tree.body:
        if not isinstance(statement, nodes.Output):
            yield statement
            continue
        yield from (n for n in statement.nodes if not isinstance(n, nodes.TemplateData))


def _is_plain(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        is_name = isinstance(node.node, nodes.Name) and node.node.name == "company"
        return is_name and node.name == "shorten" and _width_of(node) > 0
    return isinstance(node, nodes.Name) and node.name in FIELDS


def _width_of(node: nodes.Filter) -> int:
    """Return the number that `shorten` was given, 0 when it is none or out of bounds."""
    if len(node.args) != 1 or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return 0
    width = node.args[0].value if isinstance(node.args[0], nodes.Const) else 0
    fits = type(width) is int and _SHORTEST_COLUMNS <= width <= _LONGEST_COLUMNS
    return int(width) if fits else 0
