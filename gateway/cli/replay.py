"""Past mails replayed: what the relay would have done with each, as a report."""

import email.utils
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.company import Language
from gateway.core.mime import field_values, scan
from gateway.core.plan import Plan
from gateway.core.rules.spoken import spoken_label
from gateway.core.verdict import Verdict
from gateway.core.why import Why
from gateway.web.pair import Pair
from gateway.web.words import VERDICTS, WHY

_DOUBTFUL_FIRST = (Verdict.POSSIBLE, Verdict.REJECTION, Verdict.OTHER)
_TOTAL = Pair("{total}通のメール", "{total} mails")
_LISTED = Pair(
    "場所、日付、判定、確度、主な根拠(疑わしいものから):",
    "Place, date, verdict, score, strongest reason; the doubtful first:",
)
_NONE_LISTED = Pair(
    "不採用通知と思われるメールはありません。", "None of them may be a rejection mail."
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """One line of the report: nothing of the mail but where it is and its date."""

    place: str
    date: str
    plan: Plan


@dataclass(slots=True)
class Report:
    """What was replayed, counted; only what is listed is kept."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    whys: Counter[Why] = field(default_factory=Counter)
    listed: list[Replayed] = field(default_factory=list)

    def note(self, one: Replayed, *, everything: bool) -> None:
        """Count one mail, and keep it for the list when it may be a rejection."""
        self.verdicts[one.plan.verdict] += 1
        self.whys[one.plan.why] += 1
        if everything or one.plan.verdict is not Verdict.OTHER:
            self.listed.append(one)


def date_of(raw: bytes) -> str:
    """Return the day of a mail's Date field, "-" when it has none that can be read."""
    value = next(iter(field_values(raw, scan(raw), "date")), b"")
    try:
        return f"{email.utils.parsedate_to_datetime(value.decode('latin-1')):%Y-%m-%d}"
    except ValueError:
        return "-"


def report_lines(report: Report, language: Language) -> Iterator[str]:
    """Yield the report: counts by verdict and by reason, then the mails, the doubtful first."""
    yield _TOTAL.say(language).format(total=report.verdicts.total())
    for verdict in _DOUBTFUL_FIRST:
        yield f"  {report.verdicts[verdict]:>7}  {VERDICTS[verdict].say(language)}"
    yield ""
    for why, count in report.whys.most_common():
        yield f"  {count:>7}  {why}: {WHY[why].say(language)}"
    yield ""
    yield (_LISTED if report.listed else _NONE_LISTED).say(language)
    for one in sorted(report.listed, key=_doubt):
        yield f"  {_line(one, language)}"


def _doubt(one: Replayed) -> tuple[int, float]:
    rank = _DOUBTFUL_FIRST.index(one.plan.verdict)
    nearness = abs(one.plan.score - 0.8)  # what lies near the threshold comes first
    return rank, nearness


def _line(one: Replayed, language: Language) -> str:
    verdict = VERDICTS[one.plan.verdict].say(language)
    strongest = max(one.plan.evidence, key=lambda each: abs(each.weight), default=None)
    reason = spoken_label(strongest, language) if strongest else WHY[one.plan.why].say(language)
    return f"{one.place}  {one.date}  {verdict}  {one.plan.score:.2f}  {one.plan.why}  {reason}"
