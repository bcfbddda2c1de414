"""Who gets a mail: candidates, each a person of their own, and everybody else."""

from dataclasses import dataclass

from gateway.core.candidate import is_of_role, normalise
from gateway.core.company import Company
from gateway.core.envelope import Address, Envelope, domain_of


@dataclass(frozen=True, slots=True)
class Recipients:
    """The recipients of one mail, sorted.

    people  outside candidates, each with all addresses of theirs in the envelope
    inside  in the company's own domains
    roles   outside mailboxes of a function (info@), who are nobody to refer
    """

    people: tuple[tuple[Address, ...], ...]
    inside: tuple[Address, ...]
    roles: tuple[Address, ...]

    def split(self, envelope: Envelope) -> tuple[Envelope, ...]:
        """Return an envelope for each candidate, and a last one for all others together.

        () when one mail serves everybody: nobody outside would get a link made for somebody else.
        """
        if len(self.people) + len(self.roles) < 2 or not self.people:
            return ()
        groups = (*self.people, self.inside + self.roles)
        return tuple(Envelope(envelope.reverse_path, group) for group in groups if group)


def sort_recipients(envelope: Envelope, company: Company) -> Recipients:
    """Return the recipients of `envelope` sorted, each group in the order given."""
    people: dict[str, list[Address]] = {}
    inside: list[Address] = []
    roles: list[Address] = []
    for address in envelope.recipients:
        if company.owns(domain_of(address)):
            inside.append(address)
        elif is_of_role(person := normalise(address)):
            roles.append(address)
        else:
            people.setdefault(person, []).append(address)
    return Recipients(tuple(map(tuple, people.values())), tuple(inside), tuple(roles))
