"""The link block: what is put into a rejection mail, and the marks by which it is found again."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.company import Language

TEXT_OPENING_JA = "―― キャリアリレー ――――――――――"
TEXT_CLOSING_JA = "――――――――――――――――――――"
TEXT_OPENING_EN = "---- Career Relay ------------------------"
TEXT_CLOSING_EN = "------------------------------------------"
"""First and last line of a block in text: whole lines that no mail has by chance."""

HTML_OPENING = '<div class="career-relay-block"'
HTML_CLOSING = "</div><!--/career-relay-block-->"
"""How a block in HTML begins and ends; nothing inside it uses a nested comment of that name."""
JOINT_OPENING = "<!--career-relay-joint-->"
JOINT_CLOSING = "<!--/career-relay-joint-->"
"""Around the end tags before, and the copied start tags after, a block that splits an element."""


@dataclass(frozen=True, slots=True)
class Block:
    r"""One candidate's link block in one language, ready to be put in.

    text  lines joined by \n, no final \n; first and last line are the marks above; <= 34
          full-width columns but for the lines holding a link, which stand alone on theirs
    html  one element from HTML_OPENING to HTML_CLOSING, pure markup, lines joined by \n
    link  the address that stands in both, once each
    """

    language: Language
    text: str
    html: str
    link: str


WriteBlock = Callable[[Language], Block]
"""Write the block in the language of the mail's own text; pure, given the link beforehand."""
