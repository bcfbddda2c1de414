"""A referral taken back, end to end: by its link and by a bounce; what its candidate then reads."""

import urllib.request

from gateway.demo.samples import COMPANY
from tests.e2e.conftest import add_company
from tests.e2e.program import Installation, links
from tests.e2e.sink import Sink
from tests.e2e.test_main_job import REJECTIONS, from_company

_BOUNCE = (
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\n"
)


def _read(link: str, language: str) -> str:
    with urllib.request.urlopen(f"{link}?lang={language}") as page:
        shown: bytes = page.read()
    return shown.decode()


def test_a_withdrawn_notice_says_so_and_its_point_is_gone(
    installation: Installation, sink: Sink
) -> None:
    with installation.up():
        installation.send(add_company(installation, sink), REJECTIONS[:3])
        installation.wait_for_points(COMPANY, 3)
        voided, bounced, left = (next(iter(links(raw))).decode() for raw in from_company(sink))
        assert "取り下げ" not in _read(voided, "ja")
        done = installation.ask("referral", "void", voided, "--reason", "an offer, no rejection")
        assert (done["is_new"], done["counted"]) == (True, 2)
        report = (
            _BOUNCE.format(REJECTIONS[1][1]).encode() + from_company(sink)[1] + b"\r\n--b--\r\n"
        )
        for before in (b"is withdrawn", b"is already withdrawn"):
            assert before in installation.run("referral", "bounce", stdin=report).stdout
        for link in (voided, bounced):
            assert "このご案内は取り下げられました" in _read(link, "ja")
            assert "This notice was withdrawn" in _read(link, "en")
        assert "取り下げ" not in _read(left, "ja")
        assert installation.ask("ledger", COMPANY)["counted"] == 1
    assert installation.run("ledger", "verify").returncode == 0
