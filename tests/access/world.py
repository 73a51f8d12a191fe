"""One world for all questions of access: two companies, and in each of three places one of everything.

What stands at a place carries its marks: words that occur nowhere else, so that finding one in an answer tells
whose data it shows. Amounts of money are marks, too.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from flask import Flask

from tests.access.listed import FIELD, KINDS, MATRIX, Bound, Listed, Scope
from tests.journey_rows import DENVER, MONDAY_MORNING, Yard
from tests.rows import CREATED_AT, DAY, OFFICE, Fleet, People, Person, company_id_of
from webapp.accounts import tokens
from webapp.accounts.models import UserSession
from webapp.accounts.permissions import Role
from webapp.calendar.models import CalendarLink, LinkKind, SavedView
from webapp.chains.models import Draft, DraftSlot
from webapp.db import Base, writing
from webapp.feeds.sheet_models import SheetImport
from webapp.fleet.models import Budget, Holiday, LoanCost, OfficeCapacity, Partner, PublicationRate, Vehicle
from webapp.fms.models import Operation
from webapp.journeys.models import JourneyEvent
from webapp.loans.models import Assignment, Batch, BatchRow, Deed, LoanEvent, LoanNote, SoftHold
from webapp.sync.models import FeedResult, SyncRun

RIVALS = "Rival Movers"
FAR_OFFICE, FAR_BRANCH = "Dallas", "Boise"
# Of journeys; of budgets and of what loans cost. No two begin alike, however they are rounded and written.
VALUE = Decimal("987654.32")
RIVAL_VALUE = Decimal("753197.42")
ALLOCATED, USED, COST = Decimal("864213.57"), Decimal("531864.29"), Decimal("642975.18")
CHARGE = "CANARYCHARGE"
# The middle of a quarter that nothing else is in.
YEAR, QUARTER = 2026, 4


@dataclass(frozen=True)
class Place:
    """An office and a branch of a company, and the marks of what is theirs: of loans, of jobs."""

    company: str | None
    office: str
    branch: str
    fleet: str
    job: str


HOME = Place(None, OFFICE, DENVER, "Homefleet", "Homejob")
FAR = Place(None, FAR_OFFICE, FAR_BRANCH, "Farfleet", "Farjob")
# Its places have the names of the home ones: names decide nothing across companies.
RIVAL = Place(RIVALS, OFFICE, DENVER, "Rivalfleet", "Rivaljob")
BESIDE_JOB = "Besidejob"
# What addresses take to name nothing at all.
NOTHING = {
    "vin": "NOTHINGHERE000001",
    "chain_id": str(UUID(int=2**64)),
    "draft_id": str(UUID(int=2**64)),
    "batch_id": str(UUID(int=2**64)),
    "name": "vehicles",
    "index": 1,
}
SCOPES = {Scope.IN: HOME, Scope.OFFICE: FAR, Scope.COMPANY: RIVAL}


@dataclass
class World:
    """The application with everything in it.

    `things` has, by kind and scope, what addresses take for a thing; of kinds that belong to their makers, by person
    (`owned`), as every person has their own.
    """

    app: Flask
    persons: dict[Role, Person]
    colleague: Person
    rival: Person
    things: dict[tuple[str, Scope], dict[str, Any]] = field(default_factory=dict)
    owned: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    feed_token: str = ""

    def home(self, kind: str) -> dict[str, Any]:
        """What names the thing of that kind at the home office."""
        return self.things[kind, Scope.IN]

    def values(self, listed: Listed, scope: Scope, person: Person) -> dict[str, Any]:
        """What the address takes to name a thing of that scope, as `person` sees it."""
        if KINDS[listed.kind] is Bound.NOTHING:
            return self.things.get((listed.kind, Scope.IN), {})
        if KINDS[listed.kind] is Bound.OWNER:
            owner = {Scope.IN: person, Scope.COMPANY: self.rival}.get(scope, self.colleague)
            return self.owned[listed.kind, owner.user_id]
        return self.things[listed.kind, scope]

    def has(self, listed: Listed, scope: Scope) -> bool:
        """Whether there is such a thing of that scope, other than those of further scopes."""
        bound = KINDS[listed.kind]
        if bound is Bound.NOTHING:
            return scope is Scope.IN
        if bound is Bound.OWNER:
            return scope is not Scope.OFFICE
        return (listed.kind, scope) in self.things

    def marks(self, role: Role) -> tuple[frozenset[str], frozenset[str]]:
        """The marks that `role` may read somewhere, and those that it may read nowhere."""
        may = set()
        for place in SCOPES.values():
            reach = {HOME: "signed in", FAR: "all locations", RIVAL: "all companies"}[place]
            if role in MATRIX[reach]:
                may |= {place.fleet} if role in MATRIX["view loans"] else set()
                may |= {place.job} if role in MATRIX["view jobs"] or role in FIELD else set()
        may |= {BESIDE_JOB} if role in MATRIX["view jobs"] else set()
        every = {mark for place in SCOPES.values() for mark in (place.fleet, place.job)} | {BESIDE_JOB}
        return frozenset(may), frozenset(every - may)


def build(app: Flask) -> World:
    """Fill an empty database."""
    return _Builder(app).built()


class _Builder:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.people, self.fleet = People(app), Fleet(app)
        self.yard = Yard(app, self.people)
        self.numbers = count(1)

    def built(self) -> World:
        places = [OFFICE, DENVER]
        persons = {role: self.people(role, locations=places, name=f"The {role.value.title()}") for role in Role}
        colleague = self.people(Role.SCHEDULER, locations=places, name="A Colleague")
        rival = self.people(
            Role.SUPER_ADMIN, locations=places, company=RIVALS, name="Rivalfleet Boss", email="rivalfleet@example.com"
        )
        self.people(Role.DRIVER, locations=places, company=RIVALS, name="Rivaljob Driver")
        world = World(self.app, persons, colleague, rival)
        for scope, place in SCOPES.items():
            asks_for = rival if place is RIVAL else colleague
            self._fleet(world, scope, place, asks_for)
            self._jobs(world, scope, place, list(persons.values()) if place is HOME else [])
            self._imports(world, scope, place, asks_for)
        for person in (*persons.values(), colleague, rival):
            self._own(world, person, RIVAL if person is rival else HOME)
        world.things["user", Scope.IN] = {"user_id": colleague.user_id}
        world.things["user", Scope.COMPANY] = {"user_id": rival.user_id}
        for scope, person in ((Scope.IN, colleague), (Scope.COMPANY, rival)):
            session = world.owned["session", person.user_id]
            world.things["session of a user", scope] = {"user_id": person.user_id, **session}
        world.things["region", Scope.IN] = {"code": "CO"}
        world.things["figure", Scope.IN] = {"code": "days"}
        return world

    def _fleet(self, world: World, scope: Scope, place: Place, person: Person) -> None:
        mark, at = place.fleet, {"office": place.office, "company_id": self._company(place)}
        vin = f"{mark.upper():0<16}1"
        vehicle = self.fleet.add_vehicle(
            vin, model=f"A3 {mark}", model_short_name=mark, notes=mark, color=mark, vehicle_id=61_000, **at
        )
        spare = self.fleet.add_vehicle(f"{mark.upper():0<16}2", model=f"Q5 {mark}", color=mark, **at)
        partner = self._partner(place, person_id=3000 + 10 * list(SCOPES).index(scope))
        other = self._partner(place, person_id=3001 + 10 * list(SCOPES).index(scope))
        if place is RIVAL:
            self._twins(world)
        chain_id = str(UUID(int=next(self.numbers)))
        request_id = 800_000 + next(self.numbers)
        loan = self._loan(vehicle, partner, 0, chain_id=chain_id, fms_request_id=request_id, status="requested")
        next_loan = self._loan(spare, partner, 1, chain_id=chain_id, reason=f"{mark} refused")
        activity = self.fleet.add_activity(
            vehicle,
            other,
            start_day=DAY + timedelta(weeks=3),
            company_id=at["company_id"],
            to=other.name,
            partner_address=mark,
        )
        history: dict[str, Any] = {"company_id": at["company_id"], "partner_address": mark, "clips_received": 1}
        self.fleet.add_history(vehicle, partner, start_day=DAY - timedelta(weeks=8), **history)
        operation, hold = self._around(place, person, vehicle, spare, loan)
        self._money(place, partner)
        things: dict[str, dict[str, Any]] = {
            "loan": {"assignment_id": loan.id},
            "chain": {"chain_id": chain_id},
            "loan of a chain": {"chain_id": chain_id, "assignment_id": next_loan.id},
            "chain to go on with": {"chain_id": chain_id},
            "loan to give another vehicle": {"chain_id": chain_id, "assignment_id": next_loan.id},
            "activity": {"activity_id": activity.activity_id},
            "request": {"fms_request_id": request_id},
            "vehicle": {"vin": vin},
            "partner": {"person_id": partner.person_id},
            "hold": {"hold_id": hold.id},
            "operation": {"operation_id": operation.id},
        }
        world.things |= {(kind, scope): values for kind, values in things.items()}

    def _partner(self, place: Place, person_id: int) -> Partner:
        mark = place.fleet
        partner = self.fleet.add_partner(
            f"{mark} Partner {person_id}",
            person_id=person_id,
            company_id=self._company(place),
            office=place.office,
            address=f"1 {mark} Road",
            notes_instructions=f"{mark} ring twice",
            affiliation=f"{mark} Weekly",
        )
        self.fleet.approve_make(partner, "Audi", company_id=partner.company_id)
        return partner

    def _twins(self, world: World) -> None:
        """The other company lists the home vehicle and the home partner as well, under the same numbers of FMS."""
        home = {kind: world.things[kind, Scope.IN] for kind in ("vehicle", "partner")}
        twin = self._partner(RIVAL, home["partner"]["person_id"])
        vehicle = self.fleet.add_vehicle(
            home["vehicle"]["vin"], company_id=twin.company_id, model=RIVAL.fleet, model_short_name=RIVAL.fleet
        )
        days = {"start_day": DAY + timedelta(weeks=2)}
        self.fleet.add_activity(vehicle, twin, company_id=twin.company_id, **days)
        self.fleet.add_history(vehicle, twin, start_day=DAY - timedelta(weeks=20), company_id=twin.company_id)
        self._loan(vehicle, twin, 5)

    def _loan(self, vehicle: Vehicle, partner: Partner, week: int, **columns: Any) -> Assignment:
        day = DAY + timedelta(weeks=week)
        return self.fleet.add_loan(vehicle, partner, company_id=vehicle.company_id, start_day=day, **columns)

    def _around(
        self, place: Place, person: Person, vehicle: Vehicle, spare: Vehicle, loan: Assignment
    ) -> tuple[Operation, SoftHold]:
        mark, of = place.fleet, {"company_id": loan.company_id}
        told = {"assignment_id": loan.id, "user_id": person.user_id, "actor_name": f"{mark} Scheduler"}
        operation = Operation(
            reference=f"reference-{next(self.numbers)}",
            office=place.office,
            kind="create",
            state="uncertain",
            subject="loan",
            assignment_id=loan.id,
            label=f"{mark} A3",
            request={"note": mark},
            user_id=person.user_id,
            requested_by=f"{mark} Scheduler",
            answer=mark,
            error=f"{mark} did not answer",
            created_at=CREATED_AT,
            sent_at=CREATED_AT,
            deadline_at=CREATED_AT,
            **of,
        )
        hold = SoftHold(
            fleet_vehicle_id=spare.id,
            start_day=DAY + timedelta(weeks=4),
            end_day=DAY + timedelta(weeks=5),
            user_id=person.user_id,
            plan_id=str(UUID(int=next(self.numbers))),
            until=MONDAY_MORNING + timedelta(hours=1),
            **of,
        )
        event = LoanEvent(text=f"{mark} planned", happened_at=CREATED_AT, office=place.office, **told, **of)
        self._store(operation, hold, event)
        return operation, hold

    def _money(self, place: Place, partner: Partner) -> None:
        at = {"company_id": partner.company_id, "office": place.office}
        # Another company's amounts are marked by its name: the numbers are those of the home office alone.
        budget = {"allocation": ALLOCATED, "amount_used": USED} if place is HOME else {"allocation": Decimal(1)}
        cost = {"company_id": partner.company_id, "person_id": partner.person_id, "name": partner.name}
        rate = {"company_id": partner.company_id, "person_id": partner.person_id, "known": 4, "published": 2}
        self._store(
            Budget(fleet="Audi", year=YEAR, quarter=QUARTER, **budget, **at),
            LoanCost(make="Audi", cost=COST if place is HOME else Decimal(1), **cost),
            PublicationRate(make="", **rate),
            OfficeCapacity(drivers_per_day=3, notes=place.fleet, **at),
            Holiday(day=DAY, name=f"{place.fleet} Day", kind="Holiday", is_all_day=True, notes=place.fleet, **at),
        )

    def _jobs(self, world: World, scope: Scope, place: Place, crew: list[Person]) -> None:
        branch = self.yard.location(place.branch, "America/Denver", company=place.company)
        truck = self.yard.truck(f"{place.job} Truck", branch)
        value = {HOME: VALUE, RIVAL: RIVAL_VALUE}.get(place)
        trucks = {"trucks": [truck]}
        mine = self._journey(branch, place.job, crew=crew, estimated_value=value, **trucks)
        journeys = {scope: mine}
        if place is HOME:
            journeys[Scope.BESIDE] = self._journey(branch, BESIDE_JOB)
        for where, journey in journeys.items():
            world.things["journey", where] = world.things["own journey", where] = {"journey_id": journey.id}
        world.things["truck", scope] = {"truck_id": truck.id}
        world.things["branch", scope] = {"location_id": branch.id}

    def _journey(self, branch: Any, mark: str, **columns: Any) -> Any:
        journey = self.yard.journey(
            branch,
            customer_name=f"{mark} Customer",
            customer_phone=f"303-555-{mark}",
            customer_email=f"{mark.lower()}@example.com",
            origin_address=f"1 {mark} Street",
            destination_address=f"2 {mark} Street",
            notes=f"{mark} notes",
            problem=f"{mark} problem",
            external_data=_external_data(mark),
            **columns,
        )
        event = {"journey_id": journey.id, "happened_at": CREATED_AT, "actor_name": f"{mark} Dispatcher"}
        self._store(JourneyEvent(kind="edit", text=f"{mark} changed", details={}, **event))
        return journey

    def _imports(self, world: World, scope: Scope, place: Place, person: Person) -> None:
        if place is FAR:
            return
        run = SyncRun(
            company_id=person.company_id,
            kind="feeds",
            trigger="button",
            status="partial",
            started_at=CREATED_AT,
            finished_at=CREATED_AT,
            error=f"{place.fleet} failed",
        )
        sheet = SheetImport(
            company_id=person.company_id,
            user_id=person.user_id,
            actor_name=f"{place.fleet} Scheduler",
            kind="budgets",
            filename=f"{place.fleet}.csv",
            content=f"office,fleet,year,quarter,budget_amount\n{place.office},Audi,2026,4,1\n".encode(),
            uploaded_at=MONDAY_MORNING,
            summary=[],
        )
        self._store(run, sheet)
        bad = {"line": 2, "reason": "no VIN", "text": place.fleet}
        moments = {"started_at": CREATED_AT, "finished_at": CREATED_AT}
        self._store(FeedResult(run_id=run.id, name="vehicles", status="applied", bad=1, bad_rows=[bad], **moments))
        world.things["sync run", scope] = {"run_id": run.id, "name": "vehicles"}
        world.things["upload", scope] = {"import_id": sheet.id}

    def _own(self, world: World, person: Person, place: Place) -> None:
        mark, user_id = place.fleet, person.user_id
        scope = next(scope for scope, each in SCOPES.items() if each is place)
        mine = {"company_id": person.company_id, "user_id": user_id}
        draft_id, batch_id = (str(UUID(int=next(self.numbers))) for _ in range(2))
        loan_id = world.things["loan", scope]["assignment_id"]
        partner_id = world.things["partner", scope]["person_id"]
        saved = {"name": f"{mark} {user_id}", "query": "", "is_shared": False}
        view = SavedView(created_at=CREATED_AT, updated_at=CREATED_AT, **saved, **mine)
        subject = {"kind": LinkKind.PARTNER, "subject": str(partner_id), "title": f"{mark} Partner"}
        token = f"feed-of-{user_id}"
        link = CalendarLink(created_at=CREATED_AT, token_hash=tokens.fingerprint(token), **subject, **mine)
        asked = {"start_day": DAY, "days": 7, "count": 1, "makes": [], "models": [], "tiers": [], "outcome": None}
        ways = {"respect_budgets": True, "allow_double_booking": False, "is_strict": False}
        moments = {"created_at": MONDAY_MORNING, "touched_at": MONDAY_MORNING}
        draft = Draft(
            id=draft_id, kind="partner", office=place.office, person_id=partner_id, **asked, **ways, **moments, **mine
        )
        days = {"start_day": DAY + timedelta(weeks=9), "end_day": DAY + timedelta(weeks=10), "has_chosen_days": False}
        draft.slots = [DraftSlot(position=1, is_pinned=False, **days)]
        ended = {"created_at": CREATED_AT, "beat_at": CREATED_AT, "finished_at": CREATED_AT}
        batch = Batch(id=batch_id, kind="request", **ended, **mine)
        batch.rows = [BatchRow(position=1, assignment_id=loan_id, label=f"{mark} A3", state="failed", text=mark)]
        done = {"step_id": batch_id, "assignment_id": loan_id, "kind": "changed", "label": f"{mark} A3"}
        note = LoanNote(assignment_id=loan_id, actor_name=mark, text=f"{mark} note", written_at=CREATED_AT, **mine)
        deed = Deed(before=None, version=1, done_at=MONDAY_MORNING, **done, **mine)
        times = {"started_at": MONDAY_MORNING, "last_seen_at": MONDAY_MORNING}
        session = UserSession(token_hash=f"{user_id:064d}", user_id=user_id, address="192.0.2.1", browser="", **times)
        self._store(view, link, draft, batch, note, deed, session)
        things = {
            "note": {"assignment_id": loan_id, "note_id": note.id},
            "view": {"view_id": view.id},
            "link": {"link_id": link.id},
            "draft": {"draft_id": draft_id},
            "session": {"session_id": session.id},
            "slot": {"draft_id": draft_id, "index": 1},
            "batch": {"batch_id": batch_id},
            "run of a chain": {"batch_id": batch_id, **world.things["chain", scope]},
        }
        world.owned |= {(kind, user_id): values for kind, values in things.items()}
        if person.role is Role.MANAGER:
            world.feed_token = token

    def _company(self, place: Place) -> int:
        with self.app.app_context(), writing() as session:
            return company_id_of(session, self.app, place.company)

    def _store(self, *rows: Base) -> None:
        with self.app.app_context(), writing() as session:
            session.add_all(rows)
            session.flush()
            for row in rows:
                session.refresh(row)
            session.expunge_all()


def _external_data(mark: str) -> dict[str, Any]:
    """What SmartMoving sent of a job, as it is kept: with prices."""
    charge = {"name": f"{CHARGE} {mark}", "description": f"{CHARGE} two men at $219 an hour", "subtotal": str(VALUE)}
    return {"jobNumber": mark, "estimatedTotal": {"subtotal": str(VALUE), CHARGE: 1}, "estimatedCharges": [charge]}
