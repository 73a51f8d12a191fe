"""Asking why not: the rules' own answer, beside the rest of a draft where it is asked so, and ways to what stands."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from sqlalchemy import bindparam, func, select

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.chains.asking import Kind
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.looking import suggesting
from webapp.chains.panels.why_page import Asked, WhyPage, draw_why
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.models import Activity, Partner, Vehicle
from webapp.fleet.names import full_name, normal_vin, short_vin
from webapp.loans import service
from webapp.loans.models import Assignment
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.rules import Finding

# Statements are built once: here that takes longer than the database needs to answer.
VEHICLE = select(Vehicle.make, Vehicle.model, Vehicle.office).where(
    Vehicle.company_id == bindparam("company_id"), Vehicle.vin == bindparam("vin")
)
NAME = select(func.min(Partner.name)).where(
    Partner.company_id == bindparam("company_id"), Partner.person_id == bindparam("person_id")
)
LOANS = (
    select(Assignment.id, Assignment.office, Vehicle.office.label("vehicle_office"))
    .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
    .where(Assignment.company_id == bindparam("company_id"), Assignment.id.in_(bindparam("ids", expanding=True)))
)
ACTIVITIES = (
    select(Activity.activity_id, Vehicle.office)
    .outerjoin(Vehicle, (Vehicle.company_id == Activity.company_id) & (Vehicle.vin == Activity.vin))
    .where(
        Activity.company_id == bindparam("company_id"),
        Activity.gone_at.is_(None),
        Activity.activity_id.in_(bindparam("ids", expanding=True)),
    )
)


def read_why(actor: Actor, vin: str, person_id: int, wanted: Period, *, draft_id: str = "", loan: int = 0) -> WhyPage:
    """The page about this vehicle, partner and days. Raises `NotFound` for what is out of scope.

    With a draft it is asked as that loan of it: what else the draft has counts, too.
    """
    period = with_weekday_end(wanted)
    assessment = service.why_not(
        actor, vin=vin, person_id=person_id, start_day=wanted.start_day, end_day=wanted.end_day
    )
    findings = assessment.findings
    if draft_id:
        findings = _beside(actor, vin, person_id, draft_id, loan) or findings
    # Of what the rest of a chain stands against, nobody knows when it would be over.
    is_same = {finding.text for finding in findings} == {finding.text for finding in assessment.findings}
    asked = _asked(actor, vin, person_id, period, draft_id, loan)
    return draw_why(
        asked,
        findings,
        possible_from=assessment.possible_from if is_same else None,
        outlook=assessment.outlook if is_same else "",
        links=_links(actor, asked, findings),
        may_plan=actor.may(Permission.PLAN_LOANS) and bool(asked.office),
    )


def _asked(actor: Actor, vin: str, person_id: int, period: Period, draft_id: str, loan: int) -> Asked:
    normal = normal_vin(vin)
    row = db.session.execute(VEHICLE, {"company_id": actor.company_id, "vin": normal}).first()
    name = db.session.scalar(NAME, {"company_id": actor.company_id, "person_id": person_id})
    return Asked(
        vin=normal,
        person_id=person_id,
        vehicle=full_name(row.make, row.model, normal) if row else short_vin(normal),
        partner=name or f"person {person_id}",
        office=row.office if row else "",
        wanted=period,
        draft_id=draft_id,
        loan=loan,
    )


def _beside(actor: Actor, vin: str, person_id: int, draft_id: str, loan: int) -> tuple[Finding, ...] | None:
    """What the rules say beside the draft's other loans; None where it is no candidate of the draft's."""
    draft = draft_queries.opened(actor, draft_id)
    if loan not in {slot.index for slot in draft.slots}:
        raise NotFound(f"There is no loan {loan} in this chain.")
    key = normal_vin(vin) if draft.ask.kind is Kind.PARTNER else person_id
    found = suggesting.candidates(actor, draft.ask, draft.slots, draft.picks, loan)
    one = next((candidate for candidate in found if candidate.key == key), None)
    return tuple(sorted(one.findings, key=lambda finding: finding.severity)) if one else None


def _links(actor: Actor, asked: Asked, findings: Sequence[Finding]) -> Mapping[Finding, tuple[str, str]]:
    """A way to what is in the way: on the calendar, else among the partner's previous loans."""
    ways = {finding: finding.in_the_way for finding in findings if finding.in_the_way is not None}
    loans, activities = _seen(
        actor,
        {one.assignment_id for one in ways.values() if one.assignment_id is not None},
        {one.activity_id for one in ways.values() if one.activity_id is not None},
    )
    found = {}
    for finding, one in ways.items():
        rows = {} if finding.code == "held" else {"rows": "partners"}
        view = {"office": asked.office, **rows, "start": one.period.start_day.isoformat()}
        if one.assignment_id in loans:
            found[finding] = ("Show it on the calendar", f"/calendar?{urlencode({**view, 'loan': one.assignment_id})}")
        elif one.activity_id in activities:
            address = f"/calendar?{urlencode({**view, 'activity_id': one.activity_id})}"
            found[finding] = ("Show it on the calendar", address)
        elif finding.code in ("had_before", "cooldown") and asked.office:
            address = f"/calendar/partners/{asked.person_id}?{urlencode({'office': asked.office, 'all': 1})}"
            found[finding] = ("Previous loans of the partner", address)
    return found


def _seen(actor: Actor, loans: set[int], activities: set[int]) -> tuple[set[int], set[int]]:
    """Those of them whose cards the person may open."""
    company = actor.company_id
    own, theirs = set(), set()
    if loans:
        for number, office, vehicle_office in db.session.execute(LOANS, {"company_id": company, "ids": list(loans)}):
            if actor.reaches(company, office) or actor.reaches(company, vehicle_office):
                own.add(number)
    if activities:
        for number, office in db.session.execute(ACTIVITIES, {"company_id": company, "ids": list(activities)}):
            if actor.reaches(company, office):
                theirs.add(number)
    return own, theirs
