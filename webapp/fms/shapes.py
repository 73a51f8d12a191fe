"""The shapes of JSON about FMS that programs parse."""

from typing_extensions import TypedDict

from webapp.declared import IdText, InstantText
from webapp.fms.models import Kind, State
from webapp.settings import FmsEnvironment


class OperationJson(TypedDict):
    """One intention towards FMS, and what became of it."""

    id: int
    kind: Kind
    state: State
    assignment_id: int
    fms_request_id: int | None
    reference: str
    requested_by: str
    requestor_id: int | None
    error: str | None
    created_at: InstantText
    finished_at: InstantText | None
    batch_id: IdText | None


class OperationsJson(TypedDict):
    """A page of the ledger; `total` counts all that were asked for."""

    operations: list[OperationJson]
    page: int
    per_page: int
    total: int


class ConfigJson(TypedDict):
    """Which FMS is called, and whether a token is there: of it only the length is told."""

    environment: FmsEnvironment
    base_url: str
    requestor_id: int | None
    token_configured: bool
    token_length: int
