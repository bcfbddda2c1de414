"""All tables under one name, for the migrations: importing this module imports each of them."""

from gateway.store.access import AccessRow
from gateway.store.block_templates import BlockTemplateRow
from gateway.store.brakes import BrakeRow
from gateway.store.company_rows import CompanyRow
from gateway.store.courtesy import CourtesyRow
from gateway.store.credentials import CredentialRow
from gateway.store.dkim_keys import DkimKeyRow
from gateway.store.domain_proofs import DomainProofRow
from gateway.store.foreign_from import ForeignFromRow
from gateway.store.holds import HoldRow
from gateway.store.hops import CompanyHopRow
from gateway.store.leases import LeaseRow
from gateway.store.ledger_rows import LedgerEntryRow
from gateway.store.letters import LetterRow
from gateway.store.mails import MailRow
from gateway.store.members import MemberRow, MutedRow
from gateway.store.outages import HopOutageRow
from gateway.store.outbox import NotificationRow
from gateway.store.recent_letters import RecentLetterRow
from gateway.store.referrals import ReferralRow
from gateway.store.retention import RetentionRow
from gateway.store.review_rows import ReviewRow
from gateway.store.rules import CountingRuleRow
from gateway.store.sent_copies import SentCopyRow
from gateway.store.tables import Base
from gateway.store.tuning import TuningRow
from gateway.store.webhooks import WebhookEndpointRow

TABLES = (
    AccessRow,
    BlockTemplateRow,
    CompanyHopRow,
    CompanyRow,
    CourtesyRow,
    CredentialRow,
    DkimKeyRow,
    CountingRuleRow,
    HoldRow,
    HopOutageRow,
    MailRow,
    RetentionRow,
    RecentLetterRow,
    ReviewRow,
    ReferralRow,
    LedgerEntryRow,
    LeaseRow,
    LetterRow,
    MemberRow,
    MutedRow,
    NotificationRow,
    SentCopyRow,
    DomainProofRow,
    ForeignFromRow,
    BrakeRow,
    TuningRow,
    WebhookEndpointRow,
)
METADATA = Base.metadata
