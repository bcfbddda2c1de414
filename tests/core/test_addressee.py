"""A letter is judged by what it says, whoever is greeted."""

import pytest

from gateway.core.addressee import rename
from gateway.core.company import Company
from gateway.core.detect import Judgement, Verdict, judge
from gateway.core.envelope import Address, Envelope
from gateway.core.inject import Injection, place_block
from gateway.core.mime import scan
from gateway.core.reader import _BARE_ADDRESS, SUBJECT, normalise, read_mail, read_text
from gateway.core.splice import apply_edits
from gateway.core.why import Why
from tests.core.blocks import write_block
from tests.core.mails import mail, multipart, part

COMPANY = Company(1, "株式会社サンプル", ("a.example",))

LETTER = """\
{greeting}

株式会社サンプル 採用担当の鈴木でございます。
このたびはご応募いただき、誠にありがとうございました。
{named}慎重に選考を重ねましたが、誠に残念ながら、今回は採用を見送らせていただきます。
末筆ではございますが、{again}の今後のご活躍を心よりお祈り申し上げます。

株式会社サンプル 人事部
"""

ENGLISH = """\
Dear {greeting},

Thank you for your application. Unfortunately, we have decided to go on with other candidates.
We wish you all the best, {again}, and thank you again for your time.

Suzuki, Sample Inc.
"""


def _letter(name: str, again: str = "", named: str = "") -> str:
    return LETTER.format(greeting=f"{name}様", again=f"{again or name}様", named=named)


@pytest.mark.parametrize(
    ("people", "shared"),
    [
        ([("山田太郎",), ("長谷川美咲",), ("林健",)], ("大野",)),
        ([("山田 太郎",), ("佐々木\u3000凛",), ("候補 12",)], ("大野 真司",)),
        (
            [("山田 太郎", "山田"), ("長谷川 美咲", "長谷川"), ("林 健", "林")],
            ("大野 真司", "大野"),
        ),
        ([("山田太郎", "山田"), ("山口真由美", "山口")], ("大野真司", "大野")),
    ],
)
def test_letters_to_different_people_are_one_text(
    people: list[tuple[str, ...]], shared: tuple[str, ...]
) -> None:
    assert {rename(_letter(*one)).text for one in people} == {_letter(*shared)}


def test_english_letters_to_different_people_are_one_text() -> None:
    people = [("Taro", "Taro"), ("Mary", "Mary"), ("Zoe", "Zoe")]
    texts = {rename(ENGLISH.format(greeting=one, again=two)).text for one, two in people}
    assert texts == {ENGLISH.format(greeting="Jordan", again="Jordan")}
    whole = ENGLISH.format(greeting="Mary Ann Smith", again="Mary")
    assert rename(whole).text == ENGLISH.format(greeting="Jordan Kowalski", again="Jordan")


@pytest.mark.parametrize(
    "text",
    [
        _letter("候補者"),
        _letter("株式会社カナド 採用ご担当"),
        _letter("林"),  # as in 林業
        "佐藤様\n" * 51,
        _letter("佐藤", named="小野様のご推薦もあり、"),
        _letter("佐藤", named="高橋健司 様のご推薦もあり、"),
        _letter("佐藤", named="大 野商店での"),
        _letter("出展者"),
        _letter("カナド 佐藤"),
        "Dear Vendor,\nhello\n",
        "Dear Mary,\nThank you for applying to JORDAN Brand.\n",
        _letter("佐藤", named="佐藤商事での"),
        _letter("佐藤 健太", named="佐藤部長との面談も踏まえ、"),
        _letter("大和田 明", named="大野部長との面談も踏まえ、"),
        "お世話になっております。\n佐藤様の件、承知しました。\n",
        "Dear Sir,\nhello\n",
        "Dear Will,\nWill you come?\n",
        "Dear Grace,\nhello\n",
        "Dear Ann,\nAnnual results, Ann.\n",
        "",
        "様",
        "\n様\nDear \n",
    ],
)
def test_what_is_no_sure_name_stays(text: str) -> None:
    assert rename(text).text == text
    assert rename(text).names == ()


@pytest.mark.parametrize(
    "markup",
    [
        '<p>佐藤様</p><p title="佐藤">お祈り</p>',
        "<p>佐藤様</p><!-- 佐藤 -->",
        "<p>Dear Red,</p><p style='color:Red'>x</p>",
        "<p>Dear Body,</p><Body>",
    ],
)
def test_a_name_that_also_stands_in_markup_stays(markup: str) -> None:
    assert rename(markup, is_markup=True).text == markup


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        (_letter("山田太郎"), ("様", "株式", "末筆", "様の", "の今後", "人事部")),
        (_letter("山田 太郎", "山田"), ("様", "株式", "末筆", "様の", "の今後", "人事部")),
        (_letter("長谷川\u3000美咲", "長谷川"), ("様", "株式", "末筆", "様の", "人事部")),
        (ENGLISH.format(greeting="Mary Ann Smith", again="Mary"), ("Dear", ",\n", "Thank", "Inc")),
        (_letter("候補者"), ("候補者", "末筆", "人事部")),
    ],
)
def test_each_place_is_found_again(text: str, marks: tuple[str, ...]) -> None:
    renamed = rename(text)
    for mark in marks:
        assert renamed.as_sent(renamed.text.index(mark)) == text.index(mark)
        assert renamed.here(text.index(mark)) == renamed.text.index(mark)
    assert renamed.as_sent(len(renamed.text)) == len(text)
    assert renamed.here(len(text)) == len(renamed.text)


def test_a_reading_is_told_in_the_letters_own_words() -> None:
    text = _letter("長谷川 美咲", "長谷川")
    reading = read_text(text, "長谷川 美咲様 選考結果", "長谷川 美咲")
    assert reading.sentences[0].text == "長谷川美咲様"
    assert reading.subject is not None
    assert reading.subject.text == "長谷川美咲様選考結果"
    assert "長谷川美咲" in reading.addressed
    for one in reading.sentences:
        assert normalise(text[one.start : one.end].replace("\n", "")) == one.text


def _leaf(subtype: str, text: str) -> str:
    data = text.replace("\n", "\r\n").encode().decode("latin-1").replace("\r\n", "\n")
    return part(f"text/{subtype}; charset=utf-8", data, "Content-Transfer-Encoding: 8bit")


def _mail_to(name: str, again: str) -> bytes:
    text = _letter(name, again)
    page = "".join(f"<p>{line}</p>\n" for line in text.split("\n"))
    return mail(multipart("alternative", _leaf("plain", text), _leaf("html", page)))


NAMES = [("佐藤 翔", "佐藤"), ("勅使河原 宗一郎", "勅使河原"), ("候補者", ""), ("林", "")]


@pytest.mark.parametrize(("name", "again"), NAMES)
def test_evidence_and_block_stand_where_they_are_in_the_mail_as_sent(name: str, again: str) -> None:
    raw = _mail_to(name, again)
    envelope = Envelope(Address("saiyo@a.example"), (Address("taro@mail.example"),))
    judged = judge(raw, scan(raw), envelope, COMPANY)
    said = {(one.part, one.start, one.end) for one in read_mail(raw, scan(raw)).sentences}
    placed = [one for one in judged.evidence if one.part not in {"envelope", "text", SUBJECT}]
    assert placed
    assert {(one.part, one.start, one.end) for one in placed} <= said
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection)
    for leaf in apply_edits(raw, outcome.edits).decode().split("--b\r\n")[1:]:
        end = leaf.index("お祈り申し上げます。")
        assert end < leaf.index("relay.example") < leaf.index("株式会社サンプル 人事部", end)


def _judged(greeting: str, body: str, subject: str) -> Judgement:
    head = (
        f"From: hr@a.example\nTo: taro@mail.example\nSubject: {subject}\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    )
    raw = f"{head}{greeting}\n\n{body}\n".replace("\n", "\r\n").encode()
    envelope = Envelope(Address("saiyo@a.example"), (Address("taro@mail.example"),))
    return judge(raw, scan(raw), envelope, COMPANY)


REFUSED = (
    "ご応募いただき、ありがとうございました。\n慎重に選考を重ねましたが、誠に残念ながら、"
    "今回は採用を見送らせていただきます。\n今後のご活躍をお祈り申し上げます。"
)


@pytest.mark.parametrize("other", ["小野", "中野", "高橋健司", "田中"])
def test_a_mail_about_somebody_else_gets_no_link_whatever_they_are_called(other: str) -> None:
    about = f"ご応募いただきました{other}様につきまして、{REFUSED}"
    for greeting in ("佐藤様", "山田 太郎 様"):
        judged = _judged(greeting, about, "選考結果")
        assert judged.verdict is not Verdict.REJECTION
        assert "ja.another-person" in {one.rule for one in judged.evidence}


@pytest.mark.parametrize(
    ("names", "body", "subject"),
    [
        (("佐藤様", "退 太郎様", "辞 太郎様"), REFUSED, "辞退のご連絡"),
        (("Dear Mary,", "Dear Con,"), "Unfortunately we chose others.", "Congratulations"),
        (("Dear Mary,", "Dear With,"), "Unfortunately we chose others.", "Withdrawal"),
    ],
)
def test_no_name_changes_what_a_subject_says(
    names: tuple[str, ...], body: str, subject: str
) -> None:
    assert len({_judged(one, body, subject).verdict for one in names}) == 1


@pytest.mark.parametrize(
    ("quoted", "is_shared"), [("> 佐藤様\n> ご連絡ください。", False), ("> 応募します。", True)]
)
def test_a_mail_that_quotes_the_name_is_judged_in_its_own_words(
    quoted: str, is_shared: bool
) -> None:
    judged = _judged("佐藤様", f"{REFUSED}\n\n{quoted}", "選考結果")
    assert judged.reading is not None
    assert bool(judged.reading.renamed.names) is is_shared


@pytest.mark.parametrize(
    "greeting", ["Dear Career,", "Dear Career Relay,", "キャリア リレー様", "佐藤 翔様"]
)
def test_no_name_hides_a_block(greeting: str) -> None:
    raw = mail(_leaf("plain", f"{greeting}\n\n{REFUSED}\n"))
    outcome = place_block(raw, scan(raw), write_block)
    assert isinstance(outcome, Injection)
    edited = apply_edits(raw, outcome.edits)
    assert place_block(edited, scan(edited), write_block) is Why.ALREADY_LINKED


def test_bare_addresses_are_looked_for_in_linear_time() -> None:
    assert _BARE_ADDRESS.sub("@", "a@b.example " * 3) == "@ @ @ "
    # a million characters that hold no address: quadratic, it would take minutes
    assert _BARE_ADDRESS.sub("@", "@ " + "a" * 1_000_000) == "@ " + "a" * 1_000_000
