"""Moving a journey from stage to stage, and the problem that somebody reports on the way."""

from sqlalchemy import exists, select

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import writing
from webapp.errors import Forbidden
from webapp.journeys.entries import checked_note
from webapp.journeys.errors import StepForbidden, invalid
from webapp.journeys.models import JourneyCrew, JourneyTruck
from webapp.journeys.scope import journey_to_work_on
from webapp.journeys.stages import Stage, is_back, is_of_crew, obstacles
from webapp.journeys.writing import is_repeated, record

LONGEST_REASON = 500
OF_THE_DESK = "Auditing a job, and undoing it, is the desk's."


def move_stage(actor: Actor, journey_id: int, to: Stage, *, reason: str = "", tap_id: str | None = None) -> None:
    """Move a journey forward by one stage, or back by one with a reason.

    In that stage already: nothing happens, as for a tap that was sent twice. Raises `Forbidden`, `NotFound`,
    `StepForbidden` with what stands in the way, `InvalidInput` (field `reason`).
    """
    if to is Stage.AUDITED and not actor.may(Permission.EDIT_JOBS):
        raise Forbidden(OF_THE_DESK)
    why = _text("reason", reason, LONGEST_REASON)
    with writing() as session:
        journey, _ = journey_to_work_on(session, actor, journey_id)
        here = Stage(journey.stage)
        if is_repeated(session, actor, journey_id, tap_id) or here is to:
            return
        if not is_of_crew(here, to) and not actor.may(Permission.EDIT_JOBS):
            raise Forbidden(OF_THE_DESK)
        in_the_way = obstacles(
            here,
            to,
            has_crew=bool(session.scalar(select(exists().where(JourneyCrew.journey_id == journey_id)))),
            has_truck=bool(session.scalar(select(exists().where(JourneyTruck.journey_id == journey_id)))),
            off_reason="" if journey.on_board else journey.off_reason,
            reason=why,
        )
        if in_the_way and in_the_way[0].field:
            raise invalid(in_the_way[0].field, in_the_way[0].text)
        if in_the_way:
            raise StepForbidden(in_the_way)
        journey.stage = to
        said = f"Back to {to.label.lower()}: {why}" if is_back(here, to) else f"{to.label}."
        record(session, actor, journey, "stage", said, details={"before": here, "after": to, "reason": why})


def report_problem(actor: Actor, journey_id: int, text: str, *, tap_id: str | None = None) -> None:
    """Say what is wrong with a journey; an empty text: nothing any more. Raises as `move_stage` does."""
    problem = _text("text", text, LONGEST_REASON)
    with writing() as session:
        journey, _ = journey_to_work_on(session, actor, journey_id)
        if is_repeated(session, actor, journey_id, tap_id) or journey.problem == problem:
            return
        before, journey.problem = journey.problem, problem
        said = f"Problem: {problem}" if problem else f"No longer a problem: {before}"
        record(session, actor, journey, "problem", said, details={"before": before, "after": problem}, is_news=True)


def _text(field: str, text: str, longest: int) -> str:
    try:
        return checked_note(text, longest)
    except ValueError as fault:
        raise invalid(field, str(fault)) from None
