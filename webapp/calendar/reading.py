"""From a view to its board: reads what the view needs in a fixed number of queries and puts it together."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from flask import current_app

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.calendar import filter_reading, queries
from webapp.calendar.board import Board, board_by_partner, board_by_vehicle
from webapp.calendar.board_rows import Row, partner_key, vehicle_key
from webapp.calendar.filters import Filters, Rows
from webapp.calendar.found import Found
from webapp.calendar.looks import Look
from webapp.calendar.queries import ActivityFacts, LoanFacts, VehicleFacts
from webapp.db import db
from webapp.loans import holds
from webapp.loans.free import busy_people, held_vins
from webapp.loans.queries import Loan


@dataclass(frozen=True)
class Touched:
    """The rows that show one loan: its vehicle's and its partner's."""

    company_id: int
    vehicle_row_id: int
    person_id: int


@dataclass(frozen=True)
class Again:
    """Rows that changed, as they stand now. `belonging` are the keys of those that the view asks for: where a page does
    not have one of these, it lacks a row. `gone` are those that no page of this view has any more.
    """

    rows: tuple[Row, ...]
    belonging: tuple[str, ...]
    gone: tuple[str, ...]


def today_at(actor: Actor, office: str) -> date:
    """The day it is at `office`; where none is named, the day of the settings' zone."""
    return clock.today(zone_of(actor.company_id, office) if office else current_app.extensions["settings"].zone)


def read_board(actor: Actor, filters: Filters) -> Board:
    """Every row and bar of a view."""
    return read_drawn(actor, filters)[1]


def read_drawn(actor: Actor, filters: Filters) -> tuple[Found, Board]:
    """The board of a view with what it was drawn from: files that are taken away tell more than a bar."""
    draw = board_by_partner if filters.rows is Rows.PARTNERS else board_by_vehicle
    found = read_found(actor, filters)
    return found, draw(found, filters)


def read_rows(actor: Actor, filters: Filters, touched: Iterable[Touched]) -> tuple[Row, ...]:
    """The rows of a view that show these loans, as they stand now; nothing is filtered away from under the hand."""
    wanted = set(touched)
    shown = filters.without_filters()
    if filters.rows is Rows.PARTNERS:
        keys = {partner_key(each.company_id, each.person_id) for each in wanted}
        people = {each.person_id for each in wanted}
        board = board_by_partner(_found_for_partners(actor, shown, people), shown)
    else:
        ids = {each.vehicle_row_id for each in wanted}
        keys = {vehicle_key(vehicle_id) for vehicle_id in ids}
        board = board_by_vehicle(_found_for_vehicles(actor, shown, ids), shown)
    return tuple(row for row in board.rows if row.key in keys)


def read_again(actor: Actor, filters: Filters, touched: Iterable[Touched]) -> "Again":
    """The rows of a view that changed, for a page that is open: filtered rows are not taken from under the hand."""
    wanted = set(touched)
    if filters.rows is Rows.PARTNERS:
        keys = {partner_key(each.company_id, each.person_id) for each in wanted if each.person_id}
        found = _found_for_partners(actor, filters, {each.person_id for each in wanted})
        draw, listed = board_by_partner, keys
    else:
        keys = {vehicle_key(each.vehicle_row_id) for each in wanted if each.vehicle_row_id}
        found = _found_for_vehicles(actor, filters, {each.vehicle_row_id for each in wanted})
        draw, listed = (
            board_by_vehicle,
            {vehicle_key(each.id) for each in found.vehicles if _is_at(actor, filters, each)},
        )
    answering = {row.key: row for row in draw(found, filters).rows if row.key in keys}
    everything = {row.key: row for row in draw(found, filters.without_filters()).rows if row.key in keys}
    there = {key: row for key, row in everything.items() if key in listed or row.bars}
    return Again(
        rows=tuple(answering.get(key, row) for key, row in there.items()),
        belonging=tuple(sorted(answering.keys() & there.keys())),
        gone=tuple(sorted(keys - there.keys())),
    )


def read_found(actor: Actor, filters: Filters) -> Found:
    """What a view is drawn from: the JSON answer lists it."""
    if filters.rows is Rows.PARTNERS:
        return _found_for_partners(actor, filters)
    return _found_for_vehicles(actor, filters)


def touched_by(loan: Loan) -> Touched:
    """The rows that show `loan`."""
    return Touched(loan.company_id, loan.vehicle_row_id, loan.person_id)


def _found_for_vehicles(actor: Actor, filters: Filters, only: Collection[int] | None = None) -> Found:
    loans = queries.loans(
        actor, filters.window, office=filters.office, with_cancelled=_with_cancelled(filters), vehicle_ids=only
    )
    activities = queries.activities(actor, filters.window, office=filters.office, vehicle_ids=only)
    makes: list[str] = []
    if only is not None:
        vehicles = queries.vehicles_with_ids(actor, only)
    else:
        vehicles = queries.vehicles(actor, filters.office)
        makes = sorted({vehicle.make for vehicle in vehicles if vehicle.make})
        drawn = {loan.fleet_vehicle_id for loan in loans} | {each.fleet_vehicle_id for each in activities}
        # Vehicles that FMS dropped, or that moved to another office: their loans stay explainable.
        missing = drawn - {vehicle.id for vehicle in vehicles} - {None}
        vehicles += queries.vehicles_with_ids(actor, [number for number in missing if number is not None])
    return Found(
        vehicles=vehicles,
        partners=(),
        loans=loans,
        activities=activities,
        company_id=actor.company_id,
        may_plan=actor.may(Permission.PLAN_LOANS),
        own_offices=None if actor.may(Permission.ALL_LOCATIONS) else actor.locations,
        makes=makes,
        outlets=filter_reading.outlets(actor, _people(loans, activities)) if filters.q else {},
        ranks=filter_reading.ranks(actor, _people(loans, activities)) if filters.tier else {},
        taken=held_vins(db.session(), actor, filters.free, _vins(vehicles, filters)) if filters.free else frozenset(),
        holds=holds.standing(db.session(), actor),
        user_id=actor.user_id,
    )


def _found_for_partners(actor: Actor, filters: Filters, only: Collection[int] | None = None) -> Found:
    partners = queries.partners(actor, filters.office)
    if only is not None:
        partners = [partner for partner in partners if partner.person_id in only]
    loans = queries.loans(
        actor,
        filters.window,
        office=filters.office,
        people_of_office=True,
        with_cancelled=_with_cancelled(filters),
        person_ids=only,
    )
    activities = queries.activities(
        actor, filters.window, office=filters.office, people_of_office=True, person_ids=only
    )
    people = _people(loans, activities) | {partner.person_id for partner in partners}
    return Found(
        vehicles=(),
        partners=partners,
        loans=loans,
        activities=activities,
        company_id=actor.company_id,
        may_plan=actor.may(Permission.PLAN_LOANS),
        own_offices=None if actor.may(Permission.ALL_LOCATIONS) else actor.locations,
        makes=filter_reading.makes(actor, filters.office) if only is None else (),
        ranks=filter_reading.ranks(actor, people) if filters.make or filters.tier else {},
        taken=busy_people(db.session(), actor, filters.free, people) if filters.free else frozenset(),
        holds=holds.standing(db.session(), actor),
        user_id=actor.user_id,
    )


def _is_at(actor: Actor, filters: Filters, vehicle: VehicleFacts) -> bool:
    """Whether the vehicle has a row in the view even when nothing stands in it."""
    is_here = not filters.office or vehicle.office == filters.office
    return is_here and not vehicle.is_gone and actor.reaches(vehicle.company_id, vehicle.office)


def _people(loans: Iterable[LoanFacts], activities: Iterable[ActivityFacts]) -> set[int]:
    of_fms = {each.person_id for each in activities if each.person_id is not None}
    return of_fms | {loan.person_id for loan in loans}


def _vins(vehicles: Iterable[VehicleFacts], filters: Filters) -> dict[str, int] | None:
    """Those of an office with our ids; of all offices none in particular, which is quicker than naming each."""
    return {vehicle.vin: vehicle.id for vehicle in vehicles} if filters.office else None


def _with_cancelled(filters: Filters) -> bool:
    return filters.status is Look.CANCELLED
