"""The block follows the language of the text."""

import pytest

from gateway.core.company import Language
from gateway.core.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("選考の結果、不採用となりました。", Language.JA),
        ("Java エンジニア職の選考の結果", Language.JA),
        ("ｻﾝﾌﾟﾙ", Language.JA),
        ("Thank you for applying to 株式会社サンプル. We chose another candidate.", Language.EN),
        ("很遗憾，您未通过本次面试。", Language.EN),
        ("", Language.EN),
        ("다음 기회에 다시 뵙기를 바랍니다.", Language.EN),
    ],
)
def test_the_language_is_that_of_most_of_the_text(text: str, language: Language) -> None:
    assert language_of(text) is language
