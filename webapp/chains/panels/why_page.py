"""Why not: everything the rules say of one vehicle, one partner and some days, each with what would mend it. Pure.

`templates/chains/_why_not.html` prints a `WhyPage` under the name `why`; it is fetched from
`/chains/why-not?vin=&person_id=&start=&end=`, with `&draft=&loan=` as that loan of a draft, the rest of it counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from webapp.dates import shown_with_weekday
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.rules import Finding, Severity

PAGE = "/chains/why-not"
TONES = {
    Severity.HARD: ("hard", "Not possible"),
    Severity.SOFT: ("soft", "Not suggested"),
    Severity.WARNING: ("warning", "Note"),
}
# What mends a finding that no day mends.
MENDS = {
    "unknown": "The import that brings it from FMS would mend it.",
    "period": "Other days would mend it.",
    "not_approved": "FMS's approval would mend it; by hand it can be planned all the same.",
    "partner_has": "No day mends it. Another vehicle of the model would.",
    "had_before": "No day mends it: nobody is lent the same vehicle twice. Another one of the model would.",
    "no_vehicle_id": "The import that brings its id would mend it.",
    "no_coordinates": "A place entered by hand would mend it.",
    "too_far": "Somebody nearer before or after would mend it.",
    "cooldown": "Another model would mend it, or another loan of this chain.",
    "over_budget": "More money for the quarter would mend it, or a cheaper chain.",
}


@dataclass(frozen=True)
class Reason:
    """One thing the rules say. `tone` is how it looks, `word` whom it binds, `mend` what would be over it.

    `link` leads to what is in the way: a label and an address.
    """

    code: str
    text: str
    tone: str
    word: str
    mend: str
    link: tuple[str, str] | None = None


@dataclass(frozen=True)
class WhyPage:
    """What the page prints. `again` asks about the first day that would do, `plan` plans it anyway; either may be ''.

    `start` and `end` are ISO days for the form that asks about others; `hidden` its other fields.
    """

    title: str
    days: str
    verdict: str
    tone: str
    reasons: tuple[Reason, ...]
    outlook: str
    again: str
    plan: str
    start: str
    end: str
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """What is asked about: names as people know them, and the identifiers that lead back here."""

    vin: str
    person_id: int
    vehicle: str
    partner: str
    office: str
    wanted: Period
    draft_id: str = ""
    loan: int = 0

    def address(self, period: Period) -> str:
        """The page about the same on other days."""
        days = {"start": period.start_day.isoformat(), "end": period.end_day.isoformat()}
        return f"{PAGE}?{urlencode({**dict(self.fields), **days})}"

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """What an address of this page names beside the days."""
        chain = (("draft", self.draft_id), ("loan", str(self.loan))) if self.draft_id else ()
        return (("vin", self.vin), ("person_id", str(self.person_id)), *chain)


def draw_why(
    asked: Asked,
    findings: Sequence[Finding],
    *,
    possible_from: date | None,
    outlook: str,
    links: Mapping[Finding, tuple[str, str]],
    may_plan: bool,
) -> WhyPage:
    """The page. `links` lead from findings to what is in the way, for those that the person may see."""
    wanted = asked.wanted
    verdict, tone = _verdict(findings)
    later = with_weekday_end(Period(possible_from, possible_from + timedelta(wanted.days))) if possible_from else None
    is_hard = any(finding.is_hard for finding in findings)
    return WhyPage(
        title=f"{asked.vehicle} for {asked.partner}",
        days=f"{shown_with_weekday(wanted.start_day)} → {shown_with_weekday(wanted.end_day)}",
        verdict=verdict,
        tone=tone,
        reasons=tuple(_reason(finding, links.get(finding)) for finding in findings),
        outlook=outlook,
        again=asked.address(later) if later else "",
        plan=_plan(asked) if may_plan and not is_hard else "",
        start=wanted.start_day.isoformat(),
        end=wanted.end_day.isoformat(),
        hidden=asked.fields,
    )


def _verdict(findings: Sequence[Finding]) -> tuple[str, str]:
    if not findings:
        return "Nothing is in the way.", "fine"
    binding = sum(finding.is_binding for finding in findings)
    if any(finding.is_hard for finding in findings):
        return "Nobody can plan this: something binds everybody.", "hard"
    if binding:
        reasons = "one reason" if binding == 1 else f"{binding} reasons"
        return f"We do not suggest this, for {reasons}. By hand it can be planned all the same.", "soft"
    return "This can be suggested. Worth knowing:", "fine"


def _reason(finding: Finding, link: tuple[str, str] | None) -> Reason:
    tone, word = TONES[finding.severity]
    return Reason(finding.code, finding.text, tone, word, _mend(finding), link)


def _mend(finding: Finding) -> str:
    if finding.until is not None:
        return f"Over from {shown_with_weekday(finding.until)} on."
    return MENDS.get(finding.code, "")


def _plan(asked: Asked) -> str:
    fields = {
        "vin": asked.vin,
        "person_id": asked.person_id,
        "office": asked.office,
        "start_day": asked.wanted.start_day.isoformat(),
        "end_day": asked.wanted.end_day.isoformat(),
    }
    return f"/calendar/plan?{urlencode(fields)}"
