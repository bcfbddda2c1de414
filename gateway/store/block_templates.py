"""Link blocks that companies word themselves: versions are only added, the newest is used.

To go back to the default block is a version, too: one with neither text nor HTML.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.core.company import BlockTemplate, Language
from gateway.errors import TakenError
from gateway.store.tables import Base


class BlockTemplateRow(Base):
    """One version; text and HTML as they were typed."""

    __tablename__ = "block_template"
    __table_args__ = (UniqueConstraint("company_id", "language", "version"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    language: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(String(4096))
    html: Mapped[str] = mapped_column(String(4096))
    saved_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))


@dataclass(frozen=True, slots=True)
class SavedBlock:
    """One version with who saved it and when."""

    block: BlockTemplate
    saved_at: datetime
    actor: str


def save_block(
    session: Session, company_id: int, block: BlockTemplate, actor: str, now: datetime
) -> BlockTemplate:
    """Write down the company's next version in a language, and return it with its number.

    block  passed the checks of gateway.blocks before; both parts "" go back to the default. Its
           version is not looked at. What is the same as the newest version is not written again.

    Raises TakenError when somebody else saved one at the same moment.
    """
    newest = newest_blocks(session, company_id).get(company_id, ())
    old = next((each for each in newest if each.language is block.language), None)
    if (old.text, old.html) == (block.text, block.html) if old else block.is_default:
        return old or block
    row = BlockTemplateRow(
        company_id=company_id,
        language=block.language.value,
        version=old.version + 1 if old else 1,
        text=block.text,
        html=block.html,
        saved_at=now,
        actor=actor[:200],
    )
    try:
        session.add(row)
        session.flush()
    except IntegrityError as error:
        raise TakenError(
            "Somebody else saved this block this very moment: look at it and save again."
        ) from error
    return _read(row)


def reset_block(
    session: Session, company_id: int, language: Language, actor: str, now: datetime
) -> None:
    """Let the company use the default block in a language from now on; its versions stay."""
    save_block(session, company_id, BlockTemplate(language, "", ""), actor, now)


def newest_blocks(
    session: Session, company_id: int | None = None
) -> Mapping[int, tuple[BlockTemplate, ...]]:
    """Return each company's newest version in each language, by one query; or one company's."""
    newest = select(func.max(BlockTemplateRow.id)).group_by(
        BlockTemplateRow.company_id, BlockTemplateRow.language
    )
    if company_id is not None:
        newest = newest.where(BlockTemplateRow.company_id == company_id)
    rows = session.scalars(
        select(BlockTemplateRow)
        .where(BlockTemplateRow.id.in_(newest))
        .order_by(BlockTemplateRow.id)
    )
    found: defaultdict[int, list[BlockTemplate]] = defaultdict(list)
    for row in rows:
        found[row.company_id].append(_read(row))
    return {company: tuple(blocks) for company, blocks in found.items()}


def list_blocks(session: Session, company_id: int, limit: int = 50) -> tuple[SavedBlock, ...]:
    """Return the versions that a company saved, newest first."""
    rows = session.scalars(
        select(BlockTemplateRow)
        .where(BlockTemplateRow.company_id == company_id)
        .order_by(BlockTemplateRow.id.desc())
        .limit(limit)
    )
    return tuple(SavedBlock(_read(row), row.saved_at, row.actor) for row in rows)


def _read(row: BlockTemplateRow) -> BlockTemplate:
    return BlockTemplate(Language(row.language), row.text, row.html, row.version)
