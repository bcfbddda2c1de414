"""What people's answers are remembered by: the sender and the subject of a mail as one keyed hash.

A mail whose verdict a person denied stands for others: the same sender writes the same subject
again. Neither is kept, only what both come to under the installation's secret.
"""

from gateway.core.answer import Origin
from gateway.core.candidate import normalise
from gateway.core.envelope import Address
from gateway.core.keyed import keyed_hash
from gateway.core.wording import form_of


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
