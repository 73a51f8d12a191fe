"""The shapes of JSON about chains that programs parse."""

from typing import NotRequired

from typing_extensions import TypedDict

from webapp.chains.solving.values import Status
from webapp.declared import DayText, IdText, Remark
from webapp.loans.shapes import AssignmentJson, BatchJson


class SlotJson(TypedDict):
    """A loan of a suggested chain, the first is number 1."""

    index: int
    start_day: DayText
    end_day: DayText
    vin: str
    vehicle_id: int | None
    make: str
    model: str
    person_id: int
    partner_name: str
    warnings: list[Remark]


class ConflictJson(TypedDict):
    """What keeps the chain from being whole, and in which of its loans."""

    text: str
    slots: list[int]


class UnplacedJson(TypedDict):
    """A partner whom nobody can place on the map."""

    person_id: int
    partner_name: str


class SuggestionJson(TypedDict):
    """The best chain: `excluded` counts, by reason, whoever fits into none of its loans; `seconds` it took."""

    status: Status
    requested_start: DayText
    actual_start: DayText | None
    objective: float
    slots: list[SlotJson]
    conflicts: list[ConflictJson]
    excluded: dict[str, int]
    unplaced: list[UnplacedJson]
    seconds: float


class ObstacleJson(Remark):
    """A reason, or a warning; `until` is the first day from which it would not stand."""

    until: NotRequired[DayText]


class WhyNotJson(TypedDict):
    """Whether a loan would be suggested; `possible_from` is the first day from which nothing stands in the way."""

    possible: bool
    reasons: list[ObstacleJson]
    possible_from: NotRequired[DayText]


class ChainRemark(Remark):
    """What is to be said of one loan of a saved chain."""

    assignment_id: int


class SavedChainJson(TypedDict):
    """The saved loans; `batch`, where FMS was asked, says how each request ended."""

    chain_id: IdText
    assignments: list[AssignmentJson]
    warnings: list[ChainRemark]
    batch: NotRequired[BatchJson]
