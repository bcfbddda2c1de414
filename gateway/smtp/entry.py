"""Who may send as whom: the proofs a client shows, and the company its mail is taken for."""

from dataclasses import dataclass

from gateway.core.access import Proofs, Way
from gateway.core.path import Path, may_send_as
from gateway.reply import Reply
from gateway.smtp.client import Client
from gateway.smtp.received import Directory
from gateway.store.company_records import CompanyRecord
from gateway.store.credentials import Credential, find_routing_key

LOGIN_FIRST = Reply(530, "5.7.0 Authentication required")
NOT_THIS_WAY = Reply(550, "5.7.1 This company does not send this way")
_NOT_YOURS = Reply(550, "5.7.1 Sender address does not belong to this login")
_WHOSE = Reply(550, "5.7.1 Several companies send from here: a report needs a login")
_NO_KEY = Reply(550, "5.7.1 Routing key missing or wrong")


@dataclass(frozen=True, slots=True)
class Entry:
    """A company, and its routing keys: the mail must carry one of them, unless there are none."""

    record: CompanyRecord
    keys: tuple[Credential, ...] = ()

    def refuse(self, values: tuple[str, ...], directory: Directory) -> Reply | None:
        """Return why a mail with these routing header values is refused, None when it may enter."""
        if not self.keys:
            return None
        found = find_routing_key(values, self.keys)
        if found is None:
            return _NO_KEY
        directory.note_use(found)
        return None


def find_entry(directory: Directory, client: Client, path: Path) -> Entry | Reply:
    """Return the company that `client` may send as with the reverse-path `path`, or why not.

    With a login it is that company; else the owner of the path's domain among those whose
    networks or certificates match the client. The routing header only comes with the message: the
    next hop is chosen before that, and the message is refused when the header is missing.
    """
    entries = [entry for entry in _entries(directory, client) if entry is not None]
    if not entries:
        return NOT_THIS_WAY if client.login or is_known(directory, client) else LOGIN_FIRST
    owned = [entry for entry in entries if may_send_as(entry.record.company, path)]
    if not owned:
        client.about = path
        return _NOT_YOURS
    return owned[0] if len(owned) == 1 else _WHOSE


def is_known(directory: Directory, client: Client) -> bool:
    """Tell whether the client has shown any proof of who it is."""
    return client.login is not None or bool(directory.known_at(client.peer, client.certificate))


def _entries(directory: Directory, client: Client) -> list[Entry | None]:
    if client.login is None:
        known = directory.known_at(client.peer, client.certificate)
        return [_entry(directory, client, record, frozenset()) for record in known]
    if not directory.is_valid(client.login):
        client.login = None
        return []
    record = directory.current(client.login.record)
    return [_entry(directory, client, record, frozenset({Way.PASSWORD}))]


def _entry(
    directory: Directory, client: Client, record: CompanyRecord, shown: Proofs
) -> Entry | None:
    shown |= record.access.proofs_of(client.peer, client.certificate)
    if record.access.admits(shown):
        return Entry(record)
    keys = directory.keys(record)
    if keys and record.access.admits(shown | {Way.HEADER}):
        return Entry(record, keys)
    return None
