"""The token in a report's unsubscribe link: it names a member, and only we can make it."""

import hmac
import re

from gateway.core.keyed import keyed_hash, keyed_word

_PURPOSE = b"career-relay unsubscribe member"
_TOKEN = re.compile(r"([1-9][0-9]{0,18})-([a-z2-7]{26})")


class Unsubscribe:
    """Makes and reads the links."""

    def __init__(self, secret_key: bytes, link_base: str) -> None:
        self._key = keyed_hash(secret_key, _PURPOSE)
        self._link_base = link_base

    def link(self, member_id: int) -> str:
        """Return the link that ends a member's reports."""
        return f"{self._link_base}/unsubscribe/{member_id}-{self._sign(str(member_id))}"

    def read(self, token: str) -> int | None:
        """Return the member whom a link's last part names, None when we did not make it."""
        match = _TOKEN.fullmatch(token)
        if match is None or not hmac.compare_digest(match[2], self._sign(match[1])):
            return None
        return int(match[1])

    def _sign(self, member_id: str) -> str:
        return keyed_word(self._key, member_id.encode())
