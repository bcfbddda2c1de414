"""How much a text is, as a whole, like the letters that turn people down.

Rules cover the wordings that somebody thought of; a letter may refuse in others. So every sequence
of one to five characters, in English of one to three words, has a weight that was learnt from
labelled mails (tests/detection/learn.py). The sum over a text tips the scale where the rules are in
doubt, and is enough by itself where it is large (decision 024).
"""

import functools
import itertools
import math
import re
import struct
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from gateway.core.memory import remembered
from gateway.core.reader import Reading, Sentence

PLACES: Final = 1 << 18
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
    """The sums over a sentence's sequences.

    weight  the sum of their weights
    square  the squared length of the sentence's vector
    """

    weight: float
    square: float


class Likeness(NamedTuple):
    """How much a text is like those that turn somebody down.

    odds      log-odds; above 0 it is more like those than like other mails
    sentence  the one that speaks most for a refusal; None without any text
    is_short  too few sentences to tell much: a receipt of an application begins like a refusal
    """

    odds: float
    sentence: Sentence | None
    is_short: bool = False


def likeness_of(reading: Reading) -> Likeness:
    """Return how much the wording of a text is like a refusal's.

    Linear in the text looked at; the sums of sentences met before are remembered. A repeated
    sentence counts once.
    """
    texts = texts_of(reading)
    said = {text: _listen(text) for text in texts}
    length = math.sqrt(sum([one.square for one in said.values()]))
    if not length:
        return Likeness(0.0, None, is_short=True)
    odds = _model().bias + sum([one.weight for one in said.values()]) / length
    heard = zip(texts, reading.sentences, strict=False)
    by_weight = [(said[text].weight, at) for text, at in heard]
    strongest = max(by_weight, default=(0.0, reading.subject))[1]
    sentences = len(said) - (reading.subject is not None)
    return Likeness(odds, strongest, is_short=sentences < _FEW_SENTENCES)


_KANA = re.compile("[\u3041-\u30ff]")
_STRANGE = re.compile("[\u00c0-\u024f\u0370-\u1fff\uac00-\ud7a3]")
_STRANGE_SHARE = 1 / 50


def is_of_a_tongue_learnt(reading: Reading) -> bool:
    """Tell whether a text is Japanese or English: no other language was learnt.

    Kanji without kana are Chinese; English has hardly a letter with an accent.
    """
    text = "".join(texts_of(reading))
    if _CJK.search(text) and not _KANA.search(text):
        return False
    return len(_STRANGE.findall(text)) <= _STRANGE_SHARE * len(text)


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
        for size in (2, 4, 6, 8, 10)
        for start in range(0, ends - size, 2)
    }


@remembered
def _listen(text: str) -> _Said:
    model = _model()
    weights, rarity = model.weights, model.rarity
    known = [place for place in places_of(text) if rarity[place]]
    weight = sum([weights[place] * rarity[place] for place in known])
    square = sum([rarity[place] ** 2 for place in known])
    return _Said(weight * model.unit * RARITY_UNIT, square * RARITY_UNIT**2)


@functools.cache
def _model() -> Model:
    data = _FILE.read_bytes()
    bias, unit = HEAD.unpack_from(data)
    weights = memoryview(data)[HEAD.size : HEAD.size + PLACES].cast("b")
    return Model(bias, unit, weights, data[HEAD.size + PLACES :])
