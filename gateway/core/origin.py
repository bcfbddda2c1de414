"""What people's answers are remembered by: the sender and the subject of a mail as one keyed hash.

A mail whose verdict a person denied stands for others: the same sender writes the same subject
again. Neither is kept, only what both come to under the installation's secret.
"""

from dataclasses import dataclass
from typing import NewType

from gateway.core.candidate import normalise
from gateway.core.envelope import Address
from gateway.core.keyed import keyed_hash
from gateway.core.wording import form_of

Origin = NewType("Origin", str)
"""128 bits in hexadecimal digits, bound to one company and one secret."""

MOST_ANSWERS = 50
"""Of one company are kept by their mails' origin; the newest win."""


def find_origin(sender: Address, subject: str, key: bytes, company_id: int) -> Origin | None:
    """Return the origin of a mail; None when nothing is left of its subject but names and numbers.

    subject  as it is read: decoded, NFKC, empty when there is none

    The sender counts in lower case without a sub-address, the subject without reply marks, names,
    companies, dates and numbers.
    """
    form = form_of(subject)
    if not form:
        return None
    basis = f"origin\0{company_id}\0{normalise(sender)}\0{form}"
    return Origin(keyed_hash(key, basis.encode("utf-8", "replace")).hex()[:32])


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
