"""The shapes of JSON about the calendar that programs parse."""

from typing_extensions import TypedDict

from webapp.declared import DayText, Remark
from webapp.loans.shapes import AssignmentJson


class ActivityJson(TypedDict):
    """A row of FMS's own calendar that is no loan of ours."""

    activity_id: int
    vin: str
    vehicle_name: str
    person_id: int | None
    partner_name: str | None
    activity_type: str
    start_day: DayText
    end_day: DayText
    to: str
    region: str
    assignment_id: int | None


class CalendarJson(TypedDict):
    """What touches the window: loans, and FMS's rows that are not linked to one of them."""

    assignments: list[AssignmentJson]
    activities: list[ActivityJson]


class WrittenJson(TypedDict):
    """A loan as it is now, and what the rules say of it without forbidding it."""

    assignment: AssignmentJson
    warnings: list[Remark]
