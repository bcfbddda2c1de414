"""Every knob, read once at start: variable, default and meaning side by side."""

import re
import secrets
import socket
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    NonNegativeInt,
    PlainSerializer,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.core.network import Network, read_network
from gateway.errors import SettingError
from gateway.host_port import HostPort, parse_host_port

__all__ = [
    "ENV_PREFIX",
    "HERE",
    "HostPort",
    "Settings",
    "load_settings",
    "parse_host_port",
    "read_secret",
]

_POSTGRESQL = re.compile(r"^postgres(ql)?://")
ENV_PREFIX = "CAREER_RELAY_"
HERE = Path(__file__).resolve().parent.parent
"""The folder that holds gateway/, templates/ and migrations/, in a checkout and when installed."""

Endpoint = Annotated[
    HostPort, NoDecode, BeforeValidator(parse_host_port), PlainSerializer(str, return_type=str)
]


def parse_networks(value: Any) -> Any:
    """Return the networks that `value` ("192.0.2.0/24,2001:db8::1") names.

    Raises ValueError saying what is wrong.
    """
    if not isinstance(value, str):
        return value
    return tuple(read_network(text) for text in value.split(",") if text.strip())


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(parse_networks)]


class Settings(BaseSettings):
    """Every knob, read once at start; a change means a restart."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_file=".env", frozen=True, extra="ignore"
    )

    data_dir: Path = Field(
        Path("var"),
        description="Folder for the SQLite ledger and the generated secrets.",
        examples=["/var/lib/career-relay"],
    )
    database_url: str | None = Field(
        None,
        pattern=r"^(sqlite:///.|postgres(ql)?(\+psycopg)?://.)",
        description="Address of the ledger, PostgreSQL or SQLite; without it SQLite in the "
        "data folder.",
        examples=["postgresql+psycopg://relay:secret@127.0.0.1/relay"],
    )
    redis_url: str | None = Field(
        None,
        pattern=r"^(rediss?|unix)://.",
        description="Redis that wakes the workers; without it they run in the same process.",
        examples=["redis://127.0.0.1:6379/0"],
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="Key of tokens and hashes, the same for every process, kept for ever; "
        "without it one is generated into the data folder.",
        examples=["what `openssl rand -hex 32` prints"],
    )
    admin_password: SecretStr | None = Field(
        None,
        min_length=12,
        description="Password of the admin pages; without it one is made in the data folder.",
        examples=["a-long-passphrase"],
    )
    smtp_listen: Endpoint = Field(
        HostPort("127.0.0.1", 2525),
        description="Where companies' mail servers connect.",
        examples=["0.0.0.0:587"],
    )
    web_listen: Endpoint = Field(
        HostPort("127.0.0.1", 8025),
        description="Where the web pages are served.",
        examples=["0.0.0.0:8025"],
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description="Address of the web pages as candidates reach it, the start of every link; "
        "without it the listening address.",
        examples=["https://relay.example.jp"],
    )
    hostname: str = Field(
        default_factory=socket.gethostname,
        pattern=r"^[A-Za-z0-9.\-]+$",
        description="Name in the greeting, in EHLO and in Received.",
        examples=["relay.example.jp"],
    )
    tls_certificate: Path | None = Field(
        None,
        description="PEM file with the certificate chain for STARTTLS.",
        examples=["/etc/career-relay/fullchain.pem"],
    )
    tls_key: Path | None = Field(
        None,
        description="PEM file with the private key for STARTTLS.",
        examples=["/etc/career-relay/privkey.pem"],
    )
    tls_client_ca: Path | None = Field(
        None,
        description="PEM file with the authorities whose client certificates identify a company by "
        "a name in them.",
        examples=["/etc/career-relay/clients.pem"],
    )
    smtps_listen: Endpoint | None = Field(
        None,
        description="Where companies' mail servers connect with TLS from the first byte "
        "(RFC 8314); without it nowhere.",
        examples=["0.0.0.0:465"],
    )
    gateway_processes: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes of `career-relay gateway` that share its port, say one per core.",
        examples=["4"],
    )
    proxy_from: Networks = Field(
        (),
        description="Load balancers that must send the PROXY protocol, version 1 or 2.",
        examples=["192.0.2.10,2001:db8::/64"],
    )
    xforward_from: Networks = Field(
        (),
        description="Mail servers whose XFORWARD is believed, for Received only.",
        examples=["127.0.0.1,192.0.2.0/24"],
    )
    max_message_bytes: PositiveInt = Field(
        50 << 20,
        description="Larger mail gets 552, and SIZE says so beforehand.",
        examples=["52428800"],
    )
    max_recipients: PositiveInt = Field(
        1000, description="More recipients in one mail get 452.", examples=["1000"]
    )
    max_copies: PositiveInt = Field(
        50,
        description="A rejection mail to several candidates (Bcc) leaves as a copy for each; to "
        "more candidates than this it passes as it came.",
        examples=["50"],
    )
    require_domain_proof: bool = Field(
        default=False,
        description="Mails of a company get links only from domains that it proved by DNS, or that "
        "the operator vouched for (`company prove`); the others pass as they came.",
        examples=["true"],
    )
    reviews_before_inject: NonNegativeInt = Field(
        20,
        description="How many verdicts of a company must be confirmed in a row before it may go "
        "from observe to inject mode (`career-relay review`), unless somebody says --unreviewed.",
        examples=["20"],
    )
    dns_server: Endpoint | None = Field(
        None,
        description="DNS server to ask for domain proofs; without it the system's.",
        examples=["127.0.0.1:53"],
    )
    max_connections: PositiveInt = Field(
        1000, description="More clients at once get 421.", examples=["1000"]
    )
    max_connections_per_peer: PositiveInt = Field(
        100, description="More clients at one address (IPv6: /64) get 421.", examples=["100"]
    )
    max_connections_per_company: PositiveInt = Field(
        200, description="More connections of one company get 421.", examples=["200"]
    )
    max_commands: PositiveInt = Field(
        100_000,
        description="After this many commands a client must connect again (421).",
        examples=["100000"],
    )
    max_idle_commands: PositiveInt = Field(
        100, description="Commands between two mails; more get 421.", examples=["100"]
    )
    max_errors: PositiveInt = Field(
        20,
        description="Wrong commands in one session; more get 421. Unknown recipients do not count.",
        examples=["20"],
    )
    max_login_failures: PositiveInt = Field(
        20,
        description="Failed logins from one address within a quarter of an hour; each makes the "
        "answer slower, more get 421.",
        examples=["20"],
    )
    max_header_bytes: PositiveInt = Field(
        512 << 10, description="A larger header gets 552.", examples=["524288"]
    )
    max_received_fields: PositiveInt = Field(
        100,
        description="More hops mean that a mail goes in circles: 554 (RFC 5321 section 6.3).",
        examples=["100"],
    )
    message_memory_bytes: PositiveInt = Field(
        512 << 20,
        description="Memory for all messages in flight, each counted three times; beyond it "
        "senders are told to try again later (452).",
        examples=["536870912"],
    )
    min_upload_bytes_per_second: PositiveFloat = Field(
        500.0,
        description="A slower message is cut off, measured over each command timeout.",
        examples=["500"],
    )
    command_timeout_seconds: PositiveFloat = Field(
        300.0,
        description="A client silent for longer is disconnected (RFC 5321 section 4.5.3.2.7).",
        examples=["300"],
    )
    next_hop_connect_seconds: PositiveFloat = Field(
        30.0, description="Wait for a connection to one next hop.", examples=["30"]
    )
    next_hop_greeting_seconds: PositiveFloat = Field(
        60.0,
        description="Wait for the next hop's banner, TLS and the answers to EHLO and AUTH; less "
        "than RFC 5321 suggests, so that another host can be tried while the sender waits.",
        examples=["60"],
    )
    next_hop_timeout_seconds: PositiveFloat = Field(
        240.0,
        description="Wait for the next hop's answer to MAIL or RCPT, and for trying all hosts; "
        "the sender waits 300 (RFC 5321 section 4.5.3.2).",
        examples=["240"],
    )
    next_hop_data_seconds: PositiveFloat = Field(
        120.0, description="Wait for the next hop's answer to DATA.", examples=["120"]
    )
    next_hop_block_seconds: PositiveFloat = Field(
        180.0, description="Wait until the next hop takes a block of the mail.", examples=["180"]
    )
    next_hop_dot_seconds: PositiveFloat = Field(
        600.0,
        description="Wait for the next hop's answer to the mail; a shorter one causes double mail.",
        examples=["600"],
    )
    next_hop_turn_seconds: PositiveFloat = Field(
        30.0,
        description="Wait for a free connection while the company uses all it may have; then 451.",
        examples=["30"],
    )
    offer_dsn: bool = Field(
        default=False,
        description="Offer DSN (RFC 3461); only when every company's next hop offers it.",
        examples=["true"],
    )
    notify_from: str | None = Field(
        None,
        pattern=r"^[^@\s<>]+@[^@\s<>]+$",
        description="Sender of notification mails; without it career-relay@ and the hostname.",
        examples=["career-relay@example.jp"],
    )
    notify_via: Endpoint | None = Field(
        None,
        description="SMTP server for notification mails; without it the company's own next hop.",
        examples=["127.0.0.1:25"],
    )
    webhook_to_private_addresses: bool = Field(
        default=False,
        description="Allow webhooks over plain http, and to addresses of this machine and its "
        "networks; only for trying things out.",
        examples=["true"],
    )
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Bearer token that a Prometheus on another machine must send to /metrics; "
        "without it only this machine is answered.",
        examples=["what `openssl rand -hex 16` prints"],
    )
    gateway_metrics_listen: Endpoint | None = Field(
        None,
        description="Where the SMTP side's own process answers /metrics with its counters; without "
        "it nowhere. CAREER_RELAY_METRICS_TOKEN holds there too.",
        examples=["127.0.0.1:8026"],
    )
    sweep_seconds: PositiveFloat = Field(
        10.0, le=30, description="Seconds between two looks for forgotten work.", examples=["10"]
    )
    log_json: bool = Field(
        default=False, description="Log one JSON object per line.", examples=["true"]
    )

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the ledger; `postgres://`, as hosters spell it, will do."""
        address = self.database_url or f"sqlite:///{self.data_dir / 'ledger.sqlite3'}"
        return _POSTGRESQL.sub("postgresql+psycopg://", address, count=1)

    @property
    def link_base(self) -> str:
        """The start of every link, without a final slash."""
        return (self.public_url or f"http://{self.web_listen.reachable}").rstrip("/")

    @property
    def notification_sender(self) -> str:
        """The reverse-path and From address of notification mails."""
        return self.notify_from or f"career-relay@{self.hostname}"


def load_settings(**overrides: Any) -> Settings:
    """Return the settings from environment and `.env`, with `overrides` that are not None on top.

    Raises SettingError naming every wrong variable, what was expected and an example.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingError("\n".join(_explain(problem) for problem in error.errors())) from None


def _explain(problem: Any) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else ""
    field = Settings.model_fields.get(name)
    variable = ENV_PREFIX + name.upper()
    expected = problem["msg"].removeprefix("Value error, ")
    if field is None:
        return f"{variable}: {expected}"
    example = field.examples[0] if field.examples else ""
    return f"{variable}: {expected}. {field.description} Example: {variable}={example}"


def read_secret(given: SecretStr | None, data_dir: Path, name: str, length_bytes: int = 32) -> str:
    """Return the secret `given`, else the one in file `name` of the data folder, made if missing.

    The file is readable by its owner only. Two processes that start at once agree: the first
    to create the file wins.

    Raises SettingError when the folder cannot be written.
    """
    if given is not None:
        return given.get_secret_value()
    try:
        return _read_or_make(data_dir, name, length_bytes)
    except OSError as error:
        raise SettingError(
            f"CAREER_RELAY_DATA_DIR: {data_dir} cannot hold {name} ({error.strerror}). "
            "Example: CAREER_RELAY_DATA_DIR=/var/lib/career-relay"
        ) from None


def _read_or_make(data_dir: Path, name: str, length_bytes: int) -> str:
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / name
    fresh = path.with_name(f".{name}.{secrets.token_hex(8)}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(length_bytes) + "\n", encoding="ascii")
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()
