"""The page that tells a company's mail administrator what to type."""

import html
import shlex

import pytest

from gateway.core.company import Mode
from gateway.settings import HostPort
from gateway.snippets import Product
from gateway.store.companies import add_company
from gateway.store.engine import writing_session
from tests.web.conftest import NOW, Site, sign_in

PAGE = "/admin/companies/1/connect"


def test_the_page_is_linked_from_the_company_and_begins_with_postfix(site: Site) -> None:
    client = sign_in(site)
    assert f'href="{PAGE}"' in client.get("/admin/companies/1").text
    page = client.get(PAGE).text
    assert "relayhost = [127.0.0.1]:2525" in page
    assert f"{site.company.smtp_user}:PASSWORD" in page


@pytest.mark.parametrize("product", Product)
@pytest.mark.parametrize(("language", "says"), [("ja", "メールサーバーの接続"), ("en", "Connect")])
def test_each_product_is_filled_in(site: Site, product: Product, language: str, says: str) -> None:
    page = sign_in(site).get(f"{PAGE}?for={product}&relay=relay.example.jp:587&lang={language}")
    assert page.status == 200
    assert says in page.text
    assert "relay.example.jp" in page.text
    assert "a.example" in page.text
    untried = {"ja": "実際の環境で試していません", "en": "not tried with the real thing"}[language]
    assert (untried in page.text) is (product not in {Product.POSTFIX, Product.GENERIC})


@pytest.mark.parametrize(
    "wrong", ["nonsense", "host:port", "host:70000", "a%0Ab:25", "<script>:25"]
)
def test_an_address_that_is_none_is_said_beside_its_field(site: Site, wrong: str) -> None:
    page = sign_in(site).get(f"{PAGE}?for=postfix&relay={wrong}")
    assert page.status == 422
    assert 'aria-invalid="true"' in page.text
    assert "<script>" not in page.text
    assert "relayhost = [127.0.0.1]:2525" in page.text


def test_an_address_that_is_not_the_relays_own_is_marked(site: Site) -> None:
    client = sign_in(site)
    typed = client.get(f"{PAGE}?relay=relay.example.jp:587&lang=en").text
    assert "This address was typed in. The relay&#39;s own settings say: 127.0.0.1:2525" in typed
    assert "typed in" not in client.get(f"{PAGE}?lang=en").text


def test_a_hostile_name_stays_text(site: Site) -> None:
    name = 'Acme"; <script>alert(1)</script>'
    with writing_session(site.engine).begin() as session:
        add_company(
            session,
            name=name,
            domains=["b.example"],
            next_hop=HostPort("127.0.0.1", 25),
            mode=Mode.OBSERVE,
            contact="hr@b.example",
            now=NOW,
        )
    client = sign_in(site)
    for product in Product:
        page = client.get(f"/admin/companies/2/connect?for={product}").text
        assert "<script>" not in page
        assert f"career-relay doctor {shlex.quote(name)} --probe" in html.unescape(page)


def test_who_is_not_logged_in_sees_nothing(site: Site) -> None:
    assert site.client().get(PAGE).status == 303
    assert sign_in(site).get("/admin/companies/99/connect").status == 404
