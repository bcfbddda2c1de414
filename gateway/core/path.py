"""Strict grammar of MAIL and RCPT on the raw bytes (RFC 5321 section 4.1.2, RFC 6531 section 3.3).

A path that matches is forwarded as the very bytes that came; whatever does not is refused.
Nothing is decoded, unquoted or repaired, so no server behind us can read another recipient
into it. Wider than the RFC in four spots, because real people would be cut off otherwise:
any placing of dots in the local part (old docomo and au mailboxes), local parts of up to 255
octets (VERP and SRS senders), `_` in a domain, spaces after the colon.
Narrower in two: source routes and `%` or `!` routing are refused (RFC 5321 appendix F.2).
"""

import ipaddress
import re
from dataclasses import dataclass

from gateway.core.candidate import normalise
from gateway.core.company import Company
from gateway.core.envelope import Address, domain_of

_LABEL = rb"[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9_\-\x80-\xff]*[A-Za-z0-9\x80-\xff])?"
_PATH = re.compile(
    rb"<(?P<local>[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\x80-\xff]+"
    rb'|"(?:[ !#-\[\]-~\x80-\xff]|\\[ -~])*")'
    rb"@(?P<domain>" + _LABEL + rb"(?:\." + _LABEL + rb")*|\[[0-9A-Za-z.:]+\])>"
)
_FROM = re.compile(rb"FROM: *", re.IGNORECASE)
_TO = re.compile(rb"TO: *", re.IGNORECASE)
_POSTMASTER = re.compile(rb"<postmaster>(?= |\Z)", re.IGNORECASE)  # RFC 5321 section 4.5.1
_PARAMETER = re.compile(rb"([A-Za-z0-9][A-Za-z0-9\-]*)(?:=([!-~]+))?")
_XTEXT = re.compile(rb"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")  # RFC 3461 section 4
_RET = re.compile(rb"FULL|HDRS", re.IGNORECASE)
_NOTIFY = re.compile(
    rb"NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*", re.IGNORECASE
)
_ORCPT = re.compile(rb"[A-Za-z0-9][A-Za-z0-9\-]*;" + _XTEXT.pattern)
_VALUED = frozenset({b"RET", b"ENVID", b"AUTH", b"NOTIFY", b"ORCPT"})
_LONGEST_ENVID = 100
_LONGEST_ORCPT = 500
_NULL = b"<>"  # the sender of bounces and reports (RFC 5321 section 4.5.5)
_LONGEST_PATH = 512
_LONGEST_PART = 255
_BODIES = {b"7BIT": False, b"8BITMIME": True}


class PathError(ValueError):
    """A MAIL or RCPT command is refused: `code` and `text` are what the client is told."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Path:
    """A reverse-path or forward-path: `raw` is what came, angle brackets included."""

    raw: bytes

    @property
    def is_ascii(self) -> bool:
        """Whether it can be sent without SMTPUTF8 (RFC 6531)."""
        return self.raw.isascii()

    @property
    def address(self) -> Address:
        """What stands between the brackets, quotes and all."""
        return Address(self.raw[1:-1].decode())

    @property
    def domain(self) -> str:
        """The domain in lower case, as an IDNA A-label; "" when there is none."""
        return domain_of(self.address if self.raw.isascii() else normalise(self.address))


@dataclass(frozen=True, slots=True)
class MailOptions:
    """The parameters of MAIL that matter to the next hop.

    size       octets the client announced (RFC 1870), None when it did not
    is_8bit    BODY=8BITMIME was given (RFC 6152)
    smtputf8   SMTPUTF8 was given (RFC 6531)
    ret        how much of the mail a failure notice brings back, as given (RFC 3461), else b""
    envid      what the sender calls this mail, as given (RFC 3461), else b""
    has_auth   AUTH= was given (RFC 4954 section 5); by whom is not kept
    """

    size: int | None = None
    is_8bit: bool = False
    smtputf8: bool = False
    ret: bytes = b""
    envid: bytes = b""
    has_auth: bool = False


@dataclass(frozen=True, slots=True)
class RcptOptions:
    """The parameters of RCPT (RFC 3461), as given, b"" when they were not.

    notify  when a notice is wanted: NEVER, or any of SUCCESS, FAILURE and DELAY
    orcpt   whom the sender first wrote to
    """

    notify: bytes = b""
    orcpt: bytes = b""


NOTHING_ASKED = RcptOptions()
"""What nearly every RCPT brings: no parameters."""

_NO_OPTIONS = MailOptions()


def read_mail(arg: bytes) -> tuple[Path, MailOptions]:
    """Return what `arg`, the text behind `MAIL `, says. Raises PathError when it is not allowed."""
    keyword = _FROM.match(arg)
    if keyword is None:
        raise PathError(501, "5.5.4 Syntax: FROM:<address>")
    path, rest = _split_path(arg[keyword.end() :], "5.1.7 Bad sender address")
    options = _read_options(_read_parameters(rest)) if rest else _NO_OPTIONS
    if not options.smtputf8 and not path.raw.isascii():
        raise PathError(553, "5.6.7 Address not in ASCII and SMTPUTF8 not asked for")
    return path, options


def read_rcpt(arg: bytes) -> tuple[Path, RcptOptions]:
    """Return what `arg`, the text behind `RCPT `, says. Raises PathError when not allowed."""
    keyword = _TO.match(arg)
    if keyword is None:
        raise PathError(501, "5.5.4 Syntax: TO:<address>")
    wanted = arg[keyword.end() :]
    postmaster = _POSTMASTER.match(wanted)
    if postmaster:
        path, rest = Path(postmaster.group()), wanted[postmaster.end() :]
    else:
        path, rest = _split_path(wanted, "5.1.3 Bad recipient address")
    if path.raw == _NULL:
        raise PathError(501, "5.1.3 Recipient without address")
    if not rest:
        return path, NOTHING_ASKED
    parameters = _read_parameters(rest)
    notify, orcpt = parameters.pop(b"NOTIFY", b""), parameters.pop(b"ORCPT", b"")
    if parameters:
        raise PathError(555, "5.5.4 RCPT parameter not recognized")
    is_odd = (notify and not _fits(_NOTIFY, notify)) or (
        orcpt and not _fits(_ORCPT, orcpt, _LONGEST_ORCPT)
    )
    if is_odd:
        raise PathError(501, "5.5.4 Bad NOTIFY or ORCPT")
    return path, RcptOptions(notify, orcpt)


def may_send_as(company: Company, path: Path) -> bool:
    """Tell whether `company` may use `path` as reverse-path: its own domains, or null."""
    return path.raw == _NULL or company.owns(path.domain)


def _split_path(arg: bytes, bad: str) -> tuple[Path, bytes]:
    """Return the path that `arg` starts with, and what follows it."""
    if arg.startswith(b"<@"):
        raise PathError(553, f"{bad}: source routes are not accepted")
    found = _PATH.match(arg)
    raw = found.group() if found else _NULL
    rest = arg[len(raw) :]
    if not arg.startswith(raw) or rest[:1] not in {b"", b" "}:
        raise PathError(501, f"{bad}: not <local-part@domain>")
    if found:
        _check_mailbox(found["local"], found["domain"], bad)
    return Path(raw), rest


def _check_mailbox(local: bytes, domain: bytes, bad: str) -> None:
    if max(len(local), len(domain)) > _LONGEST_PART or len(local) + len(domain) > _LONGEST_PATH - 3:
        raise PathError(553, f"{bad}: too long")
    if not local.startswith(b'"') and (b"%" in local or b"!" in local):
        raise PathError(553, f"{bad}: routed addresses are not accepted")
    if domain.startswith(b"[") and not _is_literal(domain[1:-1].decode()):
        raise PathError(501, f"{bad}: no such address literal")
    try:
        (local + domain).decode()
    except UnicodeDecodeError:
        raise PathError(501, f"{bad}: not UTF-8") from None


def _is_literal(text: str) -> bool:
    try:
        if text[:5].upper() == "IPV6:":
            ipaddress.IPv6Address(text[5:])
        else:
            ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _read_parameters(rest: bytes) -> dict[bytes, bytes]:
    """Return the values by keyword (upper case); b"" for a keyword without one."""
    parameters: dict[bytes, bytes] = {}
    for word in rest.split(b" "):
        if not word:
            continue
        found = _PARAMETER.fullmatch(word)
        name = found[1].upper() if found else b""
        if found is None or name in parameters or (name in _VALUED and not found[2]):
            raise PathError(501, "5.5.4 Bad parameter syntax")
        parameters[name] = found[2] or b""
    return parameters


def _read_options(parameters: dict[bytes, bytes]) -> MailOptions:
    size, body = parameters.pop(b"SIZE", None), parameters.pop(b"BODY", b"7BIT").upper()
    smtputf8 = parameters.pop(b"SMTPUTF8", None)
    ret, envid = parameters.pop(b"RET", b""), parameters.pop(b"ENVID", b"")
    auth = parameters.pop(b"AUTH", b"")
    if parameters:
        raise PathError(555, "5.5.4 MAIL parameter not recognized")
    if body not in _BODIES:
        raise PathError(501, "5.5.4 BODY is 7BIT or 8BITMIME")
    if size is not None and not (size.isdigit() and len(size) <= 20):
        raise PathError(501, "5.5.4 SIZE is a number of up to 20 digits")
    if smtputf8:
        raise PathError(501, "5.5.4 SMTPUTF8 takes no value")
    is_odd = (ret and not _fits(_RET, ret)) or (envid and not _fits(_XTEXT, envid, _LONGEST_ENVID))
    if is_odd:
        raise PathError(501, "5.5.4 Bad RET or ENVID")
    if auth and auth != _NULL and not _fits(_XTEXT, auth):
        raise PathError(501, "5.5.4 AUTH is <> or an address in xtext")
    return MailOptions(
        size=None if size is None else int(size),
        is_8bit=_BODIES[body],
        smtputf8=smtputf8 is not None,
        ret=ret,
        envid=envid,
        has_auth=bool(auth),
    )


def _fits(pattern: re.Pattern[bytes], value: bytes, longest: int = 512) -> bool:
    """Tell whether a parameter's value matches `pattern`."""
    return len(value) <= longest and pattern.fullmatch(value) is not None
