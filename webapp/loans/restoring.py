"""A deleted loan that comes back as itself: under its own id, with the history and the notes that it had."""

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.fleet.models import Vehicle
from webapp.loans.checks import allowed, facts_of, require_office
from webapp.loans.deeds import State
from webapp.loans.errors import BrokenRule, StateForbids
from webapp.loans.models import Assignment
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.planned import OUTRUN, Again, Planned, guarded, store
from webapp.loans.rules import Facts, assess
from webapp.loans.states import Status


def restore(actor: Actor, assignment_id: int, was: State, *, remark: str = "", step_id: str | None = None) -> Planned:
    """Plan the loan again as it was, green, if the rules let it. Raises `BrokenRule`, `NotFound`, `StateForbids`.

    It was the person's own deed: where the vehicle stands by now is not asked.
    Its version is one that nobody has seen: forms that were filled before it was deleted are stale.
    """
    actor.require(Permission.PLAN_LOANS)

    def write(session: Session) -> Planned:
        if session.get(Assignment, assignment_id) is not None:
            raise StateForbids("This loan is there again already.", code="exists")
        facts, vehicle = _asked(session, actor, was)
        warnings = allowed(facts)
        assert vehicle is not None
        return store(
            session,
            actor,
            vehicle,
            person_id=was["person_id"],
            partner_name=facts.partner.name,
            office=was["office"],
            booked=facts.wanted,
            status=Status(was["green_status"]),
            chain_id=was["chain_id"],
            warnings=warnings,
            remark=remark,
            step_id=step_id,
            again=Again(assignment_id, was["version"] + 1),
        )

    def explain() -> BrokenRule:
        return BrokenRule(assess(_asked(db.session(), actor, was)[0]).hard or [OUTRUN])

    return guarded(write, explain)


def _asked(session: Session, actor: Actor, was: State) -> tuple[Facts, Vehicle | None]:
    # A deed that was written before companies were told is of one's own.
    office, company_id = was["office"], was.get("company_id", actor.company_id)
    require_office(session, actor, office, company_id)
    booked = with_weekday_end(Period(date.fromisoformat(was["start_day"]), date.fromisoformat(was["end_day"])))
    facts, vehicle, _name = facts_of(
        session, company_id, office, was["vin"], was["person_id"], booked, viewer=actor.user_id
    )
    # It stood there already: that its first day has come meanwhile is no reason not to put it back.
    return replace(facts, keeps_start=True), vehicle
