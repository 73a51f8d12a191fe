"""JSON of journeys (interface.md): the same queries and services as the pages, answered for programs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, jsonify

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.declared import Remark, declares
from webapp.errors import InvalidInput, NotFound
from webapp.journeys import queries, service
from webapp.journeys.cards import Card, Wanted
from webapp.journeys.models import DataSource, SyncStatus
from webapp.journeys.schemas import (
    CrewBody,
    JourneyChanges,
    JourneysQuery,
    NewTruck,
    StageBody,
    TrucksBody,
    TrucksQuery,
    UsersQuery,
)
from webapp.journeys.shapes import (
    JourneyJson,
    JourneysJson,
    JourneyWrittenJson,
    TruckAddedJson,
    TruckJson,
    TrucksJson,
    UsersJson,
    WindowJson,
)
from webapp.journeys.spans import Clash
from webapp.journeys.words import clock_time, status_words
from webapp.jsonapi import read_body, read_query

api = Blueprint("journeys_api", __name__, url_prefix="/api")
NO_LOCATION = "There is no such location, or you may not see it."
# What the JSON calls columns that are not called so.
COLUMNS = {"arrival_window": ("arrival_start", "arrival_end"), "location": ("location_id",)}
MEMBERS = {column: member for member, columns in COLUMNS.items() for column in columns}


@api.get("/journeys")
@requires(Permission.VIEW_JOBS, Permission.VIEW_OWN_JOBS)
@declares({200: JourneysJson}, query=JourneysQuery, refuses=(404,))
def journeys() -> Response:
    """The journeys of a day in scope, in arrival order; a crew's own for a crew."""
    actor, asked = current_actor(), read_query(JourneysQuery)
    _require_location(actor, asked.location)
    found = queries.journeys_on(actor, Wanted(asked.date, asked.location, asked.stage))
    return jsonify(JourneysJson(journeys=[as_json(actor, card) for card in found]))


@api.patch("/journeys/<int:journey_id>")
@requires(Permission.EDIT_JOBS)
@declares({200: JourneyWrittenJson}, body=JourneyChanges, refuses=(409,))
def change_journey(journey_id: int) -> Response:
    """Enter values beside SmartMoving's, or let fields follow it again; 409 `stale` for an older version."""
    actor, body = current_actor(), read_body(JourneyChanges)
    card = queries.journey(actor, journey_id).card
    values, followed = _values(actor, card, body), _columns(body.use_source)
    with _named_as_sent():
        service.change(actor, journey_id, values, use_source=followed, version=body.version)
    return _journey(actor, journey_id)


@api.post("/journeys/<int:journey_id>/stage")
@requires(Permission.WORK_ON_OWN_JOBS)
@declares({200: JourneyWrittenJson}, body=StageBody, refuses=(409,))
def move_stage(journey_id: int) -> Response:
    """Move a journey to the next stage or back; 409 with `reasons` where something stands in the way."""
    actor, body = current_actor(), read_body(StageBody)
    service.move_stage(actor, journey_id, body.stage, reason=body.reason, tap_id=body.tap_id)
    return _journey(actor, journey_id)


@api.post("/journeys/<int:journey_id>/crew")
@requires(Permission.EDIT_JOBS)
@declares({200: JourneyWrittenJson}, body=CrewBody, refuses=(409,))
def set_crew(journey_id: int) -> Response:
    """Make the crew these people; `warnings` say who is needed elsewhere at the same time."""
    actor, body = current_actor(), read_body(CrewBody)
    return _journey(actor, journey_id, service.set_crew(actor, journey_id, body.user_ids, version=body.version))


@api.post("/journeys/<int:journey_id>/trucks")
@requires(Permission.EDIT_JOBS)
@declares({200: JourneyWrittenJson}, body=TrucksBody, refuses=(409,))
def set_trucks(journey_id: int) -> Response:
    """Make the trucks these; `warnings` as for crews."""
    actor, body = current_actor(), read_body(TrucksBody)
    return _journey(actor, journey_id, service.set_trucks(actor, journey_id, body.truck_ids, version=body.version))


@api.get("/users")
@requires(Permission.EDIT_JOBS)
@declares({200: UsersJson}, query=UsersQuery, refuses=(404,))
def users() -> Response:
    """Active drivers and movers who can be put on crews."""
    actor, asked = current_actor(), read_query(UsersQuery)
    _require_location(actor, asked.location)
    found = queries.crew_choices(actor, asked.location, role=asked.role)
    return jsonify(UsersJson(users=[{"id": one.id, "name": one.name, "role": one.role} for one in found]))


@api.get("/trucks")
@requires(Permission.VIEW_JOBS)
@declares({200: TrucksJson}, query=TrucksQuery, refuses=(404,))
def trucks() -> Response:
    """The trucks of the locations in scope, in use or not."""
    actor, asked = current_actor(), read_query(TrucksQuery)
    _require_location(actor, asked.location)
    return jsonify(TrucksJson(trucks=[_truck(row) for row in queries.trucks(actor, asked.location)]))


@api.post("/trucks")
@requires(Permission.EDIT_JOBS)
@declares({201: TruckAddedJson}, body=NewTruck, refuses=(404, 409))
def add_truck() -> tuple[Response, int]:
    """Add a truck to a location; 409 `name_taken` where it has one of that name."""
    actor, body = current_actor(), read_body(NewTruck)
    truck_id = service.add_truck(actor, body.location, body.name)
    [row] = [row for row in queries.trucks(actor, body.location) if row.id == truck_id]
    return jsonify(TruckAddedJson(truck=_truck(row))), 201


def as_json(actor: Actor, card: Card) -> JourneyJson:
    """The journey of interface.md; without `estimated_value` for who may not see money."""
    told: JourneyJson = {
        "id": card.id,
        "external_id": card.external_id,
        "job_number": card.job_number,
        "quote_number": card.quote_number,
        "customer_name": card.customer_name,
        "customer_phone": card.customer_phone,
        "customer_email": card.customer_email,
        "scheduled_date": card.scheduled_date.isoformat(),
        "arrival_window": _window(card),
        "origin_address": card.origin_address,
        "destination_address": card.destination_address,
        "stops": list(card.stops),
        "service_type": card.service_type,
        "move_size": card.move_size,
        "confirmed": card.confirmed,
        "source_status": status_words(card.source_status),
        "stage": card.stage,
        "location": card.location,
        "data_source": DataSource(card.data_source),
        "sync_status": SyncStatus(card.sync_status),
        "last_sync_at": card.last_sync_at.isoformat() if card.last_sync_at else None,
        "on_board": card.on_board,
        "changed": card.is_changed,
        "crew": [{"id": one.id, "name": one.name, "role": one.role} for one in card.crew],
        "trucks": [{"id": one.id, "name": one.name} for one in card.trucks],
        "version": card.version,
    }
    if actor.may(Permission.SEE_MONEY):
        told["estimated_value"] = None if card.estimated_value is None else float(card.estimated_value)
    return told


def _window(card: Card) -> WindowJson | None:
    if card.arrival_start is None:
        return None
    end = None if card.arrival_end is None else clock_time(card.arrival_end)
    return {"start": clock_time(card.arrival_start), "end": end}


def _journey(actor: Actor, journey_id: int, clashes: Sequence[Clash] | None = None) -> Response:
    answer: JourneyWrittenJson = {"journey": as_json(actor, queries.journey(actor, journey_id).card)}
    if clashes is not None:
        answer["warnings"] = [Remark(code="double_booked", text=clash.text) for clash in clashes]
    return jsonify(answer)


def _truck(row: queries.TruckRow) -> TruckJson:
    return {"id": row.id, "name": row.name, "location": row.location, "is_active": row.is_active}


def _require_location(actor: Actor, location: str | None) -> None:
    """A location out of scope is not told apart from none. A crew's own journeys may be anywhere."""
    if location is not None and actor.may(Permission.VIEW_JOBS) and not actor.reaches(actor.company_id, location):
        raise NotFound(NO_LOCATION)


def _values(actor: Actor, card: Card, body: JourneyChanges) -> dict[str, Any]:
    """What was given, as the columns hold it."""
    given = {name: getattr(body, name) for name in body.model_fields_set - {"version", "use_source"}}
    if "arrival_window" in given:
        window = given.pop("arrival_window")
        given["arrival_start"], given["arrival_end"] = (window.start, window.end) if window else (None, None)
    if "location" in given:
        given["location_id"] = _location_id(actor, card, given.pop("location"))
    return given


def _columns(names: Sequence[str]) -> list[str]:
    """The columns behind names of the JSON; unknown ones stay, to be refused by name."""
    return [column for name in names for column in COLUMNS.get(name, (name,))]


@contextmanager
def _named_as_sent() -> Iterator[None]:
    """Refusals of columns, told by the names of the JSON."""
    try:
        yield
    except InvalidInput as refusal:
        fields = {MEMBERS.get(name, name): fault for name, fault in refusal.fields.items()}
        raise InvalidInput(f"Some fields cannot be used: {', '.join(fields)}.", fields=fields) from refusal


def _location_id(actor: Actor, card: Card, name: str) -> int:
    found = queries.location_id(actor, card.company_id, name)
    if found is None:
        raise InvalidInput("Some fields cannot be used: location.", fields={"location": "is no location of yours"})
    return found
