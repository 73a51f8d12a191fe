"""Possible next partners of a vehicle in words: who could have it on these days and why, best first. Pure.

`templates/chains/_next_partners.html` prints a `NextPage` under the name `next`; it is fetched from
`/chains/next-partners?vin=&start=&end=`.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from webapp.calendar.panels.addresses import partner_panel
from webapp.chains.looking.suggestion import NextPartner, NextPartners
from webapp.dates import shown, shown_with_weekday
from webapp.loans.periods import Period
from webapp.names import last_first

PAGE = "/chains/next-partners"
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True)
class Possible:
    """One who could have it: `detail` tells them from others of their name, `reasons` speak for them, `notes` are
    what the rules remark. `panel` is who they are; `plan` and `chain` go on with them, empty for who may not plan.
    """

    name: str
    detail: str
    reasons: str
    notes: tuple[str, ...]
    panel: str
    plan: str
    chain: str


@dataclass(frozen=True)
class NextPage:
    """The list. `moved` says where the days are others than were asked for; `left_out` counts those who do not fit,
    and `left_out_address` has them with their reasons. `start` and `end` are ISO days for asking about others.
    """

    title: str
    days: str
    moved: str
    possible: tuple[Possible, ...]
    left_out: int
    left_out_address: str
    vin: str
    start: str
    end: str


def draw_next(found: NextPartners, wanted: Period, *, may_plan: bool) -> NextPage:
    """The page about these days, or about the first that would do."""
    period = found.period
    shown_period = period or wanted
    return NextPage(
        title=f"Possible next partners of {found.vehicle_name}",
        days=f"{shown_with_weekday(shown_period.start_day)} → {shown_with_weekday(shown_period.end_day)}",
        moved=_moved(wanted, period),
        possible=tuple(_possible(found, one, shown_period, may_plan=may_plan) for one in found.possible),
        left_out=found.left_out,
        left_out_address=_left_out(found, shown_period),
        vin=found.ask.vin or "",
        start=shown_period.start_day.isoformat(),
        end=shown_period.end_day.isoformat(),
    )


def _moved(wanted: Period, period: Period | None) -> str:
    if period is None:
        return "Nobody can have it: no day after these is free for a loan of that length."
    if period.start_day == wanted.start_day:
        return ""
    day = shown_with_weekday(wanted.start_day)
    return f"No loan of that length can start on {day}: these are the first days after."


def _possible(found: NextPartners, one: NextPartner, period: Period, *, may_plan: bool) -> Possible:
    candidate, office = one.candidate, found.ask.office
    loan = {"vin": found.ask.vin, "person_id": one.person_id, "office": office}
    days = {"start_day": period.start_day, "end_day": period.end_day}
    return Possible(
        name=last_first(candidate.name),
        detail=candidate.detail,
        reasons=" · ".join(_reasons(one)),
        notes=tuple(finding.text for finding in candidate.findings),
        panel=partner_panel(one.person_id, office),
        plan=f"/calendar/plan?{urlencode({**loan, **days})}" if may_plan else "",
        chain=f"/chains?{urlencode({'person_id': one.person_id, 'office': office, 'start': period.start_day})}"
        if may_plan
        else "",
    )


def _reasons(one: NextPartner) -> list[str]:
    reasons = [f"rank {one.candidate.rank}" if one.candidate.rank else "no rank"]
    if one.has_one:
        reasons.append("has one up to these days")
    else:
        reasons.append(f"last had one until {shown(one.last_end)}" if one.last_end else "no loan of theirs is known")
    if one.weekday is not None:
        reasons.append(f"mostly starts on {WEEKDAYS[one.weekday]}")
    if one.candidate.is_unplaced:
        reasons.append("no place on the map")
    return reasons


def _left_out(found: NextPartners, period: Period) -> str:
    asked = {"office": found.ask.office, "vin": found.ask.vin, "start": period.start_day}
    return f"/chains/left-out?{urlencode({**asked, 'days': period.days, 'count': 1})}"
