"""The same thing in Japanese and English: what every table of words is made of."""

from typing import NamedTuple

from gateway.core.company import Language


class Pair(NamedTuple):
    """The same thing in both languages."""

    ja: str
    en: str

    def say(self, language: Language) -> str:
        """Return it in `language`."""
        return self.ja if language is Language.JA else self.en
