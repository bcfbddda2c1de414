"""Put the workers together: a process of their own (Procfile), or threads inside another one."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import dramatiq
import redis
from dramatiq import Broker, Worker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine

from gateway.core.unsubscribe import Unsubscribe
from gateway.keys.sealing import Seal
from gateway.log_lines import set_up_logging
from gateway.nexthop import SEAL_PURPOSE
from gateway.render import Renderer
from gateway.resolver import DnsResolver
from gateway.settings import HERE, Settings, load_settings, read_secret
from gateway.store.engine import open_engine
from gateway.store.webhooks import WEBHOOK_SEAL
from workers.actors import declare
from workers.keep import keep
from workers.lead import Lead, first_then_led
from workers.prove import prove_again
from workers.sweep import deliver_due, settle_due
from workers.ticker import Ticker, Ticking
from workers.tools import Hooks, Post, Proofs, Tools
from workers.watch import Watch

_HEARTBEAT_TIMEOUT_MILLISECONDS = 10_000
_MAINTENANCE_ALWAYS = 1_000_000  # of a million commands: else nobody looks for a dead worker
_THREADS = 2
_WATCH_SECONDS = 60.0
_KEEP_SECONDS = 3600.0
_IDLE_MILLISECONDS = 200  # how soon an idle thread notices that it should stop


def start() -> Broker:
    """Build broker and tools for `dramatiq workers.boot:start`, once in each worker process.

    Without Redis the worker finds its work by sweeping only.

    Raises SettingError when a setting is wrong.
    """
    settings = load_settings()
    if settings.log_json:  # else Dramatiq's own lines, which name process and thread
        set_up_logging(as_json=True, with_process=True)
    tools = build_tools(settings, open_engine(settings.database))
    broker = open_broker(settings)
    declare(broker, tools)
    broker.add_middleware(build_periodic(settings, tools))
    dramatiq.set_broker(broker)
    return broker


def open_broker(settings: Settings) -> Broker:
    """Return the broker of `redis_url`, or one in memory when there is none.

    Each command waits a few seconds at most and is not tried again: Redis only wakes workers,
    and the sweep finds what it forgets. No Retries and no other default middleware: actors
    never fail, and the rows hold what is to be tried again.
    """
    if not settings.redis_url:
        return StubBroker(middleware=[])
    client = redis.Redis.from_url(
        settings.redis_url,
        socket_connect_timeout=1.0,
        socket_timeout=5.0,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisBroker(  # type: ignore[no-untyped-call]
        client=client,
        middleware=[],
        heartbeat_timeout=_HEARTBEAT_TIMEOUT_MILLISECONDS,
        maintenance_chance=_MAINTENANCE_ALWAYS,
    )


def build_tools(settings: Settings, engine: Engine) -> Tools:
    """Return what the actors need, from the settings."""
    secret = read_secret(settings.secret_key, settings.data_dir, "secret-key").encode()
    return Tools(
        engine=engine,
        renderer=Renderer(HERE / "templates"),
        post=Post(
            sender=settings.notification_sender,
            hostname=settings.hostname,
            admin_url=f"{settings.link_base}/admin",
            seal=Seal(secret, SEAL_PURPOSE),
            via=settings.notify_via,
        ),
        hooks=Hooks(
            Seal(secret, WEBHOOK_SEAL), is_local_allowed=settings.webhook_to_private_addresses
        ),
        unsubscribe=Unsubscribe(secret, settings.link_base),
        proofs=Proofs(secret, DnsResolver(settings.dns_server)),
        now=functools.partial(datetime.now, UTC),
    )


def build_periodic(settings: Settings, tools: Tools) -> Ticking:
    """Return the periodic work: of all workers on this database one does it.

    Each piece has its own thread: a server that is slow to take mail delays no credit.
    """
    lead = Lead(tools)
    pieces: tuple[tuple[str, float, Callable[[], object]], ...] = (
        ("sweep-settle", settings.sweep_seconds, lambda: settle_due(tools)),
        ("sweep-deliver", settings.sweep_seconds, lambda: deliver_due(tools)),
        ("watch", _WATCH_SECONDS, Watch(tools).look),
        ("keep", _KEEP_SECONDS, lambda: keep(tools)),
        ("prove", _KEEP_SECONDS, lambda: prove_again(tools)),
    )
    tickers = tuple(
        Ticker(name, seconds, first_then_led(act, lead.is_held)) for name, seconds, act in pieces
    )
    return Ticking(lead, tickers)


@contextlib.contextmanager
def embedded(settings: Settings, engine: Engine) -> Iterator[Broker]:
    """Run the workers as threads of this process; yields the broker that wakes them.

    engine  the process's own; it stays open

    On leaving, work in progress is finished; what still waits is left to the next start, which
    finds it in the database.
    """
    broker = StubBroker(middleware=[])
    tools = build_tools(settings, engine)
    declare(broker, tools)
    broker.add_middleware(build_periodic(settings, tools))
    worker = Worker(broker, worker_threads=_THREADS, worker_timeout=_IDLE_MILLISECONDS)
    worker.start()
    try:
        yield broker
    finally:
        worker.stop()
