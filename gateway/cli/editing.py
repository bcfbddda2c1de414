"""What `inject` and `strip` do to one mail."""

import functools

from gateway.core.block import Block, WriteBlock
from gateway.core.company import Company, Language
from gateway.core.inject import Injection, place_block
from gateway.core.mime import scan
from gateway.core.restore import restore
from gateway.core.splice import apply_edits
from gateway.core.why import Why
from gateway.render import Renderer
from gateway.settings import HERE

_NOBODY = {Language.JA: "弊社", Language.EN: "our company"}


def strip_mail(raw: bytes) -> tuple[bytes, str]:
    """Return the mail without a link block, and `stripped` or `unchanged`."""
    original = restore(raw)
    return original, "unchanged" if original == raw else "stripped"


def block_writer(link: str, name: str) -> WriteBlock:
    """Return what writes the default block for `link`; it names the company `name`."""
    renderer = Renderer(HERE / "templates")

    @functools.cache
    def write_block(language: Language) -> Block:
        return renderer.block(Company(0, name or _NOBODY[language], ()), link, language)

    return write_block


def inject_mail(raw: bytes, write_block: WriteBlock) -> tuple[bytes, Why, tuple[str, ...]]:
    """Return the mail with a block where that is safe, the reason, and the parts that changed."""
    try:
        placed = place_block(raw, scan(raw), write_block)
        if not isinstance(placed, Injection):
            return raw, placed, ()
        return apply_edits(raw, placed.edits), Why.LINK_ADDED, placed.parts
    except Exception:  # noqa: BLE001  the mail comes first
        return raw, Why.FAULT, ()
