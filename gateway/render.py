"""The one Jinja2 environment: link blocks, notification mails and pages, always escaped."""

import functools
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    select_autoescape,
)
from markupsafe import escape

from gateway.blocks.check import (
    SAMPLE_LINK,
    TEXT_MARKS,
    OwnBlock,
    read_own_block,
    refer_rare,
    values_for,
)
from gateway.core import block as marks
from gateway.core.block import Block
from gateway.core.columns import columns, one_line, shorten
from gateway.core.company import BlockTemplate, Company, Language

log = logging.getLogger(__name__)

_KEPT_BLOCKS = 2048
"""Companies' blocks kept: own ones compiled and checked, some 20 KB each, and the default's."""


class RenderError(Exception):
    """A template does not produce what it must: a fault of ours, never of the mail."""


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
        self._sample = functools.lru_cache(maxsize=_KEPT_BLOCKS)(self._write_sample)
        self._read_own = functools.lru_cache(maxsize=_KEPT_BLOCKS)(_read_own)

    def block(self, company: Company, link: str, language: Language) -> Block:
        """Return the block that offers `link` in the name of `company`: its own, else the default.

        An own block that no longer passes its checks never harms a mail: the log names it, and
        the default stands in.

        Raises RenderError when the default template does not hold the link exactly once.
        """
        template = company.own_block(language)
        own = self._read_own(_identity(company), template) if template is not None else None
        if own is not None:
            try:
                return own.write(link)
            except (TemplateError, ValueError) as error:
                log.warning("own block of company %s: %s", company.id, type(error).__name__)
        return self.default_block(company, link, language)

    def default_block(self, company: Company, link: str, language: Language) -> Block:
        """Return the block for companies without one of their own.

        Raises RenderError when the template does not hold the link exactly once.
        """
        sample = self._sample(language, company.id, company.name, company.domains, company.contact)
        text = sample.text.replace(sample.link, link)
        html = sample.html.replace(str(escape(sample.link)), str(escape(link)))
        return Block(language, text, html, link)

    def _write_sample(
        self, language: Language, id_: int, name: str, domains: tuple[str, ...], contact: str
    ) -> Block:
        """Write a company's default block; cached by what it shows, not by the whole company."""
        company = Company(id_, name, domains, contact=contact)
        values = {**values_for(company, language), "link": SAMPLE_LINK}
        opening, closing = TEXT_MARKS[language]
        text = _render(self._links[language, "txt"], values)
        html = _render(
            self._links[language, "html"],
            {**values, "opening": marks.HTML_OPENING, "closing": marks.HTML_CLOSING},
        )
        if text.count(SAMPLE_LINK) != 1 or html.count(str(escape(SAMPLE_LINK))) != 1:
            raise RenderError(f"the {language} link template must hold the link exactly once")
        return Block(language, f"{opening}\n{text}\n{closing}", refer_rare(html), SAMPLE_LINK)

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

    def snippet(self, product: str, values: Mapping[str, object]) -> str:
        """Return what an administrator types to connect `product`, a file of templates/connect."""
        return _render(self._environment.get_template(f"connect/{product}.txt"), values)

    def page(self, name: str, /, **values: object) -> str:
        """Return the page that template `name` ("landing.html") of templates/web makes."""
        return _render(self._environment.get_template(f"web/{name}"), values) + "\n"


def _render(template: Template, values: Mapping[str, object]) -> str:
    return template.render(values).strip("\n")


def _identity(company: Company) -> Company:
    """Return the facts of a company that its own block shows; no others can change the block."""
    return Company(company.id, company.name, company.domains, contact=company.contact)


def _read_own(company: Company, template: BlockTemplate) -> OwnBlock | None:
    """Return a company's own block, None when it does not pass; said in the log once, not a mail.

    It passed when it was saved, so either the checks or the company's contact have changed since.
    """
    own = read_own_block(company, template)
    if isinstance(own, OwnBlock):
        return own
    log.warning(
        "own block of company %s not used: %s version %s, %s",
        company.id,
        template.language,
        template.version,
        ", ".join(f"{problem.part} {problem.code}" for problem in own),
    )
    return None
