"""Why a mail was treated as it was, in five lines a person understands; for terminal and pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.company import Language
from gateway.core.rules.spoken import spoken_label
from gateway.core.verdict import Evidence, Verdict
from gateway.core.why import Action, Why
from gateway.web.pair import Pair
from gateway.web.words import VERDICTS, WHY


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about a mail: as a plan has it, and the log."""

    verdict: Verdict
    score: float
    why: Why
    action: Action
    evidence: tuple[Evidence, ...]
    parts: tuple[str, ...]


_NOTHING = Pair(
    "変わることはありません。この種類のメールには決して手を加えません",
    "Nothing: mail of this kind is never touched",
)
_OTHER_FORM = Pair(
    "テキストまたは簡素なHTMLの普通のメールであれば、案内文を記載できます",
    "Another form of the mail: plain text, or simple HTML",
)
_MORE_REFUSAL = Pair(
    "明確な不採用の文、登録された不採用通知との一致、またはヘッダー X-Career-Relay: on が必要です",
    "A sentence that plainly refuses, a registered letter, or the header X-Career-Relay: on",
)

_ANSWER = Pair(
    "同じ送信者と件名のメールへの回答を変更すれば、本文で判定されます",
    "Another answer about the mail of the same sender and subject that was denied",
)

ADVICE: dict[Why, Pair] = {
    Why.LINK_ADDED: Pair(
        "ヘッダー X-Career-Relay: off を付けるか、観察モードにすれば、元のまま送信されます",
        "With the header X-Career-Relay: off, or in observe mode, the mail goes as it came",
    ),
    Why.OBSERVED: Pair(
        "差し込みモードにすれば、リンクが記載されます", "In inject mode the link goes in"
    ),
    Why.NOT_A_RECRUITING_SENDER: Pair(
        "送信者を採用連絡の送信者として登録すれば、判定されます",
        "Name the sender as one of the company's recruiting senders, and it is judged",
    ),
    Why.NO_OUTSIDE_RECIPIENT: Pair(
        "社外の候補者あてのメールであれば、判定されます",
        "A recipient outside the company's domains",
    ),
    Why.FOREIGN_FROM: Pair(
        "Fromを自社ドメインのアドレスにすれば、リンクを記載できます",
        "A From at one of the company's own domains",
    ),
    Why.ODD_FROM: Pair(
        "Fromを1つだけにし、自社ドメインのアドレスを1つだけ記載すれば、リンクを記載できます",
        "One From field, with one address at one of the company's own domains",
    ),
    Why.UNPROVEN_DOMAIN: Pair(
        "送信者のドメインの所有を確認すれば、リンクを記載できます(company prove)",
        "A proof of the sender's domain (company prove)",
    ),
    Why.TOO_MANY_CANDIDATES: Pair(
        "1通の候補者を減らせば、リンクを記載できます(CAREER_RELAY_MAX_COPIES)",
        "Fewer candidates in one mail (CAREER_RELAY_MAX_COPIES)",
    ),
    Why.SEVERAL_CANDIDATES: Pair(
        "変える必要はありません。候補者ごとのメールがそれぞれ判定されます",
        "Nothing needs to: the copy of each candidate is judged by itself",
    ),
    Why.NEXT_HOP_SIZE: Pair(
        "メールを小さくするか、次の配送先の上限を上げれば、リンクを記載できます",
        "A smaller mail, or a next hop that takes larger ones",
    ),
    Why.NEXT_HOP_EIGHT_BIT: Pair(
        "次の配送先が8BITMIMEに対応するか、テキスト部をbase64またはquoted-printableで送れば、リンクを"
        "記載できます",
        "A next hop that offers 8BITMIME, or text in base64 or quoted-printable",
    ),
    Why.BRAKED: Pair(
        "管理者が保留を解除すれば、送信されます",
        "An administrator who releases what the brake holds",
    ),
    Why.DISCOURTEOUS: Pair(
        "指摘された点を直して、もう一度お送りください",
        "Mend what was found, and send the mail again",
    ),
    Why.SEVERAL_VISIBLE_RECIPIENTS: Pair(
        "候補者お一人ずつに別々に送れば、リンクを記載できます",
        "A mail of its own for each candidate: they must not see each other",
    ),
    Why.ROLE_RECIPIENT: Pair(
        "個人のアドレスあてであれば変わります", "A person's own address as recipient"
    ),
    Why.OPTED_OUT: Pair(
        "変わることはありません。ご本人のご希望が優先されます",
        "Nothing: the candidate's wish stands",
    ),
    Why.OVERRIDE_OFF: Pair(
        "off の指定(ヘッダーまたは送信者アドレス)を外せば、本文で判定されます",
        "Without the word off, in header or sender address, the text is judged",
    ),
    Why.NOT_A_REJECTION: _MORE_REFUSAL,
    Why.POSSIBLE_REJECTION: _MORE_REFUSAL,
    Why.CHARSET: _OTHER_FORM,
    Why.NO_PLACE: _OTHER_FORM,
    Why.ODD_STRUCTURE: _OTHER_FORM,
    Why.ODD_ENCODING: _OTHER_FORM,
    Why.NO_TEXT: _OTHER_FORM,
    Why.TNEF: _OTHER_FORM,
    Why.ATTACHED_MAIL: _OTHER_FORM,
    Why.CHECK_FAILED: Pair(
        "運用者にお知らせください。メールは無事に送信されます",
        "Tell the operator; the mail itself is safe",
    ),
    Why.SIGNING_FAILED: Pair(
        "DKIMの設定を確認すれば変わります(docs/dkim.md)", "Check the DKIM setting (docs/dkim.md)"
    ),
    Why.FAULT: Pair(
        "運用者にお知らせください。メールは無事に送信されます",
        "Tell the operator; the mail itself is safe",
    ),
}
"""What would change the outcome; of a reason that is not here, nothing."""

_VERDICT = Pair(
    "判定: {verdict}(確度 {score:.2f}。リンクの記載は 0.80 以上)",
    "Verdict: {verdict}, score {score:.2f}; a link needs 0.80",
)
_FOR = Pair("主な根拠: {reason}", "Strongest reason: {reason}")
_AGAINST = Pair("反対の根拠: {reason}", "Against it: {reason}")
_ACTION = Pair("中継の処理: {action}。{why}", "What the relay does: {action}. {why}")
_CHANGE = Pair("変わる条件: {advice}", "What would change that: {advice}")
_NONE = Pair("なし", "none")
_ACTIONS: dict[Action, Pair] = {
    Action.INJECTED: Pair("リンクを記載する(パート {parts})", "puts the link in (part {parts})"),
    Action.PASSED: Pair(
        "元のまま1バイトも変えずに送る", "passes the mail byte for byte as it came"
    ),
}


def advice(why: Why, language: Language) -> str:
    """Return what would change an outcome with this reason."""
    return ADVICE.get(why, _NOTHING).say(language)


def five_lines(decided: Decided, language: Language) -> tuple[str, ...]:
    """Return verdict, strongest reason, what speaks against, what is done, what would change it.

    Own words only: nothing of the mail stands in them.
    """
    pro = [one for one in decided.evidence if one.weight > 0]
    contra = [one for one in decided.evidence if one.weight < 0 or _is_taken_back(one)]
    action = _ACTIONS[decided.action].say(language).format(parts=", ".join(decided.parts))
    return (
        _VERDICT.say(language).format(
            verdict=VERDICTS[decided.verdict].say(language), score=decided.score
        ),
        _FOR.say(language).format(reason=_strongest(pro, language)),
        _AGAINST.say(language).format(reason=_strongest(contra, language)),
        _ACTION.say(language).format(action=action, why=WHY[decided.why].say(language)),
        _CHANGE.say(language).format(advice=_advice(decided, language)),
    )


def _advice(decided: Decided, language: Language) -> str:
    denied = any(one.rule == "review.denied" for one in decided.evidence)
    return _ANSWER.say(language) if denied else advice(decided.why, language)


def _is_taken_back(one: Evidence) -> bool:
    return one.label.startswith("taken back")


def _strongest(evidence: Sequence[Evidence], language: Language) -> str:
    if not evidence:
        return _NONE.say(language)
    one = max(evidence, key=lambda each: abs(each.weight))
    return f"{spoken_label(one, language)} ({one.weight:+.2f}, {one.rule})"
