"""The rules by which a rejection mail is recognised: data that a recruiter can read."""

from gateway.core.rules.en import VERDICTS as EN_VERDICTS
from gateway.core.rules.en_against import AGAINST as EN_AGAINST
from gateway.core.rules.en_aside import ASIDE_VERDICTS as EN_ASIDE_VERDICTS
from gateway.core.rules.en_choice import CHOICE_VERDICTS as EN_CHOICE_VERDICTS
from gateway.core.rules.en_context import CONTEXT as EN_CONTEXT
from gateway.core.rules.en_indirect import INDIRECT_VERDICTS as EN_INDIRECT_VERDICTS
from gateway.core.rules.en_plain import PLAIN_VERDICTS as EN_PLAIN_VERDICTS
from gateway.core.rules.en_reason import REASON_VERDICTS as EN_REASON_VERDICTS
from gateway.core.rules.en_soft import SOFT_VERDICTS as EN_SOFT_VERDICTS
from gateway.core.rules.en_state import STATE_VERDICTS as EN_STATE_VERDICTS
from gateway.core.rules.en_topics import TOPICS as EN_TOPICS
from gateway.core.rules.guards import GUARDS
from gateway.core.rules.ja import VERDICTS as JA_VERDICTS
from gateway.core.rules.ja_against import AGAINST as JA_AGAINST
from gateway.core.rules.ja_aside import ASIDE_VERDICTS as JA_ASIDE_VERDICTS
from gateway.core.rules.ja_choice import CHOICE_VERDICTS as JA_CHOICE_VERDICTS
from gateway.core.rules.ja_context import CONTEXT as JA_CONTEXT
from gateway.core.rules.ja_indirect import INDIRECT_VERDICTS as JA_INDIRECT_VERDICTS
from gateway.core.rules.ja_reason import REASON_VERDICTS as JA_REASON_VERDICTS
from gateway.core.rules.ja_soft import SOFT_VERDICTS as JA_SOFT_VERDICTS
from gateway.core.rules.ja_spoken import SPOKEN_VERDICTS as JA_SPOKEN_VERDICTS
from gateway.core.rules.ja_topics import TOPICS as JA_TOPICS
from gateway.core.rules.rule import Guard, Kind, Rule, Side
from gateway.core.rules.tables import OTHER_LANGUAGES
from gateway.core.rules.usual import USUAL_VERDICTS
from gateway.core.rules.wanted import WANTED

__all__ = ["GUARDS", "RULES", "RULES_VERSION", "Guard", "Kind", "Rule", "Side"]

RULES_VERSION = "2026-11.19"
"""Changes with every change of a rule, guard, weight or threshold; it stands in the log."""

RULES: tuple[Rule, ...] = (
    *JA_VERDICTS,
    *JA_SOFT_VERDICTS,
    *JA_SPOKEN_VERDICTS,
    *JA_CHOICE_VERDICTS,
    *JA_INDIRECT_VERDICTS,
    *JA_REASON_VERDICTS,
    *JA_ASIDE_VERDICTS,
    *EN_VERDICTS,
    *EN_SOFT_VERDICTS,
    *EN_PLAIN_VERDICTS,
    *EN_CHOICE_VERDICTS,
    *EN_INDIRECT_VERDICTS,
    *EN_REASON_VERDICTS,
    *EN_ASIDE_VERDICTS,
    *EN_STATE_VERDICTS,
    *USUAL_VERDICTS,
    *OTHER_LANGUAGES,
    *JA_CONTEXT,
    *JA_AGAINST,
    *JA_TOPICS,
    *EN_CONTEXT,
    *EN_AGAINST,
    *EN_TOPICS,
    *WANTED,
)
