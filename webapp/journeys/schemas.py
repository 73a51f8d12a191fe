"""What programs may send about journeys: each body and query, checked before anything is looked up."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from webapp.db import LARGEST
from webapp.journeys.cards import Day
from webapp.journeys.entries import EARLIEST, LATEST
from webapp.journeys.stages import Stage
from webapp.journeys.words import minutes_from
from webapp.jsonapi import Input, RowId


def _iso_day(value: object) -> date:
    """Only `2026-11-26`: neither a number of seconds nor a week is a day."""
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        day = None
    if day is None or day.isoformat() != value or not EARLIEST <= day <= LATEST:
        raise ValueError("is not a day such as 2026-11-26")
    return day


def _day(value: object) -> Day:
    if value == "today" or value == "tomorrow":
        return value
    return _iso_day(value)


def _minutes(value: object) -> int:
    return minutes_from(str(value))


IsoDay = Annotated[date, BeforeValidator(_iso_day)]
AskedDay = Annotated[Day, BeforeValidator(_day)]
Minutes = Annotated[int, BeforeValidator(_minutes)]
# A name holds no NUL, and PostgreSQL would not even compare it with one.
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
Ids = Annotated[list[RowId], Field(max_length=100)]
Version = Annotated[StrictInt, Field(ge=0, le=LARGEST)]


class JourneysQuery(Input):
    """The jobs of a day: today's, wherever each location is, unless told otherwise."""

    date: AskedDay = "today"
    location: Name | None = None
    stage: Stage | None = None


class UsersQuery(Input):
    """Who can be on a crew: drivers, movers or both; of one location or of all in scope."""

    role: Literal["DRIVER", "MOVER"] | None = None
    location: Name | None = None


class TrucksQuery(Input):
    """The trucks of one location, or of all in scope."""

    location: Name | None = None


class ArrivalWindow(Input):
    """Local times of the location's day, `08:30` to `10:00`; an `end` of null: the start is exact."""

    start: Minutes
    end: Minutes | None = None


class JourneyChanges(Input):
    """What a dispatcher enters: only what is given is changed. `use_source` names what SmartMoving decides again."""

    scheduled_date: IsoDay = date.min
    arrival_window: ArrivalWindow | None = None
    location: Name = ""
    customer_name: str = ""
    customer_phone: str = ""
    customer_email: str = ""
    origin_address: str = ""
    destination_address: str = ""
    stops: list[str] = Field(default_factory=list)
    service_type: str = ""
    move_size: str = ""
    confirmed: StrictBool | None = None
    crew_needed: StrictInt | None = None
    trucks_needed: StrictInt | None = None
    minutes_needed: StrictInt | None = None
    notes: str = ""
    use_source: list[str] = Field(default_factory=list)
    version: Version | None = None


class StageBody(Input):
    """The next stage, or the one before with a reason. `tap_id` (a UUID) makes a repeated call harmless."""

    stage: Stage
    reason: str = ""
    tap_id: str | None = None


class CrewBody(Input):
    """The whole crew."""

    user_ids: Ids
    version: Version | None = None


class TrucksBody(Input):
    """All trucks of the journey."""

    truck_ids: Ids
    version: Version | None = None


class NewTruck(Input):
    """A truck and the location where it stands."""

    name: str
    location: Name
