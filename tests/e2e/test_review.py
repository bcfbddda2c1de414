"""Reviews by command line, end to end: from observe mode to inject mode, and back at once."""

import urllib.request
from pathlib import Path

from gateway.demo.samples import COMPANY, SENDER, samples
from tests.e2e.conftest import add_company
from tests.e2e.program import Installation, links, new_installation
from tests.e2e.sink import Sink

MAILS = [(SENDER, sample.recipient, sample.raw) for sample in samples()]
NEEDED = {"CAREER_RELAY_REVIEWS_BEFORE_INJECT": "1"}


def test_observe_review_inject(tmp_path: Path, sink: Sink) -> None:
    installation = new_installation(tmp_path, **NEEDED)
    with installation.up():
        login = add_company(installation, sink, mode="observe")
        installation.send(login, MAILS[:1])
        assert sink.wait_for(lambda: len(sink.mails) == 1)
    assert not any(links(mail.raw) for mail in sink.mails)
    waiting = installation.lines("review", COMPANY)
    assert [each["why"] for each in waiting] == ["observed"]
    refused = installation.run("company", "mode", COMPANY, "inject")
    assert refused.returncode == 1
    assert b"0 of 1" in refused.stderr
    answer = installation.ask("review", COMPANY, waiting[0]["mail"], "--yes")
    assert (answer["in_a_row"], answer["wrong"]) == (1, 0)
    assert installation.run("company", "mode", COMPANY, "inject").returncode == 0
    with installation.up():
        installation.send(login, MAILS[:1])
    sent = [mail for mail in sink.mails if mail.mail_from == SENDER]
    assert [len(links(mail.raw)) for mail in sent] == [0, 1]


def test_a_false_injection_stops_the_company_and_withdraws_the_notice(
    installation: Installation, sink: Sink
) -> None:
    with installation.up():
        installation.send(add_company(installation, sink), MAILS[:1])
        (wrong,) = next(links(mail.raw) for mail in sink.mails if mail.mail_from == SENDER)
        (waiting,) = installation.lines("review", COMPANY)
        said = installation.ask("review", COMPANY, waiting["mail"], "--no")
        assert (said["is_new"], said["to_observe"]) == (True, True)
        with urllib.request.urlopen(wrong.decode()) as page:
            assert "取り下げられました" in page.read().decode()
    assert installation.ask("company", "show", COMPANY)["mode"] == "observe"


def test_a_command_that_says_half_an_answer_is_wrong(installation: Installation) -> None:
    for words in (("q-1",), ("q-1", "--yes")):
        done = installation.run("review", COMPANY, *words)
        assert done.returncode in {1, 2}
        assert b"Traceback" not in done.stderr
