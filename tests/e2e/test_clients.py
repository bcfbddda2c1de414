"""Programs that companies send with log in over TLS, and their rejections get a link each."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.core.restore import restore
from gateway.demo.samples import SENDER, samples
from tests.certificates import Authority
from tests.e2e.conftest import add_company
from tests.e2e.program import links, new_installation
from tests.e2e.sink import Sink, running_sink
from tests.e2e.test_postfix import below_received
from tests.services import missing

LETTER = next(one for one in samples() if one.title.startswith("utf-8, base64"))


@dataclass(frozen=True)
class Relay:
    """The running relay, as a client is told of it."""

    folder: Path
    port: int
    user: str
    password: str
    authority: Path
    sink: Sink


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """Give a relay with a certificate for localhost, and a company."""
    folder, authority = tmp_path_factory.mktemp("clients"), Authority()
    names = ("ca.pem", "chain.pem", "key.pem")
    trusted, chain, key = (folder / name for name in names)
    for path, text in zip((trusted, chain, key), (authority.pem, *authority.issue("localhost"))):  # noqa: B905  as many
        path.write_text(text, "ascii")
    tls = {"CAREER_RELAY_TLS_CERTIFICATE": str(chain), "CAREER_RELAY_TLS_KEY": str(key)}
    data = folder / "data"
    data.mkdir()
    installation = new_installation(data, **tls)
    with running_sink() as sink:
        login = add_company(installation, sink)
        with installation.up():
            user, password = login["smtp_user"], login["smtp_password"]
            yield Relay(folder, installation.smtp.port, user, password, trusted, sink)


def run(program: str, *arguments: str, stdin: bytes = b"") -> None:
    """Run a client to its end; it must be content."""
    found = shutil.which(program)
    if found is None:
        missing(program)
    done = subprocess.run(
        [found, *arguments], input=stdin, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")


def msmtp(relay: Relay, recipient: str, raw: bytes) -> None:
    secret = relay.folder / "msmtp-password"
    secret.write_text(relay.password, "ascii")
    run(
        "msmtp",
        *("--host=localhost", f"--port={relay.port}", "--auth=plain", f"--user={relay.user}"),
        *(f"--passwordeval=cat {secret}", "--tls=on", "--tls-starttls=on"),
        *(f"--tls-trust-file={relay.authority}", f"--from={SENDER}", "--", recipient),
        stdin=raw.replace(b"\r\n", b"\n"),
    )


def swaks(relay: Relay, recipient: str, raw: bytes) -> None:
    letter = relay.folder / "swaks.eml"
    letter.write_bytes(raw.replace(b"\r\n", b"\n").removesuffix(b"\n"))  # it ends the line itself
    run(
        "swaks",
        *("--server", "localhost", "--port", str(relay.port), "-tls", "--tls-verify"),
        *("--tls-ca-path", str(relay.authority), "--auth", "LOGIN", "--auth-user", relay.user),
        *("--auth-password", relay.password, "--from", SENDER, "--to", recipient),
        *("--data", f"@{letter}"),
    )


EXIM = """\
exim_path = {program}
spool_directory = {folder}/spool
log_file_path = {folder}/exim-%slog
primary_hostname = mx.midori.example
exim_user = mail
exim_group = mail
keep_environment =
begin routers
relay:
  driver = manualroute
  route_list = * localhost::{port}
  self = send
  transport = relay
begin transports
relay:
  driver = smtp
  hosts_require_auth = *
  hosts_require_tls = *
  tls_verify_certificates = {authority}
  tls_verify_hosts = *
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  client_send = ^{user}^{password}
"""


def exim(relay: Relay, recipient: str, raw: bytes) -> None:
    """Send from a spool outside pytest's folders, which Exim's own user may not enter."""
    program = shutil.which("exim4", path="/usr/sbin:/opt/exim4/usr/sbin")
    if program is None or os.geteuid() != 0:
        missing("exim4, and root to run it,")
    with tempfile.TemporaryDirectory(prefix="cr-exim-") as name:
        folder = Path(name)
        authority = folder / "ca.pem"
        shutil.copyfile(relay.authority, authority)
        shutil.chown(folder, "mail", "mail")
        config = folder / "exim.conf"
        own = {"program": program, "folder": folder, "authority": authority, "port": relay.port}
        config.write_text(EXIM.format(**own, user=relay.user, password=relay.password), "ascii")
        arguments = ("-C", str(config), "-odf", "-i", "-f", SENDER, recipient)
        run(program, *arguments, stdin=raw.replace(b"\r\n", b"\n"))


NODEMAILER = """\
const [port, user, pass, ca, from, to] = process.argv.slice(1);
const fs = require('fs');
require('/usr/share/nodejs/nodemailer').createTransport({
  host: 'localhost', port, requireTLS: true, auth: {user, pass}, tls: {ca: fs.readFileSync(ca)},
}).sendMail({envelope: {from, to}, raw: fs.readFileSync(0)})
  .catch((error) => { console.error(error); process.exit(1); });
"""


def nodemailer(relay: Relay, recipient: str, raw: bytes) -> None:
    if not Path("/usr/share/nodejs/nodemailer").exists():
        missing("node-nodemailer")
    arguments = (str(relay.port), relay.user, relay.password, str(relay.authority))
    run("node", "-e", NODEMAILER, *arguments, SENDER, recipient, stdin=raw)


PHPMAILER = """\
require '/usr/share/php/libphp-phpmailer/autoload.php';
[, $port, $user, $password, $ca, $from, $to] = $argv;
$mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
$mail->isSMTP();
$mail->Host = 'localhost';
$mail->Port = $port;
$mail->SMTPAuth = true;
$mail->SMTPSecure = 'tls';
$mail->SMTPOptions = ['ssl' => ['cafile' => $ca]];
$mail->Username = $user;
$mail->Password = $password;
$mail->CharSet = 'utf-8';
$mail->setFrom($from);
$mail->addAddress($to);
$mail->Subject = '選考結果のご連絡';
$mail->Body = stream_get_contents(STDIN);
$mail->send();
"""

TEXT = """\
山田様

このたびはご応募いただき、誠にありがとうございました。
慎重に選考を重ねました結果、誠に残念ながら、今回は採用を見送らせていただくこととなりました。
末筆ながら、今後のご活躍をお祈り申し上げます。
"""


def phpmailer(relay: Relay, recipient: str, _raw: bytes) -> None:
    if not Path("/usr/share/php/libphp-phpmailer").exists():
        missing("libphp-phpmailer")
    arguments = (str(relay.port), relay.user, relay.password, str(relay.authority))
    run("php", "-r", PHPMAILER, "--", *arguments, SENDER, recipient, stdin=TEXT.encode())


@pytest.mark.parametrize("client", [msmtp, swaks, exim, nodemailer, phpmailer])
def test_a_client_logs_in_over_tls_and_its_rejection_gets_a_link(
    relay: Relay, client: Callable[[Relay, str, bytes], None]
) -> None:
    recipient = f"{client.__name__}@people.example"
    raw = LETTER.raw.replace(LETTER.recipient.encode(), recipient.encode())
    client(relay, recipient, raw)
    (came,) = relay.sink.to(recipient)
    assert came.mail_from == SENDER
    assert len(links(came.raw)) == 1
    if client is not phpmailer:  # it writes a mail of its own
        assert below_received(restore(came.raw)) == raw
