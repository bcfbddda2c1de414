"""The page on which a company's own link block is worded, tried and saved."""

import base64
import contextlib
import hashlib
import re
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.blocks.check import SAMPLE_LINK, OwnBlock, read_own_block
from gateway.blocks.starter import starter
from gateway.blocks.wording import Problem
from gateway.core.block import Block
from gateway.core.company import BlockTemplate, Company, Language
from gateway.errors import NotFoundError, TakenError
from gateway.store.block_templates import SavedBlock, list_blocks, reset_block, save_block
from gateway.store.company_records import get_company
from gateway.web.operator import ACTOR, OperatorPages, number_in
from gateway.web.security import PAGE_HEADERS

_STYLE = re.compile(r'style="([^"]*)"')
_FRAME = (
    '<!doctype html><html lang="{}"><body style="margin:12px;font-family:sans-serif;'
    'font-size:14px;line-height:1.6;">{}</body></html>'
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One language's part of the page.

    template  what stands in the fields
    version   of the own block that is saved, 0 for the default
    preview   what the fields make, None with problems
    frame     the preview's HTML as a page of its own
    """

    template: BlockTemplate
    version: int
    preview: Block | None
    problems: tuple[Problem, ...] = ()
    is_unsaved: bool = False

    @property
    def frame(self) -> str:
        """The preview's HTML as a page of its own, for a frame that may do nothing."""
        return _FRAME.format(self.template.language, self.preview.html) if self.preview else ""


class Blocks(OperatorPages):
    """Show and change the link blocks of a company."""

    def routes(self) -> list[Route]:
        """Return the routes of this page."""
        path = "/admin/companies/{company_id:int}/block"
        return [
            self._login.get(path, self.show),
            self._login.post(path + "/{language}", self.change),
        ]

    def show(self, request: Request) -> Response:
        """Show both languages, as they are in use."""
        company, saved = self._find(request)
        sheets = [self._sheet(company, language) for language in Language]
        return self._show_sheets(request, company, saved, sheets)

    async def change(self, request: Request) -> Response:
        """Try, save or reset the block of one language, as the pressed button says."""
        form = await request.form(max_files=0, max_fields=20)
        names = {language.value: language for language in Language}
        language = names.get(request.path_params["language"])
        if language is None:
            raise HTTPException(404)
        own = BlockTemplate(
            language, _typed(str(form.get("text", ""))), _typed(str(form.get("html", "")))
        )
        return await run_in_threadpool(self._change, request, own, str(form.get("do", "")))

    def _change(self, request: Request, own: BlockTemplate, wish: str) -> Response:
        company, saved = self._find(request)
        if wish == "reset":
            said = "said-block-taken"
            with contextlib.suppress(TakenError), self._tools.write() as session:
                reset_block(session, company.id, own.language, ACTOR, self._tools.now())
                said = "said-block-reset"
            return self._back(request, company, said)
        found = read_own_block(company, own)
        if wish == "save" and isinstance(found, OwnBlock):
            said = "said-block-taken"
            with contextlib.suppress(TakenError), self._tools.write() as session:
                save_block(session, company.id, own, ACTOR, self._tools.now())
                said = "said-block-saved"
            return self._back(request, company, said)  # it shows what was saved, by whoever it was
        sheets = [
            self._tried(company, own, found)
            if language is own.language
            else self._sheet(company, language)
            for language in Language
        ]
        return self._show_sheets(
            request, company, saved, sheets, 200 if isinstance(found, OwnBlock) else 422
        )

    def _sheet(self, company: Company, language: Language) -> Sheet:
        own = company.own_block(language)
        written = self._answers.renderer.block(company, SAMPLE_LINK, language)
        if own is None:
            return Sheet(starter(company, language), 0, written)
        found = read_own_block(company, own)
        problems = () if isinstance(found, OwnBlock) else found
        return Sheet(own, own.version, written, problems)

    def _tried(
        self, company: Company, own: BlockTemplate, found: OwnBlock | tuple[Problem, ...]
    ) -> Sheet:
        now = company.own_block(own.language)
        version = now.version if now else 0
        if isinstance(found, OwnBlock):
            return Sheet(own, version, found.write(SAMPLE_LINK), is_unsaved=True)
        return Sheet(own, version, None, found, is_unsaved=True)

    def _find(self, request: Request) -> tuple[Company, tuple[SavedBlock, ...]]:
        company_id = number_in(request, "company_id")
        try:
            with self._tools.read() as session:
                company = get_company(session, company_id).company
                return company, list_blocks(session, company_id)
        except NotFoundError:
            raise HTTPException(404) from None

    def _back(self, request: Request, company: Company, said: str) -> Response:
        return self.done(request, f"/admin/companies/{company.id}/block", said)

    def _show_sheets(
        self,
        request: Request,
        company: Company,
        saved: tuple[SavedBlock, ...],
        sheets: list[Sheet],
        status: int = 200,
    ) -> Response:
        values = {"company": company, "saved": saved, "sheets": sheets}
        answer = self.page(request, "block", values, status)
        answer.headers["content-security-policy"] = _policy_for(sheets)
        return answer


def _typed(text: str) -> str:
    r"""Return what was typed with line ends as \n: browsers send \r\n."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _policy_for(sheets: list[Sheet]) -> str:
    """Return the policy of every page, and besides allow just the styles of the previews.

    The frames hold the blocks themselves and inherit the page's policy: only a style attribute
    whose hash stands here is used, so no other one can be slipped in.
    """
    styles = sorted({style for sheet in sheets for style in _STYLE.findall(sheet.frame)})
    hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in styles)
    allowed = " ".join(("style-src 'self' 'unsafe-hashes'", *(f"'sha256-{h}'" for h in hashes)))
    return PAGE_HEADERS["content-security-policy"].replace("style-src 'self'", allowed)
