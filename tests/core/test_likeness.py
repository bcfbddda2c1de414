"""What a text is like as a whole: where its sequences have their places, and what it tips."""

import dataclasses

import pytest

from gateway.core.detect import judge_reading
from gateway.core.hear import STRONG
from gateway.core.likeness import (
    MOST_CHARS,
    MOST_SENTENCES,
    PLACES,
    Likeness,
    is_of_a_tongue_learnt,
    likeness_of,
    places_of,
)
from gateway.core.reader import Reading, Sentence, read_text
from gateway.core.review import Standing, offset_of
from gateway.core.tip import (
    AGAINST,
    ENOUGH_FROM,
    FOR,
    LISTED_AT_WORK_FROM,
    LISTED_FROM,
    MOST_AGAINST,
    MOST_AGAINST_PLAIN,
    MOST_FOR,
    SURE_FROM,
    UNDOUBTED,
    tip,
)
from gateway.core.verdict import Evidence, Verdict
from gateway.core.weigh import CAP, INJECT_POINTS, POSSIBLE_POINTS, Weighing

SENTENCE = Sentence("今回はお声がけを控えます。", "1", 0, 13)
OTHER_SENTENCE = Sentence("ご縁がありましたら幸いです。", "1", 14, 28)
HEARD = Evidence("ja.x", 3.0, "1", 0, 13, "verdict: something")
TOPIC = Evidence("ja.work", 1.0, "1", 0, 13, "relation: work")


def weighing(points: float, *, heard: bool = True, plain: bool = False, **flags: bool) -> Weighing:
    verdict = HEARD._replace(weight=STRONG) if plain else HEARD
    evidence = (verdict, TOPIC) if heard else (TOPIC,)
    return Weighing(points, flags.pop("vetoed", False), evidence, **flags)


def test_every_sequence_has_its_place_and_numbers_are_alike() -> None:
    assert places_of("選考の結果") == places_of("選考の結果")
    assert all(0 <= place < PLACES for place in places_of("選考の結果、"))
    assert len(places_of("ab cd")) == 4 + 3 + 2  # with both ends
    assert places_of("第1回") == places_of("第42回")
    assert places_of("call me at 10") == places_of("call me at 2026")


@pytest.mark.parametrize("text", ["half of a pair \ud800", "片方だけ\udfff", "\0\ud83d"])
def test_what_is_no_character_is_no_trouble(text: str) -> None:
    assert places_of(text)


def test_a_subject_is_not_a_sentence() -> None:
    in_subject = likeness_of(read_text("ご連絡です。", "選考結果のご連絡"))
    in_text = likeness_of(read_text("ご連絡です。選考結果のご連絡"))
    assert in_subject.odds != in_text.odds


def test_no_text_is_like_nothing() -> None:
    assert likeness_of(read_text("")) == Likeness(0.0, None, is_short=True)


def test_it_says_the_same_when_asked_again_and_names_the_sentence_that_says_most() -> None:
    reading = read_text("お世話になっております。\n今回はご期待に沿えない結果となりました。\n")
    likeness = likeness_of(reading)
    assert likeness == likeness_of(reading)
    assert likeness.sentence is not None
    assert "沿えない" in likeness.sentence.text


def test_no_more_than_a_letter_is_looked_at() -> None:
    one = Sentence("今回は見送ります。", "1", 0, 9)
    many = Reading(None, False, "", (one,) * MOST_SENTENCES)
    more = Reading(None, False, "", (*many.sentences, Sentence("お祝い" * 50, "1", 0, 9)))
    assert likeness_of(more) == likeness_of(many)
    long = Reading(None, False, "", (Sentence("あ" * MOST_CHARS, "1", 0, 9),))
    longer = Reading(None, False, "", (Sentence("あ" * MOST_CHARS + "い" * 9, "1", 0, 9),))
    assert likeness_of(longer).odds == likeness_of(long).odds


AT_WORK = read_text("今回は採用を見送らせていただきます。\nご応募ありがとうございました。\n")
IN_OTHER_WORDS = read_text("ご応募と面接のお礼です。\n採用は別の道でと考えました。\nお元気で。\n")
AN_OFFER = read_text("ご応募と面接のお礼です。\nぜひ弊社に来てください。\nお元気で。\n")
NOT_AT_WORK = read_text("またお店に来ますね。\nお元気で。\nそれでは。\n")
ANSWERS_WITHDRAWAL = dataclasses.replace(IN_OTHER_WORDS, history="今回は辞退させていただきます。")
ANSWERS_REFUSAL = dataclasses.replace(
    IN_OTHER_WORDS, history="今回は採用を見送らせていただきます。"
)
OF_GOODS = read_text("採用のお礼です。\n別の品にしました。\nお元気で。\n", "お見積書の件")
TOO_LONG = dataclasses.replace(IN_OTHER_WORDS, whole=False)
KOREAN = read_text("지원해 주셔서 감사합니다.\n採用 면접 결과입니다.\nご応募\n건강하세요.\n")


@pytest.mark.parametrize(
    ("before", "odds", "points", "only_lists"),
    [
        pytest.param(weighing(4.5), 1.0, 5.5, False, id="for"),
        pytest.param(weighing(4.5, plain=True), 0.5, 5.0, False, id="for what is plain"),
        pytest.param(weighing(4.5), 9.0, 4.5 + MOST_FOR, False, id="for, at most"),
        pytest.param(weighing(9.5), 9.0, UNDOUBTED, False, id="for, to where no doubt is left"),
        pytest.param(weighing(6.5), -0.5, 4.0, False, id="against"),
        pytest.param(weighing(7.5), -9.0, 7.5 - MOST_AGAINST, False, id="against, at most"),
        pytest.param(weighing(6.5, plain=True), -1.0, 6.5, False, id="against what is plain"),
        pytest.param(weighing(6.5, plain=True), -2.0, 4.0, False, id="more against it"),
        pytest.param(
            weighing(9.0, plain=True),
            -9.0,
            9.0 - MOST_AGAINST_PLAIN,
            False,
            id="against what is plain, at most",
        ),
        pytest.param(weighing(UNDOUBTED), -9.0, UNDOUBTED, False, id="no doubt"),
        pytest.param(weighing(-3.0), 0.6, POSSIBLE_POINTS, False, id="listed at least"),
        pytest.param(weighing(4.5, only_lists=True), 1.4, CAP, True, id="a mere hint"),
        pytest.param(weighing(4.5, only_lists=True), SURE_FROM, 6.0, False, id="a hint, sure"),
        pytest.param(weighing(9.0, vetoed=True), 9.0, 9.0, False, id="a veto"),
        pytest.param(
            weighing(4.5, only_lists=True, is_foreign=True), 9.0, 4.5, True, id="another language"
        ),
    ],
)
def test_it_tips_what_the_rules_heard(
    before: Weighing, odds: float, points: float, *, only_lists: bool
) -> None:
    after = tip(before, Likeness(odds, SENTENCE), AT_WORK)
    assert (after.points, after.only_lists, after.vetoed) == (points, only_lists, before.vetoed)
    added = {one.rule for one in after.evidence} - {one.rule for one in before.evidence}
    assert added == ({FOR if odds > 0 else AGAINST} if after.points != before.points else set())


def test_a_hint_in_a_mail_that_speaks_of_no_work_stays_one() -> None:
    hint = weighing(4.5, only_lists=True)
    assert tip(hint, Likeness(9.0, SENTENCE), NOT_AT_WORK).only_lists


@pytest.mark.parametrize(
    ("reading", "odds", "points"),
    [
        pytest.param(IN_OTHER_WORDS, LISTED_AT_WORK_FROM - 0.1, 0.0, id="unlike"),
        pytest.param(IN_OTHER_WORDS, LISTED_AT_WORK_FROM, POSSIBLE_POINTS, id="a little like"),
        pytest.param(IN_OTHER_WORDS, ENOUGH_FROM - 0.1, POSSIBLE_POINTS, id="like"),
        pytest.param(IN_OTHER_WORDS, ENOUGH_FROM, INJECT_POINTS, id="surely like"),
        pytest.param(AN_OFFER, LISTED_FROM - 0.1, 0.0, id="an offer"),
        pytest.param(AN_OFFER, 99.0, POSSIBLE_POINTS, id="an offer, surely like"),
        pytest.param(NOT_AT_WORK, LISTED_FROM - 0.1, 0.0, id="not about work"),
        pytest.param(NOT_AT_WORK, 99.0, POSSIBLE_POINTS, id="not about work, surely like"),
        pytest.param(ANSWERS_WITHDRAWAL, 99.0, POSSIBLE_POINTS, id="to somebody who withdraws"),
        pytest.param(ANSWERS_REFUSAL, 99.0, POSSIBLE_POINTS, id="to somebody refused before"),
        pytest.param(OF_GOODS, 99.0, POSSIBLE_POINTS, id="under a subject that names goods"),
        pytest.param(TOO_LONG, 99.0, POSSIBLE_POINTS, id="too long to be read"),
        pytest.param(KOREAN, 99.0, POSSIBLE_POINTS, id="a language that was not learnt"),
    ],
)
def test_words_alone_list_a_mail_and_need_much_for_a_link(
    reading: Reading, odds: float, points: float
) -> None:
    after = tip(weighing(0.0, heard=False), Likeness(odds, SENTENCE), reading)
    assert after.points == points
    assert after.only_lists is (points == POSSIBLE_POINTS)
    if points:
        assert (after.evidence[-1].rule, after.evidence[-1].start) == (FOR, SENTENCE.start)


@pytest.mark.parametrize(
    ("text", "is_learnt"),
    [
        ("本日はありがとうございました。", True),
        ("Thank you for coming in last Friday, Zoë, and for the work you showed us.", True),
        ("感谢您的来访，祝您一切顺利。", False),
        ("지원해 주셔서 감사합니다.", False),
        ("Cảm ơn bạn đã ứng tuyển vào vị trí này.", False),
        ("Спасибо за ваш отклик.", False),
    ],
)
def test_what_was_not_learnt_is_known(text: str, *, is_learnt: bool) -> None:
    assert is_of_a_tongue_learnt(read_text(text)) is is_learnt


@pytest.mark.parametrize("line", ["x", "hello.", "株式会社", "job 1 finished in 1 s"])
def test_to_say_the_same_again_and_again_says_little(line: str) -> None:
    many = Reading(None, False, "", (Sentence(line, "1", 0, 9),) * MOST_SENTENCES)
    assert likeness_of(many).is_short
    assert judge_reading(many).verdict is Verdict.OTHER


def test_what_a_text_says_twice_counts_once() -> None:
    once = Reading(None, False, "", (SENTENCE, OTHER_SENTENCE))
    twice = Reading(None, False, "", (SENTENCE, OTHER_SENTENCE, SENTENCE))
    assert likeness_of(twice).odds == likeness_of(once).odds


def test_no_company_is_so_strict_that_the_likeness_could_keep_an_undoubted_link_out() -> None:
    strictest = max(offset_of(Standing(wrong=n)) for n in range(9))
    assert INJECT_POINTS + strictest <= UNDOUBTED - MOST_AGAINST


def test_a_short_text_is_weighed_and_no_more() -> None:
    hint = weighing(4.5, only_lists=True)
    assert tip(hint, Likeness(9.0, SENTENCE, is_short=True), AT_WORK).only_lists
    nothing = weighing(0.0, heard=False)
    assert tip(nothing, Likeness(9.0, SENTENCE, is_short=True), IN_OTHER_WORDS) is nothing
    assert likeness_of(read_text("ご応募ありがとうございます。")).is_short
    assert not likeness_of(read_text("一つ。\n二つ。\n三つ。\n")).is_short


def test_the_label_never_holds_a_word_of_the_mail() -> None:
    labels = {
        tip(weighing(4.0), Likeness(odds, SENTENCE), AT_WORK).evidence[-1].label
        for odds in (-2.0, 2.0)
    }
    assert len(labels) == 2
    assert not any(SENTENCE.text in label for label in labels)


def test_a_refusal_in_words_that_no_rule_hears_is_listed() -> None:
    text = (
        "先日はお越しいただきありがとうございました。\n"
        "採用について社内で話した結果、今回は違う方と働くことを選びました。\n"
        "ご期待に沿えず申し訳ありません。今後のご活躍をお祈りしております。\n"
    )
    assert judge_reading(read_text(text, "選考結果のご連絡")).verdict is not Verdict.OTHER


@pytest.mark.parametrize(
    "outcome",
    [
        "ぜひ仲間になっていただきたいという結論に至りました。",
        "選考の結果、佐藤様に店長をお任せすることとなりました。",
        "見事に選考を突破されましたことをお知らせいたします。",
    ],
)
def test_an_offer_within_the_words_of_a_refusal_gets_no_link(outcome: str) -> None:
    text = (
        "佐藤様\n\nこの度は弊社の求人にご応募いただき、誠にありがとうございました。\n"
        f"多数のご応募をいただき、非常に厳しい選考となりました。\n{outcome}\n"
        "末筆ながら、佐藤様のご活躍をお祈り申し上げます。\n"
    )
    assert judge_reading(read_text(text, "選考結果のご連絡")).verdict is not Verdict.REJECTION


def test_a_refusal_that_is_said_in_two_ways_stands_in_usual_words() -> None:
    text = (
        "佐藤様\n\nこの度はご応募いただきありがとうございました。\n"
        "慎重に検討しました結果、誠に残念ながらご縁がなかったものとさせていただきます。\n"
        "末筆ながら今後のご活躍をお祈り申し上げます。\n"
    )
    assert judge_reading(read_text(text, "選考結果のご連絡")).verdict is Verdict.REJECTION
