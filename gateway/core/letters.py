"""Registered letters: tell a mail that was made from one, whatever names and dates it carries.

By registering a letter a company has said that it is a rejection. So a mail made from it is one,
unless it says something against that which the letter does not say.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from gateway.core.hear import QUOTED, Match, hear
from gateway.core.keyed import keyed_hash
from gateway.core.letter import Letter, LetterError, LetterProblem
from gateway.core.mime import scan
from gateway.core.reader import SUBJECT, Reading, Sentence, read_mail
from gateway.core.rules import RULES, Kind
from gateway.core.verdict import Evidence
from gateway.core.weigh import HINT
from gateway.core.wording import PHRASE, WORD, Shingle, common_shingles, shingles

MIN_OWN = 12
"""A letter with fewer shingles of its own cannot be told apart from others."""

MAX_OWN = 2000
"""A longer text is no letter; it would make every mail slow."""

_MIN_OWN_SHARE = 0.23
_MIN_SHARE, _MIN_SHARE_OF_SHORT = 0.3, 0.38
_SHORT_LETTER = 40
_MIN_SHARE_OF_MAIL = 0.2
_MOST_REPEATED = 2  # a mail may say everything twice
_MIN_VERDICT_SHARE = 0.12
_SURE_VERDICT_SHARE = 0.4
_MIN_SENTENCE_SHARE = 0.2
_LONG_SENTENCE = 8
_MIN_SHARE_TO_COMPARE = 0.15
_MIN_WORDS, _MIN_DECISIVE, _MIN_WORDS_OF_MAIL = 0.42, 0.25, 0.15
_SURE_DECISIVE = 0.3
_MOST_UNCHANGED, _FEWEST_TO_TELL = 0.87, 5
"""Measured in tests/detection/test_letters.py; docs/detection.md tells what they cost."""

_AGAINST = -2.0
"""Evidence of this weight or less counts against a rejection, and so against a match."""

_RULES = {rule.id: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class LetterMatch:
    """A mail is made from a registered letter.

    share    of the letter's words that the mail holds, 0 to 1, estimated
    against  what was heard in the mail, and not in the letter, that speaks against a rejection
    """

    number: int
    share: float
    against: tuple[Evidence, ...] = ()

    @property
    def evidence(self) -> Evidence:
        """The match as evidence; weightless when something speaks against it."""
        label = f"matches the company's registered letter no. {self.number} at {self.share:.0%}"
        weight = 0.0 if self.against else LETTER_POINTS
        return Evidence(f"letter-{self.number}", weight, "text", 0, 0, label)


LETTER_POINTS = 6.0
"""Weight of a match in the evidence: enough for a rejection by itself."""


def register_mail(raw: bytes, key: bytes, company_id: int) -> Letter:
    """Return the letter that the mail `raw` is; what it quotes and its signature are left out.

    Raises LetterError.
    """
    return register_letter(read_mail(raw, scan(raw)), key, company_id)


def register_letter(reading: Reading, key: bytes, company_id: int) -> Letter:
    """Return what is kept of a letter, its number still 0.

    key  the installation's secret: with another one no mail would ever match

    Raises LetterError when it has too little wording of its own, is far too long, or reads as
    something else than a rejection.
    """
    heard = hear(reading, everything=True)
    verdicts = [one for one in heard if _is_verdict(one)]
    against = _against(heard)
    if against and not verdicts:
        labels = "; ".join(dict.fromkeys(one.label for one in against))
        raise LetterError(
            LetterProblem.NO_REFUSAL, f"The text does not read as a rejection: {labels}."
        )
    refusing = {one.sentence for one in verdicts}
    hasher = _Hasher(key, company_id)
    own = [hasher.hashed(_own(sentence)) for sentence in reading.sentences]
    _check_length(len(frozenset().union(*own)))
    return Letter(
        number=0,
        sentences=tuple(one for one in own if one),
        verdict=hasher.hashed(_of_verdicts(verdicts)),
        common=hasher.hashed(one.text for one in _all(reading.sentences) if not _is_own(one)),
        words=hasher.hashed(
            word for one in reading.sentences if one not in refusing for word in _own(one, WORD)
        ),
        decisive=hasher.hashed(_of_verdicts(verdicts, WORD)),
        excused=frozenset((*(one.rule for one in against), *_quoting(verdicts))),
    )


_MOST_WRITTEN_CHARS = 6000
"""Of a text that is kept as a letter unasked; a long letter has a quarter of that."""


def keep_letter(reading: Reading, key: bytes, company_id: int) -> Letter | None:
    """Return what is kept of a mail that a person may confirm as a letter; None when it is none."""
    written = sum(len(one.text) for one in reading.sentences)
    if not reading.whole or written > _MOST_WRITTEN_CHARS:
        return None
    try:
        return register_letter(reading, key, company_id)
    except LetterError:
        return None


def _check_length(own: int) -> None:
    if own < MIN_OWN:
        raise LetterError(
            LetterProblem.TOO_LITTLE,
            "The text has too little wording of its own: greetings, thanks and signatures stand "
            "in letters of every kind. Register the whole letter as candidates get it.",
        )
    if own > MAX_OWN:
        raise LetterError(
            LetterProblem.TOO_LONG,
            "The text is far too long for a letter: register one letter at a time.",
        )


def find_letter(
    reading: Reading, letters: Sequence[Letter], key: bytes, company_id: int
) -> LetterMatch | None:
    """Return the letter that the mail was made from, the likeliest when there are several.

    letters  of the company with this id, registered with this key
    """
    longest = max((len(one.own) + len(one.common) for one in letters), default=0)
    mail = _Mail(
        reading, _Hasher(key, company_id), int(_MOST_REPEATED * longest / _MIN_SHARE_OF_MAIL)
    )
    found = (
        LetterMatch(one.number, mail.share(one), mail.against(one))
        for one in letters
        if mail.is_near(one) and mail.refuses(one)
    )
    return max(found, key=lambda match: (not match.against, match.share), default=None)


class _Mail:
    """A mail as letters are compared with it."""

    def __init__(self, reading: Reading, hasher: "_Hasher", most: int) -> None:
        """Read the mail's phrases; of one with more than `most` none is kept: it is no letter."""
        self._sentences = reading.sentences
        self._reading = reading
        self._hasher = hasher
        self._phrases = self._hash_phrases(most)

    def _hash_phrases(self, most: int) -> frozenset[int]:
        said: list[str] = []
        for sentence in self._sentences:
            said += (one.text for one in shingles(sentence.text))
            if len(said) > most:
                return frozenset()
        return self._hasher.hashed(said)

    @cached_property
    def _words(self) -> frozenset[int]:
        return self._hasher.hashed(word for one in self._sentences for word in _own(one, WORD))

    @cached_property
    def _heard(self) -> tuple[Match, ...]:
        return hear(self._reading, everything=True)

    def is_near(self, letter: Letter) -> bool:
        """Tell whether the mail holds enough of `letter`, and not too much beside it."""
        own = letter.own
        least = _MIN_SHARE_OF_SHORT if len(own) < _SHORT_LETTER else _MIN_SHARE
        mine = len(own & self._phrases)
        if mine < _MIN_SHARE_TO_COMPARE * len(own):
            return False
        both = mine + len(letter.common & self._phrases)
        return (
            mine >= _MIN_OWN_SHARE * len(own)
            and both >= least * (len(own) + len(letter.common))
            and both >= _MIN_SHARE_OF_MAIL * len(self._phrases)
        ) or self._is_near_by_words(letter)

    def _is_near_by_words(self, letter: Letter) -> bool:
        """Tell whether most words stayed, where few of a short letter's phrases did."""
        words = letter.words | letter.decisive
        return (
            bool(letter.decisive)
            and _part(words, self._words) >= _MIN_WORDS
            and _part(letter.decisive, self._words) >= _MIN_DECISIVE
            and len(words & self._words) >= _MIN_WORDS_OF_MAIL * len(self._words)
        )

    def share(self, letter: Letter) -> float:
        """Return the share of the letter's words that stayed: a phrase stays when both do."""
        return math.sqrt(_part(letter.own | letter.common, self._phrases))

    def refuses(self, letter: Letter) -> bool:
        """Tell whether the sentence that matters may still be there.

        It may if its words are there, if the rules find another verdict in the mail, or if the mail
        was changed all over. Where the rest is unchanged and only the verdict is gone, it is a
        letter of another kind made of the same parts.
        """
        return (
            self._verdict_stays(letter)
            or any(_is_verdict(one) for one in self._heard)
            or self._is_changed_all_over(letter)
        )

    def _verdict_stays(self, letter: Letter) -> bool:
        return self._verdict_share(letter) >= _MIN_VERDICT_SHARE or (
            bool(letter.decisive) and _part(letter.decisive, self._words) >= _SURE_DECISIVE
        )

    def _is_changed_all_over(self, letter: Letter) -> bool:
        return (
            len(letter.words) >= _FEWEST_TO_TELL
            and _part(letter.words, self._words) <= _MOST_UNCHANGED
        )

    def _verdict_share(self, letter: Letter) -> float:
        """Return the share of the words that matter which is still there.

        In a letter without a verdict that a rule found, any long sentence may be the one.
        """
        if letter.verdict:
            return _part(letter.verdict, self._phrases)
        long = [one for one in letter.sentences if len(one) >= _LONG_SENTENCE] or [letter.own]
        return min(_part(one, self._phrases) for one in long)

    def against(self, letter: Letter) -> tuple[Evidence, ...]:
        """Return what the mail says against a rejection in other words than the letter's.

        Changed words within a sentence of the letter do not matter as long as its verdict is still
        there; nor does the topic, which is the letter's own.
        """
        verdict_share = self._verdict_share(letter)
        words = letter.own | letter.common if self._verdict_stays(letter) else frozenset()
        return tuple(
            one.evidence
            for one in _against(self._heard)
            if one.rule not in letter.excused
            and not self._is_in(words, one)
            and not (verdict_share >= _SURE_VERDICT_SHARE and _is_topic_of_text(one))
        )

    def _is_in(self, words: frozenset[int], one: Match) -> bool:
        if one.rule == QUOTED.id or one.sentence.part == SUBJECT:
            return False
        sentence = self._hasher.hashed(each.text for each in shingles(one.sentence.text))
        return bool(sentence) and _part(sentence, words) >= _MIN_SENTENCE_SHARE


def _is_topic_of_text(one: Match) -> bool:
    is_topic = one.kind is Kind.COUNTER or one.rule[3:] in _TOPICS
    return is_topic and one.sentence.part != SUBJECT


_TOPICS = frozenset(("published", "parting"))
"""Vetoes about a mail's topic; where the letter's own verdict is still there, that names it."""


def _against(heard: Iterable[Match]) -> list[Match]:
    """Return what forbids to call the mail a rejection."""
    return [one for one in heard if one.weight <= _AGAINST or one.rule == QUOTED.id]


def _part(wanted: frozenset[int], mail: frozenset[int]) -> float:
    return len(wanted & mail) / len(wanted)


def _all(sentences: Iterable[Sentence]) -> Iterable[Shingle]:
    return (one for sentence in sentences for one in shingles(sentence.text))


def _is_own(shingle: Shingle) -> bool:
    return shingle.text not in common_shingles()


def _own(sentence: Sentence, width: int = PHRASE) -> list[str]:
    common = common_shingles(width)
    return [one.text for one in shingles(sentence.text, width) if one.text not in common]


def _quoting(verdicts: Iterable[Match]) -> list[str]:
    """Return the rule of quoted words if a verdict's sentence quotes some itself, as a status."""
    return [QUOTED.id for one in verdicts if QUOTED.pattern.search(one.sentence.text)][:1]


def _of_verdicts(verdicts: Iterable[Match], width: int = PHRASE) -> list[str]:
    """Return the own shingles of the clauses in which the verdict rules heard something."""
    common = common_shingles(width)
    clauses: dict[str, set[tuple[int, int]]] = {}
    for one in verdicts:
        text = one.sentence.text
        matches = _RULES[one.rule].pattern.finditer(text)
        spans = clauses.setdefault(text, set())
        spans.update(_clause(text, match.start(), match.end()) for match in matches)
    found = []
    for text, spans in clauses.items():
        found += [
            shingle.text
            for shingle in shingles(text, width)
            if shingle.text not in common
            and any(shingle.start < end and start < shingle.end for start, end in spans)
        ]
    return found


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the clauses that text[start:end] stands in."""
    before = max(text.rfind(mark, 0, start) for mark in "、,;")
    after = [found for mark in "、,;" if (found := text.find(mark, end)) >= 0]
    return before + 1, min(after, default=len(text))


def _is_verdict(one: Match) -> bool:
    return one.kind is Kind.VERDICT and one.weight > HINT


class _Hasher:
    """Keyed hashes of one company's wording."""

    def __init__(self, key: bytes, company_id: int) -> None:
        self._key = keyed_hash(key, f"letter\0{company_id}".encode())

    def hashed(self, texts: Iterable[str]) -> frozenset[int]:
        """Return the hashes of the texts, 64 bits each."""
        return frozenset(self._hash(text) for text in texts)

    def _hash(self, text: str) -> int:
        digest = hashlib.blake2b(text.encode(), digest_size=8, key=self._key)
        return int.from_bytes(digest.digest())
