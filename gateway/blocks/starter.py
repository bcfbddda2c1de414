"""A block to begin with: what the form and the command line offer a company for editing."""

import math

from gateway.blocks.wording import MAX_COLUMNS
from gateway.core.columns import columns, one_line
from gateway.core.company import BlockTemplate, Company, Language

_REST = """
{{ voluntary_notice }}
{{ stop_notice }}
{{ link }}
"""
_FIRST_LINES = {
    Language.JA: ("NAME({{ contact }})より、他社紹介のご案内です。", "NAME({{ contact }})より"),
    Language.EN: ("About other companies, from NAME ({{ contact }})", "By NAME ({{ contact }})"),
}
"""The second where the first has no room for a name."""
_LEAST_COLUMNS = 8
_P = '<p style="margin:0 0 6px 0;">'
_JA_HTML = f"""\
{_P}<b>キャリアリレー</b></p>
{_P}{{{{ company }}}}({{{{ contact }}}})より、他社への紹介をご希望の方へのご案内です。</p>
{_P}{{{{ voluntary_notice }}}}</p>
{_P}<a href="{{{{ link }}}}">キャリアリレーのご案内を見る</a></p>
<p style="margin:0;">{{{{ stop_notice }}}}</p>
"""
_EN_HTML = f"""\
{_P}<b>Career Relay</b></p>
{_P}A notice from {{{{ company }}}} ({{{{ contact }}}}) about introductions to other companies.</p>
{_P}{{{{ voluntary_notice }}}}</p>
{_P}<a href="{{{{ link }}}}">Read about Career Relay</a></p>
<p style="margin:0;">{{{{ stop_notice }}}}</p>
"""
_HTML = {Language.JA: _JA_HTML, Language.EN: _EN_HTML}


def starter(company: Company, language: Language) -> BlockTemplate:
    """Return a block that passes the checks, unless the contact address is very long."""
    full, short = _FIRST_LINES[language]
    room = _room(full, company)
    if room < _LEAST_COLUMNS:
        full, room = short, _room(short, company)
    name = one_line(company.ascii_name if language is Language.EN else company.name)
    placeholder = "{{ company }}"
    if columns(name) > room:
        placeholder = f"{{{{ company | shorten({max(_LEAST_COLUMNS, math.floor(room))}) }}}}"
    return BlockTemplate(language, full.replace("NAME", placeholder) + _REST, _HTML[language])


def _room(line: str, company: Company) -> float:
    """Return how wide a name `line` has room for."""
    rest = line.replace("NAME", "").replace("{{ contact }}", company.contact)
    return MAX_COLUMNS - columns(rest)
