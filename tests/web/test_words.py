"""Every reason, state and label has its words in both languages."""

import re
from collections.abc import Iterable, Mapping

import pytest

from gateway.core.account import Kind
from gateway.core.company import Language, Mode
from gateway.core.detect import Verdict
from gateway.core.why import Action, Why
from gateway.hops import EightBit, HopTls
from gateway.settings import HERE
from gateway.snippets import Product
from gateway.store.members import DIGESTS
from gateway.store.outbox import Event, NotificationState
from gateway.store.referrals import ReferralState
from gateway.web import words
from gateway.web.pair import Pair
from gateway.web.said_words import SAID_LABELS
from gateway.web.words import Words

_USED = re.compile(r'\bw\("([a-z-]+)"\)')
_COLUMNS = re.compile(r"call table\(\(([^)]*)\)")  # the table macro asks for each of them
_BUILT = {"to-inject", "to-observe", "inject-means", "observe-means"}
_BUILT |= {f"digest-{name}" for name in DIGESTS}
_BUILT |= {f"connect-{product}" for product in Product}
_BUILT |= {f"hop-tls-{tls}" for tls in HopTls} | {f"hop-eight-bit-{kind}" for kind in EightBit}
_BUILT |= set(SAID_LABELS)
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")


def pairs(table: Mapping[str, Pair]) -> Iterable[object]:
    return [pytest.param(pair, id=key) for key, pair in table.items()]


@pytest.mark.parametrize(
    ("members", "table"),
    [
        (Why, words.WHY),
        (Verdict, words.VERDICTS),
        (Action, words.ACTIONS),
        (Mode, words.MODES),
        (ReferralState, words.REFERRAL_STATES),
        (Kind, words.KINDS),
        (NotificationState, words.NOTIFICATION_STATES),
    ],
)
def test_no_member_is_without_words(members: Iterable[str], table: Mapping[str, Pair]) -> None:
    assert set(members) == set(table)


def test_every_event_has_a_label_and_a_mail() -> None:
    for event in Event:
        assert event.value in words.LABELS
        assert (HERE / "templates" / "mail" / event.value / "ja" / "body.txt").exists()


def test_labels_and_templates_name_the_same() -> None:
    texts = [
        path.read_text(encoding="utf-8") for path in (HERE / "templates" / "web").rglob("*.html")
    ]
    used = {label for text in texts for label in _USED.findall(text)}
    columns = [names for text in texts for names in _COLUMNS.findall(text)]
    used |= {name.strip('" ') for names in columns for name in names.split(",") if name.strip()}
    python_only = {"login-wrong", "login-throttled", *(event.value for event in Event)}
    assert used | python_only | _BUILT == set(words.LABELS)


@pytest.mark.parametrize("pair", pairs({k.value: p for k, p in words.WHY.items()}))
def test_a_reason_is_in_its_own_language(pair: Pair) -> None:
    assert _JAPANESE.search(pair.ja)
    assert not _JAPANESE.search(pair.en)


@pytest.mark.parametrize("language", Language)
def test_words_answer_in_their_language(language: Language) -> None:
    said = Words(language)
    index = 0 if language is Language.JA else 1
    assert said("login") == words.LABELS["login"][index]
    assert said.why(Why.SIGNED) == words.WHY[Why.SIGNED][index]


def test_an_unknown_label_is_a_fault() -> None:
    with pytest.raises(KeyError):
        Words(Language.JA)("no such label")
