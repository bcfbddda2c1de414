"""How much a text is, as a whole, like the letters that turn people down.

Rules hear what somebody thought of writing down; a letter may refuse in words that nobody did.
So every sequence of two to five characters, in English of one to three words, has a weight that
was learnt from labelled mails (tests/detection/learn.py). What the sentences of a text say
together tips the scale where the rules are in doubt, and decides nothing alone (decision 024).
"""

import functools
import itertools
import math
import re
import struct
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from gateway.core.memory import remembered
from gateway.core.reader import Reading, Sentence

PLACES: Final = 1 << 17
"""Where sequences have their weights, by their hash; some share one. No text can be read back."""

MOST_SENTENCES: Final = 40
MOST_CHARS: Final = 200
"""What is looked at, of a text and of a sentence: a letter that turns somebody down is shorter."""

_FEW_SENTENCES: Final = 3

RARITY_UNIT: Final = 1 / 16
HEAD: Final = struct.Struct("<ff")

_FILE = Path(__file__).with_name("rules") / "likeness.bin"
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_DIGITS = re.compile("[0-9]+")
_WORD = re.compile(r"[a-z']+|[^\sa-z']")
_SUBJECT = "\N{INFORMATION SEPARATOR ONE}"


class Model(NamedTuple):
    """What was learnt.

    weights  signed bytes, in units of `unit`, by place
    rarity   unsigned bytes in RARITY_UNIT: a rare sequence says more; 0 for one never met
    """

    bias: float
    unit: float
    weights: memoryview
    rarity: bytes


class _Said(NamedTuple):
    """What the sequences of a sentence come to.

    weight  the sum of their weights
    square  of the length of the sentence's vector, alone
    places  where they have theirs
    """

    weight: float
    square: float
    places: tuple[int, ...]


class Likeness(NamedTuple):
    """How much a text is like those that turn somebody down.

    odds      log-odds, above 0 when it is more like those than like others
    sentence  the one that says most for that; None for no text at all
    is_short  of too few sentences to tell much: a receipt of an application begins as refusals do
    """

    odds: float
    sentence: Sentence | None
    is_short: bool = False


def likeness_of(reading: Reading) -> Likeness:
    """Return what the words of a text are like.

    Linear in what is looked at; of sentences that were met before, the sums are remembered.
    """
    sentences = reading.sentences[:MOST_SENTENCES]
    said = [_listen(text) for text in texts_of(reading)]
    by_weight = [(one.weight, at) for one, at in zip(said, sentences, strict=False)]
    strongest = max(by_weight, default=(None, None))[1]
    length = _length(said)
    if not length:
        return Likeness(0.0, None, is_short=True)
    odds = _model().bias + sum([one.weight for one in said]) / length
    return Likeness(odds, strongest or reading.subject, len(sentences) < _FEW_SENTENCES)


def may_be_like(reading: Reading, odds: float) -> bool:
    """Tell whether a text may have as many log-odds; False is sure, and sooner known than how many.

    No sequence counts below 0, so a text's vector is at least as long as if its sentences had
    none in common, and what speaks for it is divided by that at least.
    """
    said = [_listen(text) for text in texts_of(reading)]
    weight = sum([one.weight for one in said])
    most = _model().bias
    if weight > 0:
        most += weight / math.sqrt(sum([one.square for one in said]))
    return most >= odds


def _length(said: list[_Said]) -> float:
    """Return the length of the text's vector: what it says again and again counts for little."""
    counts = Counter(itertools.chain.from_iterable([one.places for one in said]))
    rarity = _model().rarity
    square = sum([(count * rarity[place]) ** 2 for place, count in counts.items()])
    return math.sqrt(square) * RARITY_UNIT


def texts_of(reading: Reading) -> list[str]:
    """Return the texts that are looked at: sentences in their order, then the subject, marked."""
    texts = [sentence.text[:MOST_CHARS] for sentence in reading.sentences[:MOST_SENTENCES]]
    if reading.subject is not None:
        texts.append(_SUBJECT + reading.subject.text[: MOST_CHARS - 1])
    return texts


def places_of(text: str) -> set[int]:
    """Return the places of all sequences in a text; numbers count as one digit."""
    text = _DIGITS.sub("0", text)
    if _CJK.search(text):
        return _places_of_characters(f"^{text}$")
    words = ["^", *_WORD.findall(text), "$"]
    if text.startswith(_SUBJECT):
        words[0] = _SUBJECT
    pairs = [f"{one} {two}" for one, two in itertools.pairwise(words)]
    threes = [f"{two} {one}" for two, one in zip(pairs, words[2:], strict=False)]
    return {crc32(each.encode("utf-8", "replace")) % PLACES for each in (*words, *pairs, *threes)}


def _places_of_characters(text: str) -> set[int]:
    data = text.encode("utf-16-le", "replace")
    ends = len(data) + 1
    return {
        crc32(data[start : start + size]) % PLACES
        for size in (4, 6, 8, 10)
        for start in range(0, ends - size, 2)
    }


@remembered
def _listen(text: str) -> _Said:
    model = _model()
    weights, rarity = model.weights, model.rarity
    known = tuple([place for place in places_of(text) if rarity[place]])
    weight = sum([weights[place] * rarity[place] for place in known])
    square = sum([rarity[place] ** 2 for place in known])
    return _Said(weight * model.unit * RARITY_UNIT, square * RARITY_UNIT**2, known)


@functools.cache
def _model() -> Model:
    data = _FILE.read_bytes()
    bias, unit = HEAD.unpack_from(data)
    weights = memoryview(data)[HEAD.size : HEAD.size + PLACES].cast("b")
    return Model(bias, unit, weights, data[HEAD.size + PLACES :])
