"""Is a rejection mail one that a person should get? What a last look would have found.

Findings change no verdict. They stand in the log as evidence, in words of ours alone; what else
follows is the company's choice (gateway/core/findings.py).
"""

import functools
import re
from collections.abc import Iterable, Iterator

from gateway.core.company import Company
from gateway.core.findings import Finding
from gateway.core.memory import MOST_LETTERS, remembered
from gateway.core.reader import Reading, normalise
from gateway.core.verdict import Evidence

_SLOT = (
    r"(?:(?:your |first |last |full |candidate |applicant )?name|position|company|job title|date"
)
_SLOT += r"|氏名|お名前|名前|応募者名?|候補者名?|会社名|企業名|職種名?|日付)"
PLACEHOLDER = re.compile(
    rf"[〇○◯●△]{{2,}}|[×✕]{{2,}}|\{{\{{[^{{}}]{{1,40}}\}}\}}|\$\{{[^{{}}]{{1,40}}\}}"
    rf"|[\[<{{【〔《]\s?{_SLOT}\s?[\]>}}】〕》]|%{_SLOT}%|_{{2,}}\s?様"
)
THANKS = re.compile(r"ありがと|有難|有り難|感謝|御礼|お礼|謝意|thank|appreciat|grateful")
HONORIFIC = re.compile(
    r"様|さん|さま|殿|先生|博士|各位"
    r"|\b(?:dear|hi|hello|hey|good (?:morning|afternoon)|mr|ms|mrs|dr)\b"
)
_FORM = r"(?:株式会社|有限会社|合同会社)"
SENDER = re.compile(
    rf"(?:{_FORM}([^\s、。,の]{{1,20}}?)|([^\s、。,の]{{1,20}}){_FORM})(?:の|\s)?"
    r"(?:新卒|中途|人事|採用)[^。、]{0,20}(?:です|ございます|申します)"
)
_CJK = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
_OPENING_SENTENCES = 6
_CLEAR_POINTS = 3.0


def find_discourtesies(
    reading: Reading, company: Company, evidence: tuple[Evidence, ...]
) -> tuple[Finding, ...]:
    """Return what is wrong with a rejection mail, by its text.

    evidence  what the mail was judged by: its clearest verdict tells how clear the result is
    """
    clearest = max((one.weight for one in evidence), default=0.0)
    return _look_through(reading, company.name, clearest >= _CLEAR_POINTS)


@functools.lru_cache(MOST_LETTERS)
def _look_through(
    reading: Reading,
    company_name: str,
    is_clear: bool,  # noqa: FBT001  a memory's key
) -> tuple[Finding, ...]:
    return tuple(_discourtesies(reading, company_name, is_clear=is_clear))


def _discourtesies(reading: Reading, company_name: str, *, is_clear: bool) -> Iterator[Finding]:
    texts = [one.text for one in reading.sentences]
    opening = texts[:_OPENING_SENTENCES]
    if any(_has_placeholder(text) for text in (*texts, reading.addressed)):
        yield Finding.PLACEHOLDER
    if _are_others([_introduced(text) for text in opening], company_name):
        yield Finding.OTHER_COMPANY
    if not any(HONORIFIC.search(text) for text in (*opening, reading.addressed)):
        yield Finding.NO_HONORIFIC
    if not any(THANKS.search(text) for text in texts):
        yield Finding.NO_THANKS
    if not is_clear:
        yield Finding.NO_CLEAR_RESULT


@remembered
def _has_placeholder(text: str) -> bool:
    return PLACEHOLDER.search(text) is not None


@remembered
def _introduced(text: str) -> str:
    """Return the name of the company whose people somebody says to be, "" when nobody does."""
    found = SENDER.search(text) if "会社" in text else None  # looked for first: most have none
    return (found[1] or found[2]).replace(" ", "") if found else ""


def _are_others(names: Iterable[str], company_name: str) -> bool:
    """Tell whether the sender introduces itself by a name that is not the company's.

    A company that is registered by a Latin name may well sign by a Japanese one.
    """
    own = _own_name(company_name)
    return _CJK.search(own) is not None and any(name not in own for name in names)


@remembered
def _own_name(name: str) -> str:
    return normalise(name).replace(" ", "")
