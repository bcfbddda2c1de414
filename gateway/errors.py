"""What can go wrong, and what the sender is told: replies to faults are made here alone."""

from gateway.reply import Reply


class CareerRelayError(Exception):
    """An error that tells the person at the keyboard what is wrong and what to do next."""


class SettingError(CareerRelayError):
    """A setting is missing or wrong; the text names variable, expected shape and an example."""


class NotFoundError(CareerRelayError):
    """A company, referral or file that was named does not exist."""


class TakenError(CareerRelayError):
    """A name, domain or port is in use already."""


class TryLaterError(Exception):
    """The sender keeps the message and tries again (RFC 5321 section 4.2.1)."""

    reply = Reply(451, "4.3.0 Temporary failure, message not accepted")


class StoreUnavailableError(TryLaterError):
    """The database did not answer, is locked, full or read-only."""


class NextHopLostError(TryLaterError):
    """The next hop could not be reached, or the connection to it broke."""

    reply = Reply(451, "4.4.1 Next hop not available, message not accepted")


class NextHopBusyError(TryLaterError):
    """The next hop already has as many mails in hand as it may have, and none finished in time."""

    reply = Reply(451, "4.3.2 Too many mails on their way to the next hop, message not accepted")


def reply_for(error: BaseException) -> Reply:
    """Return the reply for `error`; unknown errors are temporary (451), and no details are told."""
    return error.reply if isinstance(error, TryLaterError) else TryLaterError.reply
