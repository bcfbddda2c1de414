"""The rules by which a company's referrals count: every version; the newest is in force.

Entries name the version by which they count, and the ledger's hashes cover that name. It holds a
digest of what the rule says, so a row that was rewritten is not the rule that entries name.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.credit import DEFAULT_RULE, CountAt, Rule
from gateway.errors import CareerRelayError
from gateway.store.tables import Base

_MOST = {"window_days": 36500, "hold_hours": 24 * 365, "burst_limit": 10**9, "slot_days": 36500}
_BEFORE_DIGEST = "."
_DIGEST_LENGTH = 16


class CountingRuleRow(Base):
    """One version of a company's rule; entries name it, so it is never changed."""

    __tablename__ = "counting_rule"
    __table_args__ = (UniqueConstraint("company_id", "number"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    number: Mapped[int]
    count_at: Mapped[str] = mapped_column(String(20))
    window_days: Mapped[int]
    hold_hours: Mapped[int]
    burst_limit: Mapped[int]
    slot_days: Mapped[int]
    since: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))


# Settling a referral runs it: built once.
_IN_FORCE = (
    select(CountingRuleRow)
    .where(
        CountingRuleRow.company_id == bindparam("company"),
        CountingRuleRow.since <= bindparam("moment"),
    )
    .order_by(CountingRuleRow.number.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule with the moment it began, and who set it."""

    rule: Rule
    since: datetime
    actor: str


def set_rule(
    session: Session, company_id: int, rule: Rule, actor: str, now: datetime
) -> RuleVersion:
    """Let a company's referrals count by `rule` from now on; its version is made here.

    Referrals relayed before keep the rule that was in force then. The same rule again is no new
    version.

    Raises CareerRelayError for numbers out of bounds.
    """
    _check(rule)
    versions = list_rules(session, company_id)
    newest = versions[-1].rule if versions else DEFAULT_RULE
    if _is_same(newest, rule):
        return versions[-1] if versions else RuleVersion(newest, now, actor)
    number = len(versions) + 1
    row = CountingRuleRow(
        company_id=company_id,
        number=number,
        count_at=rule.count_at.value,
        window_days=rule.window_days,
        hold_hours=rule.hold_hours,
        burst_limit=rule.burst_limit,
        slot_days=rule.slot_days,
        since=now,
        actor=actor[:200],
    )
    session.add(row)
    session.flush()
    return _version(row)


def list_rules(session: Session, company_id: int) -> tuple[RuleVersion, ...]:
    """Return the versions of a company's own rule, oldest first."""
    query = select(CountingRuleRow).where(CountingRuleRow.company_id == company_id)
    return tuple(_version(row) for row in session.scalars(query.order_by(CountingRuleRow.number)))


def rule_at(session: Session, company_id: int, moment: datetime) -> Rule:
    """Return the rule that was in force for a company at a moment."""
    row = session.scalars(_IN_FORCE, {"company": company_id, "moment": moment}).one_or_none()
    return DEFAULT_RULE if row is None else _version(row).rule


def rules_by_version(session: Session, company_id: int) -> dict[str, Rule]:
    """Return all rules that a company's entries may name.

    Each by its number alone, too: so entries named it before names had digests.
    """
    rules = {DEFAULT_RULE.version: DEFAULT_RULE}
    for each in list_rules(session, company_id):
        rules[each.rule.version] = each.rule
        number, _, _ = each.rule.version.partition(_BEFORE_DIGEST)
        rules[number] = replace(each.rule, version=number)
    return rules


def missing_rule(session: Session, company_id: int) -> int | None:
    """Return the first number that no version of a company's own rule has, None without a gap."""
    own = select(CountingRuleRow.number).where(CountingRuleRow.company_id == company_id)
    found = session.scalars(own.order_by(CountingRuleRow.number)).all()
    return next((due for due, number in enumerate(found, start=1) if number != due), None)


def _check(rule: Rule) -> None:
    for name, most in _MOST.items():
        if not 0 <= getattr(rule, name) <= most:
            raise CareerRelayError(f"{name} must be between 0 and {most}.")


def _is_same(one: Rule, other: Rule) -> bool:
    names = ("count_at", *_MOST)
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _version(row: CountingRuleRow) -> RuleVersion:
    rule = Rule(
        version=f"own-{row.number}{_BEFORE_DIGEST}{_digest(row)}",
        count_at=CountAt(row.count_at),
        window_days=row.window_days,
        hold_hours=row.hold_hours,
        burst_limit=row.burst_limit,
        slot_days=row.slot_days,
    )
    return RuleVersion(rule, row.since, row.actor)


def _digest(row: CountingRuleRow) -> str:
    """Return what stands for all that a version says; the same on both databases."""
    said = {name: getattr(row, name) for name in ("number", "count_at", *_MOST, "actor")}
    said["since"] = row.since.astimezone(UTC).isoformat(timespec="microseconds")
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:_DIGEST_LENGTH]
