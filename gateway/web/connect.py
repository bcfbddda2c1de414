"""The page that tells a company's mail administrator what to type, filled in."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.snippets import Door, Product, fill_in
from gateway.web.answers import Answers
from gateway.web.login import Login
from gateway.web.operator import OperatorPages
from gateway.web.security import Forms
from gateway.web.tools import Tools

_TRIED = frozenset({Product.POSTFIX, Product.GENERIC})


class Connect(OperatorPages):
    """Show how each product in front is set up."""

    def __init__(
        self, tools: Tools, answers: Answers, forms: Forms, login: Login, door: Door
    ) -> None:
        super().__init__(tools, answers, forms, login)
        self._door = door

    def routes(self) -> list[Route]:
        """Return the routes of this page."""
        return [self._login.get("/admin/companies/{company_id:int}/connect", self.show)]

    def show(self, request: Request) -> Response:
        """Show what to type for the product and the relay's address that the query names."""
        record = self.record_of(request)
        named = request.query_params.get("for", "")
        product = next((one for one in Product if one.value == named), Product.POSTFIX)
        wanted = request.query_params.get("relay", "").strip()
        try:
            door, is_wrong = (self._door.moved(wanted) if wanted else self._door), False
        except ValueError:
            door, is_wrong = self._door, True
        filled = fill_in(record, door)
        values = {
            "company": record.company,
            "shell_name": filled["shell_name"],
            "product": product,
            "products": tuple(Product),
            "snippet": self._answers.renderer.snippet(product.value, filled),
            "door": door,
            "wanted": wanted,
            "own": self._door.address,
            "is_wrong": is_wrong,
            "is_tried": product in _TRIED,
        }
        return self.page(request, "connect", values, 422 if is_wrong else 200)
