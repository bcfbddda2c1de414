"""The one Jinja2 environment: link blocks, notification mails and pages, always escaped."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import escape

from gateway.core import block as marks
from gateway.core.block import Block
from gateway.core.columns import columns, one_line, shorten
from gateway.core.company import Company, Language

_TEXT_MARKS = {
    Language.JA: (marks.TEXT_OPENING_JA, marks.TEXT_CLOSING_JA),
    Language.EN: (marks.TEXT_OPENING_EN, marks.TEXT_CLOSING_EN),
}


class RenderError(Exception):
    """A template does not give what its place needs: a fault of ours, never of the mail."""


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """One notification: `subject` on one line, `text` and `html` saying the same."""

    subject: str
    text: str
    html: str


class Renderer:
    """Write everything that people read, from the templates in one folder."""

    def __init__(self, templates_dir: Path) -> None:
        r"""Compile the link templates, so that a broken one stops the start and not a mail.

        templates_dir  holds link/, mail/ and web/

        Raises jinja2.TemplateError when one is missing or does not compile.
        """
        self.folder = templates_dir
        self._environment = Environment(
            loader=FileSystemLoader(templates_dir),
            autoescape=select_autoescape(("html",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["columns"] = columns
        self._environment.filters["shorten"] = shorten
        self._links = {
            (language, kind): self._environment.get_template(f"link/{language}.{kind}")
            for language in Language
            for kind in ("txt", "html")
        }

    def block(self, company: Company, link: str, language: Language) -> Block:
        """Return the block that offers `link` in the name of `company`.

        Raises RenderError when the template does not hold the link exactly once.
        """
        # An English mail is often us-ascii, and its reader may not read the Japanese name.
        name = company.ascii_name if language is Language.EN else company.name
        values = {"company": one_line(name), "link": link}
        opening, closing = _TEXT_MARKS[language]
        text = _render(self._links[language, "txt"], values)
        html = _render(
            self._links[language, "html"],
            {**values, "opening": marks.HTML_OPENING, "closing": marks.HTML_CLOSING},
        )
        if text.count(link) != 1 or html.count(str(escape(link))) != 1:
            raise RenderError(f"the {language} link template must hold the link exactly once")
        return Block(language, f"{opening}\n{text}\n{closing}", html, link)

    def mail(self, event: str, language: Language, values: Mapping[str, object]) -> RenderedMail:
        """Return the notification of `event` ("slot-earned"), a folder of templates/mail.

        values  company (its name), points, slots_available, to_next, admin_url

        Raises jinja2.TemplateError when there is no such event or a value is missing.
        """
        subject, text, html = (
            _render(self._environment.get_template(f"mail/{event}/{language}/{name}"), values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
        return RenderedMail(one_line(subject), text + "\n", html + "\n")

    def page(self, name: str, /, **values: object) -> str:
        """Return the page that template `name` ("landing.html") of templates/web makes."""
        return _render(self._environment.get_template(f"web/{name}"), values) + "\n"


def _render(template: Template, values: Mapping[str, object]) -> str:
    return template.render(values).strip("\n")
