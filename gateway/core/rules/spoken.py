"""The label of a piece of evidence in the reader's language."""

import re

from gateway.core.company import Language
from gateway.core.rules import RULES
from gateway.core.rules.labels_ja import KINDS_JA, LABELS_JA
from gateway.core.verdict import Evidence

_KINDS = {rule.id: rule.kind for rule in RULES}
_LETTER = re.compile(r"letter-(\d+)")
_SHARE = re.compile(r"(\d+)%")
_MAIL = re.compile(r"\(([^()]+)\)$")


def spoken_label(evidence: Evidence, language: Language) -> str:
    """Return what `evidence` means; in English where there are no Japanese words for it yet."""
    if language is not Language.JA:
        return evidence.label
    letter = _LETTER.fullmatch(evidence.rule)
    share = _SHARE.search(evidence.label)
    if letter and share:
        return f"登録された不採用通知 第{letter[1]}号と一致({share[1]}%)"
    label = LABELS_JA.get(evidence.rule)
    if label is None:
        return evidence.label
    mail = _MAIL.search(evidence.label) if evidence.rule.startswith("review.") else None
    if mail:  # the one that people spoke of
        return f"{label}({mail[1]})"
    kind = _KINDS.get(evidence.rule)
    if kind is None:
        taken = "取り消された不採用の文: " if evidence.label.startswith("taken back") else ""
        return taken + label
    return f"{KINDS_JA[kind]}: {label}"
