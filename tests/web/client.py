"""A small HTTP client that keeps cookies and follows nothing, so that tests see every answer."""

import http.client
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

_PROOF = re.compile(r'name="proof" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """One answer; header names in lower case, repeated ones joined by a line end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def proof(self) -> str:
        """The hidden field that the page's forms carry."""
        found = _PROOF.search(self.text)
        assert found is not None, "no form on this page"
        return found[1]


class Client:
    """One visitor; `headers` go with every request."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._port = port
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.cookies: dict[str, str] = {}

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return self._send(method, path, None, headers)

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """POST a form as a browser does on our own page, unless `headers` say otherwise."""
        sent = {"sec_fetch_site": "same-origin", **headers}
        return self._send("POST", path, urlencode(form or {}).encode(), sent)

    def bare_post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """POST a form without any word on where it comes from."""
        return self._send("POST", path, urlencode(form or {}).encode(), headers)

    def _send(self, method: str, path: str, body: bytes | None, extra: dict[str, str]) -> Answer:
        headers = {**self._headers, **{k.replace("_", "-"): v for k, v in extra.items()}}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, _joined(response.getheaders()), response.read())
        finally:
            connection.close()
        for name, morsel in SimpleCookie(answer.headers.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        return answer


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        joined[key] = f"{joined[key]}\n{value}" if key in joined else value
    return joined
