"""Blocks as the renderer writes them, without the templates."""

from gateway.core.block import (
    HTML_CLOSING,
    HTML_OPENING,
    TEXT_CLOSING_EN,
    TEXT_CLOSING_JA,
    TEXT_OPENING_EN,
    TEXT_OPENING_JA,
    Block,
)
from gateway.core.company import Language

LINK = "https://relay.example/r/abcdefghijklmnopqrstuvwx22?a=1&b=2"
_HREF = LINK.replace("&", "&amp;")


def write_block(language: Language) -> Block:
    """Write a short block of either language; the Japanese one names a company with ㈱ and 髙."""
    if language is Language.JA:
        text = f"{TEXT_OPENING_JA}\n㈱髙橋よりのご案内です。\n{LINK}\n{TEXT_CLOSING_JA}"
        html = f'{HTML_OPENING}>\n<p><a href="{_HREF}">㈱髙橋〜ご案内</a></p>\n{HTML_CLOSING}'
    else:
        text = f"{TEXT_OPENING_EN}\nA notice from Sample Inc.\n{LINK}\n{TEXT_CLOSING_EN}"
        html = f'{HTML_OPENING}>\n<p><a href="{_HREF}">A notice</a></p>\n{HTML_CLOSING}'
    return Block(language, text, html, LINK)
