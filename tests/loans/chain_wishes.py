"""Loans that a desk wishes together, and what planning them answers."""

from datetime import date
from typing import Any

from tests.loans.planner import WEEK, Desk
from tests.rows import DAY, OFFICE
from webapp.db import close_reading
from webapp.fleet.models import Vehicle
from webapp.loans import service
from webapp.loans.service import LoanWish, Planned

CHAIN = "0b8f7a52-5a0c-4a7e-9d0f-chain"


def wish(desk: Desk, vehicle: Vehicle, start_day: date = DAY, **given: Any) -> LoanWish:
    """A week with the desk's partner, unless told otherwise."""
    values: dict[str, Any] = {
        "vin": vehicle.vin,
        "person_id": desk.partner.person_id,
        "end_day": start_day + WEEK,
        **given,
    }
    return LoanWish(start_day=start_day, **values)


def back_to_back(desk: Desk, *models: str) -> list[LoanWish]:
    """A week of each of these models of Audi, one after another from `DAY`."""
    vehicles = [desk.fleet.add_vehicle(model=model) for model in models]
    return [wish(desk, vehicle, DAY + number * WEEK) for number, vehicle in enumerate(vehicles)]


def plan_all(desk: Desk, *wishes: LoanWish, **given: Any) -> tuple[Planned, ...]:
    """Plan them as one chain of Los Angeles."""
    values: dict[str, Any] = {"office": OFFICE, "chain_id": CHAIN, **given}
    close_reading()
    return service.plan_all(values.pop("actor", desk.actor), wishes=wishes, **values)


def told(planned: tuple[Planned, ...]) -> list[list[str]]:
    """The codes of what was said of each."""
    return [[one.code for one in loan.warnings] for loan in planned]
