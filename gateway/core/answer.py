"""What people said of a company's mails, and what follows for others of the same origin.

How an origin is found: gateway/core/origin.py.
"""

from dataclasses import dataclass
from typing import NewType

Origin = NewType("Origin", str)
"""128 bits in hexadecimal digits, bound to one company and one secret."""

MOST_ANSWERS = 50
"""Of one company are kept by their mails' origin; the newest win."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's word on a mail, which decides about others of its origin.

    mail          its id in the log
    is_rejection  the person's word
    was_taken     the relay had taken it for a rejection; else it was doubtful
    heard         the verdict rules that were heard in it
    """

    origin: Origin
    mail: str
    is_rejection: bool
    was_taken: bool
    heard: frozenset[str] = frozenset()

    @property
    def forbids(self) -> bool:
        """Whether it says that a mail of this origin was wrongly taken for a rejection."""
        return self.was_taken and not self.is_rejection


def find_denial(answers: tuple[Answer, ...], origin: Origin | None) -> Answer | None:
    """Return the answer that keeps links out of mails of this origin, if there is one."""
    return next((one for one in answers if one.origin == origin and one.forbids), None)


def find_confirmation(
    answers: tuple[Answer, ...], origin: Origin | None, heard: frozenset[str]
) -> Answer | None:
    """Return the answer that calls a doubtful mail like this one a rejection, if there is one.

    Like it is a mail of its origin in which the very same verdict rules are heard. Where people
    also said of a mail of the origin that it was none, nothing is sure and None is returned.
    """
    alike = [one for one in answers if one.origin == origin]
    if not heard or any(not one.is_rejection for one in alike):
        return None
    return next((one for one in alike if one.heard == heard), None)
