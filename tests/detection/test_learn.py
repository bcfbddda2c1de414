"""Learning: the same from the same mails, nothing from those that figures come from."""

from gateway.core.likeness import HEAD, PLACES
from tests.detection.learn import FILE, LEARNT, learn, lessons
from tests.detection.mails import Labelled, load

UNSEEN = ("final", "field_unseen", "blind_b", "blind_d", "blind_e", "blind_f")


def mail(number: int, body: str, *, is_rejection: bool) -> Labelled:
    label = "rejection" if is_rejection else "other"
    return Labelled(str(number), label, "x", "ja", "hr@a.example", "t@b.example", "ご連絡", body)


SOME = [
    *(mail(n, f"今回は採用を見送ります。担当{n}", is_rejection=True) for n in range(4)),
    *(mail(n, f"面接の日程をお送りします。担当{n}", is_rejection=False) for n in range(4, 8)),
]


def test_what_was_learnt_tells_the_lessons_apart() -> None:
    _, mails = lessons(SOME)
    bias, weights = learn(mails)
    odds = [
        bias + sum(weights[place] * value for place, value in zip(*one[:2], strict=True))
        for one in mails
    ]
    assert [each > 0 for each in odds] == [one.is_rejection for one in SOME]


def test_the_same_mails_teach_the_same() -> None:
    assert learn(lessons(SOME)[1]) == learn(lessons(SOME)[1])


def test_what_one_mail_alone_says_teaches_nothing() -> None:
    rarity, mails = lessons(SOME[:1])
    assert not any(rarity)
    assert not mails[0].places


def test_nothing_was_learnt_from_what_figures_come_from() -> None:
    assert set(LEARNT).isdisjoint(UNSEEN)
    taught = {one.body for part in LEARNT for one in load(part)}
    assert taught.isdisjoint(one.body for part in UNSEEN for one in load(part))


def test_the_file_has_a_place_for_every_sequence() -> None:
    assert FILE.stat().st_size == HEAD.size + 2 * PLACES
