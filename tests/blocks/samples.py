"""A company, and a block of its own that passes every check."""

from gateway.blocks.check import OwnBlock, read_own_block
from gateway.core.company import BlockTemplate, Company, Language

COMPANY = Company(1, "株式会社サンプル", ("sample.example",), contact="saiyo@sample.example")
TEXT = """\
{{ company }}({{ contact }})より
{{ voluntary_notice }}
{{ stop_notice }}
{{ link }}
"""
HTML = """\
<p style="margin:0 0 6px 0;">{{ company }} ({{ contact }})</p>
<p>{{ voluntary_notice }}</p>
<p><a href="{{ link }}">キャリアリレー</a></p>
<p>{{ stop_notice }}</p>
"""
EN_TEXT = TEXT.replace("({{ contact }})より", " ({{ contact }})")


def template(text: str = TEXT, html: str = HTML, language: Language = Language.JA) -> BlockTemplate:
    return BlockTemplate(language, text, html, 1)


def codes(own: BlockTemplate, company: Company = COMPANY) -> set[str]:
    """Return what is wrong with a block, as "text width"; nothing when it passes."""
    found = read_own_block(company, own)
    return set() if isinstance(found, OwnBlock) else {f"{p.part} {p.code}" for p in found}
