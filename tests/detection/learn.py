"""Learn from labelled mails how much sequences of characters and words speak for a rejection.

    python -m tests.detection.learn

writes gateway/core/rules/likeness.bin. Logistic regression on sequences weighted by rarity, each
mail's to a length of one; learnt by AdaGrad in an order drawn by a fixed seed, so the same mails
give the same file. Of what LEARNT does not name nothing was learnt.
"""

import array
import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gateway.core import likeness
from gateway.core.likeness import HEAD, PLACES, RARITY_UNIT, places_of, texts_of
from gateway.core.reader import read_text
from tests.detection.mails import Labelled, load

LEARNT = (
    *("dev", "field_dev", "field_final"),
    *("blind_dev", "blind_final", "blind_natural", "blind_a", "blind_c"),
    *("hand_a", "hand_b", "hand_c", "hand_d", "hand_e"),
    *("hand_f", "hand_g", "hand_h", "hand_i", "hand_k", "hand_l", "hand_m", "hand_n"),
    *("hand_o", "hand_p", "hand_q", "hand_r", "hand_s", "hand_t", "hand_u"),
)
FILE = Path(likeness.__file__).with_name("rules") / "likeness.bin"

_ROUNDS = 30
_STEP = 0.5
_DECAY = 2e-6
_LEAST_MAILS = 3
_LARGEST = 127


class Lesson(NamedTuple):
    """A mail as it is learnt from: the places of its sequences, what each counts, and its label."""

    places: Sequence[int]
    values: Sequence[float]
    is_rejection: bool


Sequences = list[set[int]]
"""The places of the sequences of each text of a mail; what it says twice counts once."""


def _sequences(mail: Labelled) -> Sequences:
    texts = dict.fromkeys(texts_of(read_text(mail.body, mail.subject)))
    return [places_of(text) for text in texts]


def _rarity(mails: Sequence[Sequences]) -> bytes:
    """Return for each place how rare it is, in units; 0 for what fewer than three mails hold."""
    holding = Counter(place for mail in mails for place in set[int]().union(*mail))
    rarity = bytearray(PLACES)
    for place, number in holding.items():
        if number >= _LEAST_MAILS:
            rare = math.log((1 + len(mails)) / (1 + number)) + 1
            rarity[place] = min(round(rare / RARITY_UNIT), 255)
    return bytes(rarity)


def _lesson(texts: Sequences, rarity: bytes, *, is_rejection: bool) -> Lesson:
    """Return a mail's lesson: its sentences' vectors added, over what they are long together."""
    count = Counter(place for text in texts for place in text if rarity[place])
    square = sum(number * rarity[place] ** 2 for place, number in count.items())
    length = math.sqrt(square) or 1.0
    places = sorted(count)
    values = [count[place] * rarity[place] / length for place in places]
    return Lesson(array.array("l", places), array.array("d", values), is_rejection)


def learn(mails: Sequence[Lesson], seed: int = 7) -> tuple[float, list[float]]:
    """Return bias and weights of a logistic regression."""
    weights, steps = [0.0] * PLACES, [1e-8] * PLACES
    bias, bias_step = 0.0, 1e-8
    order = list(mails)
    chance = random.Random(seed)
    for _ in range(_ROUNDS):
        chance.shuffle(order)
        for mail in order:
            odds = bias + sum(weights[p] * v for p, v in zip(mail.places, mail.values, strict=True))
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - mail.is_rejection
            bias_step += error * error
            bias -= _STEP * error / math.sqrt(bias_step)
            for place, value in zip(mail.places, mail.values, strict=True):
                slope = error * value + _DECAY * weights[place]
                steps[place] += slope * slope
                weights[place] -= _STEP * slope / math.sqrt(steps[place])
    return bias, weights


def lessons(labelled: Sequence[Labelled]) -> tuple[bytes, list[Lesson]]:
    """Return the rarity of each place in these mails, and what each of them teaches."""
    said = [_sequences(mail) for mail in labelled]
    rarity = _rarity(said)
    return rarity, [
        _lesson(texts, rarity, is_rejection=mail.is_rejection)
        for mail, texts in zip(labelled, said, strict=True)
    ]


def main() -> None:
    """Learn, and write the file."""
    rarity, mails = lessons([mail for part in LEARNT for mail in load(part)])
    bias, weights = learn(mails)
    unit = max(map(abs, weights)) / _LARGEST
    rounded = array.array("b", [round(weight / unit) for weight in weights])
    FILE.write_bytes(HEAD.pack(bias, unit) + rounded.tobytes() + rarity)
    known = sum(map(bool, rarity))
    sys.stdout.write(f"{len(mails)} mails, {known} places, bias {bias:.2f}, unit {unit:.4f}\n")


if __name__ == "__main__":
    main()
