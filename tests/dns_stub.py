"""A DNS server on 127.0.0.1 that knows TXT records and nothing else."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from gateway.settings import HostPort


@dataclass
class DnsStub:
    """Where it listens and what it says: name without a final dot -> TXT records."""

    address: HostPort
    records: dict[str, list[str]] = field(default_factory=dict)
    is_failing: bool = False


class _Server(socketserver.ThreadingUDPServer):
    stub: DnsStub


class _Query(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, sock = self.request
        stub = self.server.stub  # type: ignore[attr-defined]
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        question = query.question[0]
        texts = stub.records.get(question.name.to_text(omit_final_dot=True).lower())
        if stub.is_failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif texts is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT:
            quoted = [f'"{text}"' for text in texts]
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", "TXT", quoted))
        sock.sendto(answer.to_wire(), self.client_address)


@contextmanager
def running_dns() -> Iterator[DnsStub]:
    """Run the server on a free port until the block is left."""
    with _Server(("127.0.0.1", 0), _Query) as server:
        host, port = server.server_address[:2]
        server.stub = DnsStub(HostPort(str(host), int(port)))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.stub
        finally:
            server.shutdown()
            thread.join()
