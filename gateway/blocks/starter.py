"""A block to begin with: what the form and the command line offer a company for editing."""

import math

from gateway.blocks.wording import MAX_COLUMNS
from gateway.core.columns import columns, one_line
from gateway.core.company import BlockTemplate, Company, Language

_JA_TEXT = """\
{name}({{{{ contact }}}})より、他社紹介のご案内です。
{{{{ voluntary_notice }}}}
{{{{ stop_notice }}}}
{{{{ link }}}}
"""
_EN_TEXT = """\
About other companies, from {name} ({{{{ contact }}}})
{{{{ voluntary_notice }}}}
{{{{ stop_notice }}}}
{{{{ link }}}}
"""
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
_SOURCES = {Language.JA: (_JA_TEXT, _JA_HTML), Language.EN: (_EN_TEXT, _EN_HTML)}


def starter(company: Company, language: Language) -> BlockTemplate:
    """Return a block that passes the checks, unless the contact address is very long."""
    text, html = _SOURCES[language]
    name = company.ascii_name if language is Language.EN else company.name
    first = text.partition("\n")[0].format(name="").replace("{{ contact }}", company.contact)
    room = MAX_COLUMNS - columns(first)
    placeholder = "{{ company }}"
    if columns(one_line(name)) > room:
        placeholder = f"{{{{ company | shorten({max(8, math.floor(room))}) }}}}"
    return BlockTemplate(language, text.format(name=placeholder), html)
