"""The shapes of JSON about journeys that programs parse."""

from typing import NotRequired

from typing_extensions import TypedDict

from webapp.declared import DayText, InstantText, Remark
from webapp.journeys.models import DataSource, SyncStatus
from webapp.journeys.stages import Stage


class WindowJson(TypedDict):
    """Local times of the location's day, such as `08:30`; an `end` of null: the start is exact."""

    start: str
    end: str | None


class PersonJson(TypedDict):
    """Somebody who can be on a crew."""

    id: int
    name: str
    role: str


class TruckNameJson(TypedDict):
    """A truck on a journey."""

    id: int
    name: str


class JourneyJson(TypedDict):
    """A job of the day. `estimated_value`, in US dollars, is told only to who may see money."""

    id: int
    external_id: str | None
    job_number: str
    quote_number: str
    customer_name: str
    customer_phone: str
    customer_email: str
    estimated_value: NotRequired[float | None]
    scheduled_date: DayText
    arrival_window: WindowJson | None
    origin_address: str
    destination_address: str
    stops: list[str]
    service_type: str
    move_size: str
    confirmed: bool | None
    source_status: str | None
    stage: Stage
    location: str
    data_source: DataSource
    sync_status: SyncStatus
    last_sync_at: InstantText | None
    on_board: bool
    changed: bool
    crew: list[PersonJson]
    trucks: list[TruckNameJson]
    version: int


class JourneysJson(TypedDict):
    """The jobs of a day, in the order of their arrival."""

    journeys: list[JourneyJson]


class JourneyWrittenJson(TypedDict):
    """A job as it is now; `warnings`, after crews and trucks, say who is needed elsewhere at the same time."""

    journey: JourneyJson
    warnings: NotRequired[list[Remark]]


class UsersJson(TypedDict):
    """Who can be put on crews."""

    users: list[PersonJson]


class TruckJson(TypedDict):
    """A truck, and whether it is in use."""

    id: int
    name: str
    location: str
    is_active: bool


class TrucksJson(TypedDict):
    """The trucks that were asked for."""

    trucks: list[TruckJson]


class TruckAddedJson(TypedDict):
    """The truck as it was added."""

    truck: TruckJson
