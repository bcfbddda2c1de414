"""What a weighing asks of a sentence's own words, beside the rules."""

import re
from typing import NamedTuple

from gateway.core.memory import remembered
from gateway.core.rules import RULES


class Naming(NamedTuple):
    """What a weighing asks of a sentence's own words; all else comes from the rules.

    hiring    it names hiring: then another topic in a verdict's sentence is not what is refused
    adopting  採用 is its only word about work
    """

    hiring: bool
    adopting: bool


@remembered
def naming(text: str) -> Naming:
    """Return what a sentence, or the subject, names by its words."""
    adopts = "採用" in text and not _WORK.search(text.replace("採用", ""))
    return Naming(_HIRING.search(text) is not None, adopts)


_HIRING = re.compile(
    r"\b(?:candidates?|applicants?|interview\w*)\b"
    r"|面接|入社|内定|書類選考|インターン|採用試験"
)
_WORK = next(one.pattern for one in RULES if one.id == "ja.work")
PATTERNS = (_HIRING, _WORK)
"""All that is searched here; 採用 itself is a word of the first."""
