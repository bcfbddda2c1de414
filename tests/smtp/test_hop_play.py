"""A next hop does odd things at odd places: the sender is told who has a mail."""

import random

import pytest

from tests.smtp.conftest import StartGateway
from tests.smtp.gateways import SENDER, Gateway
from tests.smtp.sink import Sink

MAILS = 30
ODD = (
    *("421 4.7.0 Go away", "450 4.2.1 Later", "550 5.1.1 Nobody", "354 go on", "nonsense"),
    *(
        "250 2.1.5 Yes\n250 2.1.5 Yes",
        "550 5.1.1 No\n550 5.1.1 No",
        "250 2.1.5 Yes\n421 4.4.2 Idle",
    ),
)


def _upset(sink: Sink, dice: random.Random, number: int) -> None:
    """Have the next hop do something odd with some commands of a mail."""
    sink.answers.clear()
    sink.drops.clear()
    recipients = [b"RCPT TO:<M%d-%d@" % (number, place) for place in range(6)]
    for prefix in (b"MAIL", b"DATA", b"RSET", b".", *recipients):
        luck = dice.random()
        if luck < 0.12:
            sink.answers[prefix] = dice.choice(ODD)
        elif luck < 0.15:
            sink.drops.add(prefix)


def _send(gateway: Gateway, dice: random.Random, number: int) -> set[bytes]:
    """Send one mail, perhaps not to its end; return who was said to have it."""
    names = [b"<m%d-%d@outside.example>" % (number, n) for n in range(dice.randint(1, 6))]
    commands = [b"MAIL FROM:<%s>" % SENDER.encode(), *(b"RCPT TO:" + name for name in names)]
    if dice.random() < 0.2:
        commands.insert(dice.randrange(len(commands)), dice.choice([b"RSET", b"NOOP", b"MAIL"]))
    accepted: set[bytes] = set()
    with gateway.wire() as wire:
        wire.send(b"".join(command + b"\r\n" for command in (*commands, b"DATA")))
        if dice.random() < 0.15:
            return set()  # the client is gone
        for command in commands:
            is_taken = wire.reply().startswith("250")
            if command == b"RSET":
                accepted.clear()
            elif is_taken and command.startswith(b"RCPT"):
                accepted.add(command.removeprefix(b"RCPT TO:"))
        is_wanted = wire.reply().startswith("354")
        has_left = is_wanted and wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    return accepted if has_left else set()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_next_hop_does_a_mail_is_where_the_sender_was_told(
    start: StartGateway, sink: Sink, seed: int
) -> None:
    sink.offers = sink.offers if seed % 3 else ("8BITMIME",)  # commands together, or one by one
    gateway, dice = start(), random.Random(seed)
    for number in range(MAILS):
        _upset(sink, dice, number)
        before = len(sink.mails)
        told = _send(gateway, dice, number)
        assert {name for mail in sink.mails[before:] for name in mail.rcpt_to} == told
        if told:
            known = gateway.relay.mails[-1].envelope.recipients
            assert {b"<%s>" % one.encode() for one in known} == told
    assert len(sink.mails) > MAILS / 10
    sink.answers.clear()
    sink.drops.clear()
    with gateway.wire() as wire:
        wire.begin_data()
        assert wire.ask(b"Subject: x\r\n\r\nhello\r\n.").startswith("250")
    (pool,) = gateway.hops._routes.values()
    sink.wait_until(lambda: pool._free._value == pool.route.settings.most_connections)
