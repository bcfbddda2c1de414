"""DKIM (RFC 6376, RFC 8463): which signatures an edit makes stale, and how a new one is written.

Canonical form is relaxed/relaxed, the hash SHA-256. The private key stays outside: its one
operation is handed in.
"""

import base64
import enum
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.core.company import Company
from gateway.core.envelope import is_within
from gateway.core.header import Field, split_fields, unfold
from gateway.core.mailboxes import addresses_in
from gateway.core.splice import Span

SignDigest = Callable[[bytes], bytes]
"""Sign a SHA-256 digest (32 bytes) with a private key that the core never sees."""


class DkimMode(enum.StrEnum):
    """Who signs a company's mails once the relay has changed their body."""

    NEXT_HOP_SIGNS = "next-hop-signs"
    RELAY_SIGNS = "relay-signs"


class Algorithm(enum.StrEnum):
    """The a= tag (RFC 6376 section 3.3, RFC 8463 section 3)."""

    RSA = "rsa-sha256"
    ED25519 = "ed25519-sha256"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a signature says besides the mail: the tags a=, s= and t= (seconds since 1970)."""

    algorithm: Algorithm
    selector: str
    at: int


class NotSignableError(Exception):
    """The relay should sign a mail and cannot; the text says why and is safe to log."""


OVERSIGNED = ("from", "reply-to", "subject", "to", "cc")
"""Listed once more than they are there, so that nobody can add one (RFC 6376 section 8.15)."""

OVERSIGNED_IF_THERE = (
    *("sender", "date", "message-id", "mime-version", "content-type", "in-reply-to"),
    *("content-transfer-encoding", "references"),
)
"""Where one is missing, a mail server on the way may rightly add it (Date, Message-ID, Sender)."""

SIGNED_IF_THERE = ("list-unsubscribe", "list-unsubscribe-post")

_TAG = re.compile(rb"\s*([A-Za-z][A-Za-z0-9_]*)\s*=([^;]*)", re.DOTALL)
_BLANKS = re.compile(rb"[ \t]+")
_PIECE_BYTES = 1 << 20
_LINE_COLUMNS = 76
_CRLF = b"\r\n"


def own_signatures(raw: bytes, fields: Sequence[Field], company: Company) -> tuple[Span, ...]:
    """Return the DKIM-Signature fields whose d= is one of the company's domains, in order.

    An edit of the body breaks them; those of other domains are not ours to judge.
    """
    return tuple(
        one.span
        for one in fields
        if one.name == "dkim-signature" and company.owns(_signing_domain(one.value.of(raw)))
    )


def _signing_domain(value: bytes) -> str:
    """Return the d= tag in lower case, "" when there is not exactly one (section 3.2)."""
    found = [tag[2] for piece in value.split(b";") if (tag := _TAG.match(piece)) and tag[1] == b"d"]
    if len(found) != 1:
        return ""
    return b"".join(found[0].split()).decode("latin-1").lower().rstrip(".")


def write_signature(
    message: bytes, company: Company, terms: Terms, sign_digest: SignDigest
) -> bytes:
    """Return the DKIM-Signature field for `message`, folded, with its final CRLF.

    message  as it will leave, without our trace fields; line ends CRLF or LF, sent as CRLF

    Raises NotSignableError; whatever `sign_digest` raises goes through.
    """
    sent = _with_crlf(message)
    header, body_start = _split(sent)
    fields = split_fields(sent, header)
    domain = _domain_of_author(sent, fields, company)
    names = _names_to_sign(fields)
    body_hash = base64.b64encode(hash_body(sent, body_start)).decode("ascii")
    unsigned = _write_tags(domain, names, body_hash, terms)
    signature = base64.b64encode(sign_digest(hash_header(sent, fields, names, unsigned)))
    return unsigned + _fold_base64(signature) + _CRLF


def _with_crlf(message: bytes) -> bytes:
    if message.count(b"\n") == message.count(_CRLF):
        return message
    return message.replace(_CRLF, b"\n").replace(b"\n", _CRLF)


def _split(message: bytes) -> tuple[Span, int]:
    """Return the header block and where the body begins: the first empty line is between."""
    if message.startswith(_CRLF):
        return Span(0, 0), 2
    end = message.find(b"\r\n\r\n")
    return (Span(0, end + 2), end + 4) if end >= 0 else (Span(0, len(message)), len(message))


def _domain_of_author(message: bytes, fields: Sequence[Field], company: Company) -> str:
    """Return the company's domain that the From address is in, the longest one.

    DMARC asks for a signature by the From's domain (RFC 7489 section 3.1.1): another one's would
    not help.
    """
    authors = [unfold(one.value.of(message)) for one in fields if one.name == "from"]
    if len(authors) != 1:
        raise NotSignableError("there is not exactly one From")
    for address in addresses_in(authors[0].decode("utf-8", "replace")):
        domain = _ascii_domain(address.rpartition("@")[2])
        own = [one for one in company.domains if is_within(domain, one)]
        if own:
            return max(own, key=len)
    raise NotSignableError("From is in none of the company's domains")


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _names_to_sign(fields: Sequence[Field]) -> list[str]:
    there = Counter(one.name for one in fields)
    names: list[str] = []
    for name in OVERSIGNED:
        names += [name] * (there[name] + 1)
    for name in OVERSIGNED_IF_THERE:
        names += [name] * (there[name] + 1 if there[name] else 0)
    for name in SIGNED_IF_THERE:
        names += [name] * there[name]
    return names


def hash_body(message: bytes, start: int) -> bytes:
    """Return the SHA-256 of the relaxed body that begins at `start` (RFC 6376 section 3.4.4).

    message  line ends CRLF

    Goes through the body in pieces of whole lines, about 1 MB each and each by a few passes of C.
    """
    digest = hashlib.sha256()
    line_ends = 0
    has_content = False
    for piece in _whole_lines(message, start):
        relaxed = _relax_lines(piece)
        content = relaxed[: len(relaxed) - 2 * _count_final_line_ends(relaxed)]
        if content:
            digest.update(_CRLF * line_ends + content)
            line_ends = 0
            has_content = True
        line_ends += (len(relaxed) - len(content)) // 2
    if has_content:
        digest.update(_CRLF)
    return digest.digest()


def _whole_lines(message: bytes, start: int) -> Iterator[bytes]:
    while start < len(message):
        end = message.find(b"\n", start + _PIECE_BYTES) + 1 or len(message)
        piece = message[start:end]
        # SMTP ends every message with a line end (RFC 5321 section 4.1.1.4).
        yield piece if piece.endswith(_CRLF) else piece + _CRLF
        start = end


def _relax_lines(lines: bytes) -> bytes:
    relaxed = lines.replace(b"\t", b" ")
    while b"  " in relaxed:  # halves each run of blanks, so it is done after a few rounds
        relaxed = relaxed.replace(b"  ", b" ")
    return relaxed.replace(b" \r\n", _CRLF)


_FINAL_LINE_ENDS_REVERSED = re.compile(rb"(?:\n\r)*")


def _count_final_line_ends(lines: bytes) -> int:
    blank = lines[len(lines.rstrip(_CRLF)) :]
    pairs = blank.count(_CRLF)
    if 2 * pairs == len(blank):
        return pairs
    found = _FINAL_LINE_ENDS_REVERSED.match(blank[::-1])
    return found.end() // 2 if found else 0


def hash_header(
    message: bytes, fields: Sequence[Field], names: Sequence[str], unsigned: bytes
) -> bytes:
    """Return the SHA-256 that is signed (RFC 6376 section 3.7).

    names     the h= tag, in order; a name that is there several times takes the fields from the
              last one up (section 5.4.2), one that is there no more adds nothing
    unsigned  the DKIM-Signature field, its b= empty, without final line end
    """
    left: defaultdict[str, list[Field]] = defaultdict(list)
    for one in fields:
        left[one.name].append(one)
    digest = hashlib.sha256()
    for name in names:
        if left[name]:
            value = left[name].pop().value.of(message)
            digest.update(name.encode("ascii") + b":" + _relax_value(value) + _CRLF)
    value = unsigned.partition(b":")[2]
    digest.update(b"dkim-signature:" + _relax_value(value))
    return digest.digest()


def _relax_value(value: bytes) -> bytes:
    """Return a field's value on one line, blanks single (RFC 6376 section 3.4.2)."""
    return _BLANKS.sub(b" ", value.replace(_CRLF, b"")).strip(b" ")


def _write_tags(domain: str, names: Sequence[str], body_hash: str, terms: Terms) -> bytes:
    """Return the field up to `b=`, each tag on a line of its own."""
    lines = (
        f"DKIM-Signature: v=1; a={terms.algorithm}; c=relaxed/relaxed;",
        f"d={domain}; s={terms.selector};",
        f"t={terms.at};",
        f"h={_fold_names(names)};",
        f"bh={body_hash};",
        "b=",
    )
    return "\r\n\t".join(lines).encode("ascii")


def _fold_names(names: Sequence[str]) -> str:
    lines = [names[0]]
    for name in names[1:]:
        if len(lines[-1]) + len(name) + 1 > _LINE_COLUMNS - len("\th=;"):
            lines.append(name)
        else:
            lines[-1] += ":" + name
    return ":\r\n\t".join(lines)


def _fold_base64(text: bytes) -> bytes:
    width = _LINE_COLUMNS - len("\tb=")
    return b"\r\n\t".join(text[at : at + width] for at in range(0, len(text), width))
