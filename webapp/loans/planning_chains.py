"""Planning the loans of a chain in one transaction: all of them or none, and each in sight of those before it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.errors import InvalidInput
from webapp.fleet.models import Vehicle
from webapp.fleet.names import normal_vin
from webapp.loans import deeds
from webapp.loans.chain_facts import gather_all
from webapp.loans.checks import require_office, require_reach
from webapp.loans.errors import BrokenChain
from webapp.loans.facts import vehicles_of
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.planned import OUTRUN, Planned, guarded, require_a_green, store
from webapp.loans.rules import Assessment, Facts, Finding, assess
from webapp.loans.rules.together import in_turn
from webapp.loans.states import Status


@dataclass(frozen=True)
class LoanWish:
    """One loan of a chain as somebody wishes it, in a green status."""

    vin: str
    person_id: int
    start_day: date
    end_day: date
    status: Status = Status.PLANNED

    @property
    def booked(self) -> Period:
        """The period as it will be booked."""
        return with_weekday_end(Period(self.start_day, self.end_day))


@dataclass(frozen=True)
class _Checked:
    """The wishes beside what the rules say of each, and the vehicles that FMS lists, by VIN."""

    facts: Sequence[Facts]
    assessments: Sequence[Assessment]
    vehicles: Mapping[str, Vehicle]

    @property
    def hard(self) -> dict[int, tuple[Finding, ...]]:
        """What binds everybody, by the loan's place."""
        return {place: one.hard for place, one in enumerate(self.assessments) if one.hard}


def plan_all(
    actor: Actor,
    *,
    office: str,
    wishes: Sequence[LoanWish],
    chain_id: str,
    remark: str = "",
    also: Callable[[Session], None] | None = None,
) -> tuple[Planned, ...]:
    """Plan loans that belong together, all or none of them, in their order; each counts for those after it.

    `also` runs in the same transaction, before anything is checked: where it removes what the loans were made
    from, whoever saves that a second time waits and then finds it gone. Raises `BrokenChain` (409 where a vehicle
    is held, 422 otherwise) with everything that binds, `NotFound` for an office out of scope, `InvalidInput`.
    """
    actor.require(Permission.PLAN_LOANS)
    if not wishes:
        raise InvalidInput("There is no loan to plan.")
    for wish in wishes:
        require_a_green(wish.status)
    stored: list[Planned] = []
    step_id = deeds.new_step()

    def write(session: Session) -> tuple[Planned, ...]:
        if also is not None:
            also(session)
        checked = _checked(session, actor, office, wishes, lock=True)
        if checked.hard:
            raise BrokenChain(checked.hard)
        for wish, facts, assessment in zip(wishes, checked.facts, checked.assessments, strict=True):
            stored.append(
                store(
                    session,
                    actor,
                    checked.vehicles[facts.vehicle.vin],
                    person_id=wish.person_id,
                    partner_name=facts.partner.name,
                    office=office,
                    booked=facts.wanted,
                    status=wish.status,
                    chain_id=chain_id,
                    warnings=assessment.findings,
                    remark=remark,
                    step_id=step_id,
                    is_of_run=False,
                )
            )
        return tuple(stored)

    def explain() -> BrokenChain:
        found = _checked(db.session(), actor, office, wishes, lock=False)
        # Whoever was quicker may be gone again: then at least which loan it was.
        return BrokenChain(found.hard or {len(stored): (OUTRUN,)})

    return guarded(write, explain)


def _checked(session: Session, actor: Actor, office: str, wishes: Sequence[LoanWish], *, lock: bool) -> _Checked:
    """Ask the rules about every loan. Raises `NotFound` for an office, or a vehicle's office, out of scope."""
    require_office(session, actor, office)
    vehicles = vehicles_of(session, actor.company_id, [wish.vin for wish in wishes], lock=lock)
    for vehicle in vehicles.values():
        require_reach(actor, vehicle)
    wanted = [(normal_vin(wish.vin), wish.person_id, wish.booked) for wish in wishes]
    alone = gather_all(
        session,
        company_id=actor.company_id,
        office=office,
        wanted=wanted,
        vehicles=vehicles,
        viewer=actor.user_id,
    )
    facts = in_turn(alone)
    return _Checked(facts, [assess(one) for one in facts], vehicles)
