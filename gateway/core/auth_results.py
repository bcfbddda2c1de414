"""Read what a receiving server found of SPF, DKIM and DMARC (Authentication-Results, RFC 8601)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.envelope import is_within

_LONGEST = 8000
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
_METHOD = re.compile(r"\s*([\w-]+)(?:\s*/\s*\d+)?\s*=\s*([\w-]+)")
_PROPERTY = re.compile(r"\b(smtp|header|policy)\s*\.\s*([\w-]+)\s*=\s*\"?([^\s;\"]+)")


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result: "dkim", "pass", and what it is about: {"header.d": "a.example"}."""

    method: str
    result: str
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Results:
    """What one server says; `server` is its name for itself."""

    server: str = ""
    found: tuple[Result, ...] = ()

    def of(self, method: str) -> tuple[Result, ...]:
        """Return the results of one method; there may be several DKIM signatures."""
        return tuple(one for one in self.found if one.method == method)


def read_results(value: str) -> Results:
    """Return what the unfolded field `value` says; what is not understood is left out."""
    text = value[:_LONGEST]
    while (bare := _COMMENT.sub(" ", text)) != text:  # comments may be nested
        text = bare
    server, *parts = text.split(";")
    found = []
    for part in parts:
        method = _METHOD.match(part)
        if method is not None:
            about = {f"{a}.{b}".lower(): c.lower() for a, b, c in _PROPERTY.findall(part)}
            found.append(Result(method[1].lower(), method[2].lower(), about))
    words = server.split()
    return Results(words[0] if words else "", tuple(found))


def is_aligned(domain: str, author: str) -> bool:
    """Tell whether two domains are the same, or one is below the other (RFC 7489 section 3.1).

    DMARC also takes two domains below one that somebody registered; no list of those is here, so
    some that are aligned are not called so.
    """
    one, other = domain.rstrip(".").lower(), author.rstrip(".").lower()
    return bool(one and other) and (is_within(one, other) or is_within(other, one))
