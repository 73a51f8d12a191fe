"""My jobs: a crew's own journeys on a phone, and the taps it makes there, which bad lines send late or twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from webapp import clock
from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.htmx import is_fragment
from webapp.journeys import phone, queries, service
from webapp.journeys.cards import Card
from webapp.journeys.checklists import Phase
from webapp.journeys.detail import Detail
from webapp.journeys.scope import GONE
from webapp.journeys.stages import Stage

PAGE = "/my-jobs"
LONGEST = 2000
blueprint = Blueprint("my_jobs", __name__, url_prefix=PAGE)


class SomebodyElse(Refusal):
    """The tap was made by a person who is not the one signed in now: it waits for theirs."""

    status = 401
    code = "somebody_else"


@blueprint.get("")
@requires(Permission.VIEW_OWN_JOBS)
def page() -> ResponseReturnValue:
    """The person's journeys of today and tomorrow, and what is left of the days before."""
    actor, mark = current_actor(), _mark()
    if _knows(mark):
        return Response(status=204)
    today = queries.own_journeys(actor, ["today"])
    tomorrow = queries.own_journeys(actor, ["tomorrow"])
    template = "my_jobs/_list.html" if is_fragment() else "my_jobs/list.html"
    return render_template(
        template,
        days=[("Not finished", _left_over(actor, today + tomorrow)), ("Today", today), ("Tomorrow", tomorrow)],
        phone=phone,
        **_around(mark),
    )


@blueprint.get("/token")
@requires(Permission.VIEW_OWN_JOBS)
def token() -> Response:
    """A fresh token against forgery, for a page that is older than the sign-in."""
    return Response(generate_csrf(), mimetype="text/plain")


@blueprint.get("/<int:journey_id>")
@requires(Permission.VIEW_OWN_JOBS)
def job(journey_id: int) -> ResponseReturnValue:
    """One journey, for its crew. 204 where the phone knows it as it is."""
    mark = _mark()
    if _knows(mark):
        return Response(status=204)
    try:
        return _job(current_actor(), journey_id, mark)
    except NotFound as refusal:
        if not is_fragment():
            raise
        # It was given to others while the page was open.
        return make_response(
            render_template("my_jobs/_gone.html", words=refusal.sentence, address=request.path, **_around(mark)), 404
        )


@blueprint.post("/<int:journey_id>/stage")
@requires(Permission.WORK_ON_OWN_JOBS)
def move(journey_id: int) -> ResponseReturnValue:
    """Move the journey to the stage the crew says it is in."""

    def act(actor: Actor, card: Card, tap_id: str) -> None:
        try:
            service.move_stage(actor, journey_id, _stage(), reason=_text("reason"), tap_id=tap_id)
        except InvalidInput as refusal:
            if "reason" not in refusal.fields or not request.form.get("is_forward"):
                raise
            # A step forward that came late looks like a step back without a reason.
            raise Refusal(f"It is {card.stage.label.lower()} already.", code="passed") from None

    return _tapped(journey_id, act)


@blueprint.post("/<int:journey_id>/tick")
@requires(Permission.WORK_ON_OWN_JOBS)
def tick(journey_id: int) -> ResponseReturnValue:
    """Set an item of the checklist: done or not."""

    def act(actor: Actor, card: Card, tap_id: str) -> None:
        wanted = _text("is_done")
        if wanted not in ("yes", "no"):
            raise InvalidInput("Say whether it is done.")
        service.tick(actor, journey_id, _text("item"), wanted == "yes", tap_id=tap_id)

    return _tapped(journey_id, act)


@blueprint.post("/<int:journey_id>/problem")
@requires(Permission.WORK_ON_OWN_JOBS)
def problem(journey_id: int) -> ResponseReturnValue:
    """Tell the desk of a problem, or that it is solved (no text)."""

    def act(actor: Actor, card: Card, tap_id: str) -> None:
        if request.form.get("wants_text") and not _text("text"):
            raise InvalidInput("Say in a few words what is wrong.")
        service.report_problem(actor, journey_id, _text("text"), tap_id=tap_id)

    return _tapped(journey_id, act)


@blueprint.after_request
def _own_up(response: Response) -> Response:
    # A hotel's sign-in page answers 200 to anything; a phone believes only who names its tap.
    mark = request.headers.get("X-Tap", "")
    if mark and len(mark) <= 40 and mark.isascii() and mark.isprintable():
        response.headers["X-Tap"] = mark
    return response


def _tapped(journey_id: int, act: Callable[[Actor, Card, str], None]) -> ResponseReturnValue:
    """Carry a tap out and answer with the job as it is then; the phone gets a refusal as a bare sentence."""
    actor = current_actor()
    try:
        _refuse_somebody_else(actor)
        act(actor, _assigned(actor, journey_id).card, _tap_id())
    except Refusal as refusal:
        if is_fragment():
            return Response(refusal.sentence, status=refusal.status, mimetype="text/plain")
        if isinstance(refusal, NotFound):
            raise
        flash(refusal.sentence, "refused")
        return _job(actor, journey_id, _mark(), refusal.status)
    if is_fragment():
        return _job(actor, journey_id, _mark())
    return redirect(f"{PAGE}/{journey_id}", 303)


def _job(actor: Actor, journey_id: int, mark: str, status: int = 200) -> Response:
    found = _assigned(actor, journey_id)
    card = found.card
    crew_phases = [each for each in found.checklist if not each.phase.is_of_desk]
    complete = [each.phase for each in crew_phases if each.done == len(each.items)]
    stops = phone.places(card)
    body = render_template(
        "my_jobs/_job.html" if is_fragment() else "my_jobs/job.html",
        card=card,
        phone=phone,
        day=phone.day_words(card.scheduled_date, clock.today(found.zone)),
        places=stops,
        route=phone.route_of(stop.address for stop in stops),
        mates=phone.mates(card, actor.user_id),
        checklist=crew_phases,
        at_hand=phone.phase_at_hand(card.stage, complete),
        stages=list(Stage),
        may_work=found.may_work,
        desk_done=next(each for each in found.checklist if each.phase is Phase.CREATION),
        new_id=uuid4,
        **_around(mark),
    )
    return make_response(body, status)


def _around(mark: str) -> dict[str, Any]:
    moment = clock.now()
    words = f"{moment.astimezone(current_app.extensions['settings'].zone):%H:%M}"
    # A crew has nothing to do with the age of FMS's data, which every other page shows.
    return {"mark": mark, "read_at": moment, "read_words": words, "data_age": None}


def _assigned(actor: Actor, journey_id: int) -> Detail:
    """The journey, where the person is on its crew. Raises `NotFound` also for who may see it elsewhere."""
    found = queries.journey(actor, journey_id)
    if actor.user_id not in [person.id for person in found.card.crew]:
        raise NotFound(GONE)
    return found


def _left_over(actor: Actor, shown: list[Card]) -> list[Card]:
    """What is not done of the days before, wherever on earth the day has not ended yet."""
    known = {card.id for card in shown}
    utc_today = clock.now().date()
    before = queries.own_journeys(actor, [utc_today - timedelta(days=ago) for ago in (2, 1, 0)])
    return [card for card in before if card.id not in known and phone.is_open(card)]


def _mark() -> str:
    """What changes whenever a page may: the company's board, the half hours in which some day begins, the person."""
    actor: Actor = current_actor()
    moment: datetime = clock.now()
    return f"{queries.mark(actor.company_id)}.{int(moment.timestamp()) // 1800}.{actor.user_id}"


def _knows(mark: str) -> bool:
    return is_fragment() and request.args.get("known") == mark


def _refuse_somebody_else(actor: Actor) -> None:
    by = request.form.get("by", "")
    if by and by != str(actor.user_id):
        raise SomebodyElse("Somebody else is signed in now. These taps wait for whoever made them.")


def _tap_id() -> str:
    try:
        return str(UUID(request.form.get("tap_id", "")))
    except ValueError:
        raise InvalidInput("This tap has no id of its own.") from None


def _stage() -> Stage:
    try:
        return Stage(request.form.get("to", ""))
    except ValueError:
        raise InvalidInput("There is no such stage.") from None


def _text(name: str) -> str:
    return request.form.get(name, "").replace("\x00", "").strip()[:LONGEST]
