"""The shapes of JSON about loans that programs parse."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from webapp.declared import DayText, IdText, Problem
from webapp.loans.states import FmsState, Status

# What FMS was asked for.
Asked = Literal["create", "delete"]


class AssignmentJson(TypedDict):
    """A loan, as we plan it or as FMS approved it."""

    assignment_id: int
    vin: str
    person_id: int
    office: str
    start_day: DayText
    end_day: DayText
    make: str
    model: str
    partner_name: str
    status: Status
    fms_request_id: int | None
    fms_state: FmsState
    activity_id: int | None
    chain_id: IdText | None
    version: int


class RequestedJson(TypedDict):
    """FMS has accepted the request."""

    success: Literal[True]
    message: str
    assignment_id: int
    fms_request_id: int | None


class DeletedJson(TypedDict):
    """The loan is gone, and its request in FMS where there was one."""

    success: Literal[True]
    message: str
    assignment_id: int
    deleted_from_fms: bool


class StatusChangedJson(TypedDict):
    """The loan has the new status; `fms_action` is what FMS was asked for."""

    success: Literal[True]
    message: str
    assignment_id: int
    old_status: Status
    new_status: Status
    fms_action: Asked | None


class UnfinishedJson(Problem):
    """FMS refused or failed (502), or has not confirmed what it was asked (202, `code` is `uncertain`)."""

    success: Literal[False]
    message: str
    assignment_id: int
    fms_request_id: NotRequired[int | None]
    deleted_from_fms: NotRequired[bool]
    old_status: NotRequired[Status | None]
    new_status: NotRequired[Status | None]
    fms_action: NotRequired[Asked | None]


class BatchRowJson(TypedDict):
    """How one loan of a bulk run ended."""

    assignment_id: int
    success: bool
    error: str | None
    fms_request_id: int | None
    created_in_fms: bool
    deleted_from_fms: bool
    code: str | None


class BatchJson(TypedDict):
    """How a bulk run ended; rows whose fate FMS has not told yet count as neither succeeded nor failed."""

    total: int
    succeeded: int
    failed: int
    uncertain: int
    batch_id: IdText
    results: list[BatchRowJson]
