"""Ask DNS again, once a day, whether the domains of companies are still their own."""

import logging

from gateway.core.proof import is_proven, record_name, record_text
from gateway.resolver import DnsError
from gateway.store.announce import News, announce
from gateway.store.domain_proofs import ProofKind, miss_proof, proofs_to_ask, save_proof
from gateway.store.engine import reading_session, writing_session
from gateway.store.outbox import Event
from workers.tools import Tools

log = logging.getLogger(__name__)

_ACTOR = "the relay"


def prove_again(tools: Tools) -> int:
    """Ask for every record that nobody asked for within a day; return how many DNS answered.

    DNS that does not answer says nothing: the next round asks again.
    """
    with reading_session(tools.engine)() as session:
        due = proofs_to_ask(session, tools.now())
    return sum(_ask_apart(tools, company_id, domain) for company_id, domain in due)


def _ask_apart(tools: Tools, company_id: int, domain: str) -> bool:
    """Ask for one record; what goes wrong with it keeps nobody from asking for the others."""
    try:
        return _ask(tools, company_id, domain)
    except Exception as error:  # noqa: BLE001  it is asked for again in the next round
        log.warning("company %d: a proof was not written: %s", company_id, type(error).__name__)
        return False


def _ask(tools: Tools, company_id: int, domain: str) -> bool:
    try:
        found = tools.proofs.resolver.txt(record_name(domain))
    except DnsError as error:
        log.info("company %d: %s", company_id, error)
        return False
    text = record_text(tools.proofs.key, company_id, domain)
    with writing_session(tools.engine).begin() as session:
        now = tools.now()
        if is_proven(found, text):
            save_proof(session, company_id, domain, ProofKind.DNS, _ACTOR, now)
        elif miss_proof(session, company_id, domain, _ACTOR, now):
            facts = {"domain": domain, "record": record_name(domain), "text": text}
            cause = f"proof:{domain}:{now.date()}"
            announce(session, company_id, News(Event.DOMAIN_PROOF_LOST, cause, facts), now)
            log.warning("company %d: the proof of %s is lost", company_id, domain)
    return True
