"""Call a webhook as https://www.standardwebhooks.com has it, at an address that was looked at.

The name is resolved here, every address is judged, and the connection goes to one of those very
addresses: a name that resolves to something else a moment later leads nowhere else. No redirect
is followed, no proxy of the environment is used, and no more of the answer than its status is
read.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from datetime import UTC, datetime
from urllib.parse import SplitResult

from gateway.core.hook_address import is_public, read_hook_url
from gateway.store.outbox import Notification
from gateway.store.webhooks import Endpoint, bound_to
from workers.facts import Facts
from workers.tools import Hooks

_GONE = 410
_MOST_BODY = 20 << 10
_MOST_ADDRESSES = 2


class HookRefused(Exception):  # noqa: N818  it is an answer, as NextHopRefused is
    """The webhook did not take it; the text is a status code or our own word for it."""


class Gone(HookRefused):
    """It wants to hear no more (410), or was disabled meanwhile."""


def call(hooks: Hooks, endpoint: Endpoint, claimed: Notification, facts: Facts) -> str:
    """Post the notification; return the status of the answer.

    Raises HookRefused for an answer that is not 2xx or an address that is not public, Gone for
    410; OSError and http.client.HTTPException when nobody answers in time.
    """
    if endpoint.disabled_at is not None:
        raise Gone("disabled")
    now = datetime.now(UTC)
    owner = bound_to(endpoint.company_id)
    keys = [hooks.seal.unlock(sealed, owner) for sealed in endpoint.secrets_at(now)]
    body = write_body(claimed, facts)
    message_id, at = f"msg_{claimed.message_id}", int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "user-agent": "career-relay",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(sign(key, message_id, at, body) for key in keys),
    }
    url = read_hook_url(endpoint.url, allow_http=hooks.is_local_allowed)
    status = _post(hooks, url, body, headers)
    if status == _GONE:
        raise Gone(str(status))
    if not 200 <= status < 300:
        raise HookRefused(str(status))
    return str(status)


def write_body(claimed: Notification, facts: Facts) -> bytes:
    """Return the event as JSON: type, time of the cause, and the sums; no person."""
    data = {**facts.values, "company_id": claimed.company_id}
    del data["candidate"]  # masked, and still of a person: for the company's own mail alone
    event = {
        "type": claimed.event.value.replace("-", "."),
        "timestamp": claimed.created_at.isoformat(),
        "data": data,
    }
    body = json.dumps(event, ensure_ascii=False).encode()
    if len(body) > _MOST_BODY:
        raise HookRefused("too large")
    return body


def sign(secret: bytes, message_id: str, at: int, body: bytes) -> str:
    """Return the signature header: HMAC-SHA256 of "id.timestamp.body" in Base64."""
    content = b"%s.%d.%s" % (message_id.encode(), at, body)
    return "v1," + base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()


def _post(hooks: Hooks, url: SplitResult, body: bytes, headers: dict[str, str]) -> int:
    """Post to one of the host's own addresses; return the answer's status."""
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    target = f"{url.path or '/'}{'?' if url.query else ''}{url.query}"
    with contextlib.closing(_wrap(hooks, _connect(hooks, host, port), url)) as sock:
        # A server that sends a byte now and then passes every timeout of the socket but this one.
        timer = threading.Timer(hooks.timeout_seconds, _cut_off, (sock,))
        timer.daemon = True
        timer.start()
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            connection = http.client.HTTPConnection(host, port)
            connection.sock = sock
            with contextlib.closing(connection):
                connection.request("POST", target, body, headers)
                return connection.getresponse().status
        finally:
            timer.cancel()


def _wrap(hooks: Hooks, raw: socket.socket, url: SplitResult) -> socket.socket:
    """Return the socket to talk by: with https one that is to shake hands.

    `raw` is empty from then on: to cut it off would cut nothing.
    """
    if url.scheme != "https":
        return raw
    try:
        return hooks.tls.wrap_socket(
            raw, server_hostname=url.hostname, do_handshake_on_connect=False
        )
    except (OSError, ValueError):  # a name that is none in a certificate
        raw.close()
        raise


def _connect(hooks: Hooks, host: str, port: int) -> socket.socket:
    """Connect to the first address of `host` that answers; all of them must be public.

    Raises HookRefused when one is not, OSError when none answers.
    """
    addresses = hooks.resolve(host, port)
    if not hooks.is_local_allowed and not all(map(is_public, addresses)):
        raise HookRefused("address not public")
    failed: OSError = ConnectionRefusedError()
    for address in addresses[:_MOST_ADDRESSES]:
        try:
            return socket.create_connection(
                (str(address), port), hooks.timeout_seconds / _MOST_ADDRESSES
            )
        except OSError as error:
            failed = error
    raise failed


def _cut_off(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # SSLSocket's own would first forget that there is TLS, while another thread reads.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
