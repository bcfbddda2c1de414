"""A company's registered letter as it is kept: keyed hashes of its wording, never the words.

One hash stands for a shingle: two words, or three Japanese characters, next to each other; some for
a single word, or two characters, which stays where the words around it change. Made
with the installation's key, the hashes cannot be read back, nor can a stranger try texts on them.
"""

import enum
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_COUNT = struct.Struct(">H")
_HASH = struct.Struct(">Q")


class LetterProblem(enum.StrEnum):
    """What is wrong with a text that should become a letter."""

    TOO_LITTLE = "too-little"  # greetings and thanks alone
    TOO_LONG = "too-long"
    NO_REFUSAL = "no-refusal"  # no rule hears a refusal, and some hear something else


class LetterError(ValueError):
    """A text cannot be registered as a letter; the message says why, without its words."""

    def __init__(self, problem: LetterProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Letter:
    """One registered letter.

    number     counts from 1 for each company; 0 until it is written down
    sentences  for each sentence the hashes of what other letters do not say
    verdict    those of `sentences` that turn somebody down, as the rules heard it; may be empty
    common     hashes of what letters of all kinds say
    words      hashes of single own words outside of the sentences that turn somebody down
    decisive   and of those in the clauses of these that do
    excused    rules that speak against a rejection and were heard in the letter itself
    """

    number: int
    sentences: tuple[frozenset[int], ...]
    verdict: frozenset[int]
    common: frozenset[int]
    words: frozenset[int]
    decisive: frozenset[int]
    excused: frozenset[str] = frozenset()

    @property
    def own(self) -> frozenset[int]:
        """The hashes of all that other letters do not say."""
        return frozenset().union(*self.sentences)

    def is_like(self, other: "Letter") -> bool:
        """Tell whether both are the same letter but for a few words."""
        mine, theirs = self.own | self.common, other.own | other.common
        return len(mine & theirs) >= _NEARLY_ALL * len(mine | theirs)


_NEARLY_ALL = 0.7
"""Of what either holds: one word in ten changed leaves more, another letter of the desk less."""


def pack_hashes(groups: Iterable[frozenset[int]]) -> bytes:
    """Return sets of 64-bit hashes as bytes: for each its size (2 octets), then its hashes."""
    packed = bytearray()
    for group in groups:
        packed += _COUNT.pack(len(group))
        for one in sorted(group):  # in order of the hashes: where a word stood is not kept
            packed += _HASH.pack(one)
    return bytes(packed)


def unpack_hashes(packed: bytes) -> tuple[frozenset[int], ...]:
    """Return the sets that pack_hashes() wrote."""
    groups = []
    at = 0
    while at < len(packed):
        (count,) = _COUNT.unpack_from(packed, at)
        at += _COUNT.size
        end = at + count * _HASH.size
        groups.append(frozenset(one for (one,) in _HASH.iter_unpack(packed[at:end])))
        at = end
    return tuple(groups)
