"""What a letter of a known form weighs is what it weighs by itself."""

import inspect
import re
from itertools import product

import pytest

from gateway.core import weigh as weighing
from gateway.core.reader import Reading, read_text
from gateway.core.weigh import Weighing, weigh
from gateway.core.weigh_form import weigh_by_form
from tests.detection.mails import load

SETS = ("dev", "field_dev")


def by_form(reading: Reading, *, recruiting: bool) -> Weighing:
    return weigh_by_form(reading, recruiting_sender=recruiting)


@pytest.mark.parametrize("part", SETS)
def test_each_letter_weighs_the_same_by_its_form_first_and_again(part: str) -> None:
    readings = [read_text(mail.body, mail.subject, mail.to) for mail in load(part)]
    for reading, recruiting in product(readings, (True, False)):
        wanted = weigh(reading, recruiting_sender=recruiting)
        assert by_form(reading, recruiting=recruiting) == wanted
        assert by_form(reading, recruiting=recruiting) == wanted


LETTER = (
    "{name} 様\n\n先日は面接にお越しいただき、ありがとうございました。\n"
    "選考の結果、誠に残念ながら、{middle}今回は採用を見送らせていただきます。\n{end}"
)


@pytest.mark.parametrize(
    ("middle", "end", "subject"),
    [
        ("", "", "選考結果のご案内"),
        ("", "", "Re: 選考結果のご案内"),
        ("", "末筆ながら、{name}様のご活躍をお祈りいたします。", ""),
        ("厳正なる検討により、", "", "お見積りの件"),
        ("", "佐藤様の選考につきましては、追ってご連絡します。", ""),
        ("", "{name}様の選考につきましては、以上です。", ""),
        ("", "> 辞退させていただきます。\n> 山田", ""),
    ],
)
def test_another_name_changes_no_weight_and_moves_the_evidence(
    middle: str, end: str, subject: str
) -> None:
    for name in ("山田", "長谷川 裕子", "佐藤", "X"):
        text = LETTER.format(name=name, middle=middle, end=end.replace("{name}", name))
        reading = read_text(text, subject, f"{name}様")
        assert by_form(reading, recruiting=True) == weigh(reading, recruiting_sender=True)


def test_sentences_out_of_order_are_weighed_by_themselves() -> None:
    reading = read_text(LETTER.format(name="山田", middle="", end=""))
    turned = Reading(None, is_reply=False, addressed="", sentences=reading.sentences[::-1])
    assert by_form(turned, recruiting=True) == weigh(turned, recruiting_sender=True)


TENDER = (
    "鈴木様\n\nお見積りをお送りいただき、ありがとうございました。\n{about}についてご提案くださいました。\n"
    "検討の結果、誠に残念ながら、今回は採用を見送らせていただきます。\n"
)


def test_a_proposal_adopted_is_weighed_apart_from_one_about_hiring() -> None:
    abouts = ("弊社の採用", "弊社の求人", "弊社の採用面接", "新製品")
    subjects = ("ご提案の件", "採用のご提案の件", "求人のご提案の件")
    for about, subject in product(abouts, subjects):
        reading = read_text(TENDER.format(about=about), subject)
        assert by_form(reading, recruiting=False) == weigh(reading, recruiting_sender=False)


def test_a_weighing_asks_a_sentence_for_its_words_in_one_way_alone() -> None:
    asked = re.findall(r".*sentence\.text.*", inspect.getsource(weighing))
    assert asked
    assert all("naming(one.sentence.text)" in line for line in asked)
