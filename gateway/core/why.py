"""The one list of reasons: what the log, `explain`, the pages and the metrics say of a mail."""

import enum


class Action(enum.StrEnum):
    """What happened to a mail's bytes."""

    INJECTED = "injected"
    PASSED = "passed"


class Why(enum.StrEnum):
    """The reason behind an action, one word group per reason, the same everywhere."""

    # the link went in, or would have
    LINK_ADDED = "link-added"
    OBSERVED = "observed"  # observe mode: everything was decided, nothing was changed

    # who sends it, who gets it
    NULL_SENDER = "null-sender"  # a bounce or report (RFC 5321 section 4.5.5)
    NOT_A_RECRUITING_SENDER = "not-a-recruiting-sender"
    FOREIGN_FROM = "foreign-from"  # From is not of the company's domains
    UNPROVEN_DOMAIN = "unproven-domain"  # nobody has shown that the domain is the company's
    ODD_FROM = "odd-from"  # two readers could disagree about whose mail it says it is
    NO_OUTSIDE_RECIPIENT = "no-outside-recipient"
    SEVERAL_VISIBLE_RECIPIENTS = "several-visible-recipients"  # candidates see each other
    SEVERAL_CANDIDATES = "several-candidates"  # in the envelope (Bcc): a copy for each
    TOO_MANY_CANDIDATES = "too-many-candidates"  # more than copies are made of one mail
    SENT_BEFORE = "sent-before"  # this copy left at an earlier attempt, so not once more
    ROLE_RECIPIENT = "role-recipient"  # info@, noreply@: nobody to refer
    OPTED_OUT = "opted-out"
    OVERRIDE_OFF = "override-off"  # the company's own system said so: X-Career-Relay: off

    DISCOURTEOUS = "discourteous"  # refused: the company lets no mail go with what was found
    BRAKED = "braked"  # the company's brake holds it, or an administrator refused it

    # what the text says
    NOT_A_REJECTION = "not-a-rejection"
    POSSIBLE_REJECTION = "possible-rejection"  # doubtful: passed and listed for review

    # what must never be touched
    SIGNED = "signed"  # S/MIME or PGP: changing one byte would break it
    ENCRYPTED = "encrypted"
    RIGHTS_MANAGED = "rights-managed"
    SEALED = "sealed"  # ARC (RFC 8617)
    CALENDAR = "calendar"
    REPORT = "report"  # DSN, MDN and their kin (RFC 3462)
    AUTO_REPLY = "auto-reply"  # Auto-Submitted (RFC 3834)
    MAILING_LIST = "mailing-list"  # List-Id (RFC 2919)
    PARTIAL = "partial"  # message/partial (RFC 2046 section 5.2.2)
    TNEF = "tnef"
    ATTACHED_MAIL = "attached-mail"
    NO_TEXT = "no-text"
    TOO_LARGE = "too-large"
    ODD_STRUCTURE = "odd-structure"  # two readers could disagree about what a person sees
    ODD_ENCODING = "odd-encoding"  # the leaf does not decode under its own label
    CHARSET = "charset"  # the block cannot be written in the leaf's charset
    NO_PLACE = "no-place"  # no spot where the block is surely seen as the company's own text
    ALREADY_LINKED = "already-linked"  # a link block is in the text
    ALREADY_RELAYED = "already-relayed"  # a genuine trace header of ours is on top

    NEXT_HOP_SIZE = "next-hop-size"  # with the block it is larger than the next hop takes
    NEXT_HOP_EIGHT_BIT = "next-hop-eight-bit"  # with the block it is 8-bit, and no 8-bit mail goes

    # faults: the mail goes on as it came
    CHECK_FAILED = "check-failed"  # the edited mail did not pass the check before sending
    SIGNING_FAILED = "signing-failed"  # the relay should have signed it with DKIM and could not
    FAULT = "fault"
