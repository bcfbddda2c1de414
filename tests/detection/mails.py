"""The own set of labelled mails, as messages in the forms that mail programs send."""

import tomllib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from gateway.core.company import Company
from gateway.core.detect import Judgement, judge
from gateway.core.envelope import Address, Envelope
from gateway.core.mailboxes import addresses_in
from gateway.core.mime import scan

HERE = Path(__file__).parent
COMPANY = Company(1, "Kanado", ("kanado.example",))


@dataclass(frozen=True, slots=True)
class Labelled:
    """One mail with what it is: label `rejection` or `other`, and its class."""

    id: str
    label: str
    kind: str
    language: str
    sender: str
    to: str
    subject: str
    body: str

    @property
    def is_rejection(self) -> bool:
        return self.label == "rejection"


def load(part: str) -> list[Labelled]:
    """Return the mails of `part`: "dev" (rules may follow them) or "final" (figures only)."""
    with (HERE / f"{part}.toml").open("rb") as file:
        rows = tomllib.load(file)["mail"]
    return [Labelled(kind=row.pop("class"), **row) for row in rows]


def as_text(mail: Labelled, charset: str = "utf-8", cte: str = "base64") -> bytes:
    """Return `mail` as a text mail in `charset` with the transfer encoding `cte`."""
    message = _message(mail)
    if charset == "iso-2022-jp":
        message.set_content("", charset="us-ascii", cte="7bit")
        message.replace_header("Content-Type", 'text/plain; charset="iso-2022-jp"')
        return _with_body(message, mail.body.encode("iso-2022-jp", "replace"))
    message.set_content(mail.body, charset=charset, cte=cte)
    return message.as_bytes()


def as_html(mail: Labelled) -> bytes:
    """Return `mail` as HTML alone, with a hidden preheader and tags inside of words."""
    message = _message(mail)
    lines = "<br>\r\n".join(
        f"{line[:3]}<b></b>{line[3:]}" for line in _escape(mail.body).splitlines()
    )
    hidden = '<div style="display:none">Please read this mail.</div>'
    message.set_content(f"<html><body>{hidden}<p>{lines}</p></body></html>", subtype="html")
    return message.as_bytes()


def as_both(mail: Labelled) -> bytes:
    """Return `mail` as text with an HTML alternative."""
    message = _message(mail)
    message.set_content(mail.body)
    paragraphs = "".join(f"<div>{line or '<br>'}</div>" for line in _escape(mail.body).splitlines())
    message.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html")
    return message.as_bytes()


def _message(mail: Labelled) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = mail.to if "@" in mail.to else "undisclosed-recipients:;"
    message["Subject"] = mail.subject
    return message


def _with_body(message: EmailMessage, body: bytes) -> bytes:
    head = message.as_bytes().split(b"\r\n\r\n", 1)[0]
    return head + b"\r\n\r\n" + body.replace(b"\n", b"\r\n")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def judge_bytes(mail: Labelled, raw: bytes, company: Company = COMPANY) -> Judgement:
    """Judge `raw`, a form of `mail`, as it would come from the company."""
    recipient = Address(_address(mail.to) or "candidate@example.com")
    envelope = Envelope(Address(_address(mail.sender)), (recipient,))
    return judge(raw, scan(raw), envelope, company)


def _address(mailbox: str) -> str:
    """Return the address of a mailbox, whose name may look like one; "" of what is none."""
    return next(reversed(addresses_in(mailbox)), "")
