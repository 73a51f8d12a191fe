"""The panel of a bulk run: how far it is, what became of each loan, and which rows to draw again."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.loans import queries
from webapp.loans.models import BatchKind, BatchRow, RowState
from webapp.loans.queries import BatchProgress

DOING = {
    BatchKind.REQUEST: "Sending to FMS",
    BatchKind.UNREQUEST: "Taking back from FMS",
    BatchKind.DELETE: "Deleting",
    BatchKind.MOVE: "Moving",
    BatchKind.UNDO: "Undoing",
    BatchKind.REDO: "Doing again",
}
DID = {
    BatchKind.REQUEST: "requested",
    BatchKind.UNREQUEST: "taken back",
    BatchKind.DELETE: "deleted",
    BatchKind.MOVE: "moved",
    BatchKind.UNDO: "undone",
    BatchKind.REDO: "done again",
}
WORDS = {
    RowState.WAITING: "waiting",
    RowState.RUNNING: "working",
    RowState.SUCCEEDED: "done",
    RowState.FAILED: "failed",
    RowState.UNCERTAIN: "not confirmed",
}
ENDED = frozenset({RowState.SUCCEEDED, RowState.FAILED, RowState.UNCERTAIN})


@dataclass(frozen=True)
class PanelRow:
    """One loan of the run. `look` colours its word."""

    assignment_id: int
    label: str
    word: str
    look: str
    text: str


@dataclass(frozen=True)
class Retry:
    """How what failed is tried again: a form with its fields; or, `is_asked_first`, what is looked at before."""

    address: str
    label: str
    fields: tuple[tuple[str, str], ...] = ()
    is_asked_first: bool = False
    is_undo: bool = False


@dataclass(frozen=True)
class Panel:
    """A bulk run as the page shows it. `seen` are the positions whose rows have been drawn again already; `undo` is
    the word on the button that undoes it, empty where there is nothing to undo.
    """

    id: str
    kind: str
    title: str
    total: int
    done: int
    is_finished: bool
    rows: tuple[PanelRow, ...]
    failed_ids: tuple[int, ...]
    seen: str
    retry: Retry | None = None
    undo: str = ""


LOOKS = {RowState.FAILED: "failed", RowState.UNCERTAIN: "uncertain"}
# A loan that came through looks as its bar does: blue would say that FMS has made it active.
DONE = {BatchKind.REQUEST: "requested", BatchKind.UNREQUEST: "planned", BatchKind.DELETE: "over"}
IN_FMS, NOT_IN_FMS = "requested", "planned"


def latest(actor: Actor) -> Panel | None:
    """The person's newest run that they have not put away, found again after closing the tab.

    None for who plans loans no longer: nothing on it would be theirs to press.
    """
    batch_id = queries.latest_batch_id(actor) if actor.may(Permission.PLAN_LOANS) else None
    return panel_of(queries.batch(actor, batch_id)) if batch_id else None


def panel_of(progress: BatchProgress) -> Panel:
    """The panel of a run."""
    ended = [str(row.position) for row in progress.rows if row.state in ENDED]
    return Panel(
        id=progress.id,
        kind=progress.kind,
        title=_title(progress),
        total=progress.total,
        done=progress.done,
        is_finished=progress.is_finished,
        rows=tuple(_row(row, BatchKind(progress.kind)) for row in sorted(progress.rows, key=_order)),
        failed_ids=tuple(row.assignment_id for row in progress.rows if row.state == RowState.FAILED),
        seen=".".join(ended),
        retry=_retry(progress),
        undo=_undo(progress),
    )


def _retry(progress: BatchProgress) -> Retry | None:
    failed = [str(row.assignment_id) for row in progress.rows if row.state == RowState.FAILED]
    if not failed or not progress.is_finished:
        return None
    kind, label = BatchKind(progress.kind), f"Retry the {len(failed)} failed"
    if kind in (BatchKind.UNDO, BatchKind.REDO):
        return Retry("/calendar/undo", label, (("step", progress.undoes or ""),), is_undo=True)
    if kind is BatchKind.MOVE:
        query = urlencode([("kind", kind), ("days", progress.days or 0), *(("id", number) for number in failed)])
        return Retry(f"/calendar/bulk/ask?{query}", f"Look at the {len(failed)} failed…", is_asked_first=True)
    return Retry("/calendar/bulk", label, (("kind", kind), *(("id", number) for number in failed)))


def _undo(progress: BatchProgress) -> str:
    if not progress.can_undo:
        return ""
    return {BatchKind.UNDO: "Redo", BatchKind.REDO: "Undo"}.get(BatchKind(progress.kind), "Undo")


def newly_ended(progress: BatchProgress, seen: str) -> list[BatchRow]:
    """The rows that ended since the panel last told of them."""
    known = set(seen.split("."))
    return [row for row in progress.rows if row.state in ENDED and str(row.position) not in known]


def _title(progress: BatchProgress) -> str:
    kind, counts = BatchKind(progress.kind), progress.counts
    parts: Iterable[tuple[int, str]] = (
        (counts[RowState.FAILED], "failed"),
        (counts[RowState.UNCERTAIN], "not confirmed by FMS"),
    )
    rest = "".join(f" · {count} {word}" for count, word in parts if count)
    if progress.is_finished:
        return f"{counts[RowState.SUCCEEDED]} of {progress.total} {DID[kind]}{rest}"
    return f"{DOING[kind]}: {progress.done} of {progress.total} done{rest}"


def _row(row: BatchRow, kind: BatchKind) -> PanelRow:
    state = RowState(row.state)
    number = f" #{row.fms_request_id}" if row.fms_request_id and state is RowState.SUCCEEDED else ""
    done = DONE.get(kind, IN_FMS if row.created_in_fms else NOT_IN_FMS)
    look = done if state is RowState.SUCCEEDED else LOOKS.get(state, "over")
    return PanelRow(row.assignment_id, row.label, f"{WORDS[state]}{number}", look, row.text)


def _order(row: BatchRow) -> tuple[bool, int]:
    """What needs a person first."""
    return row.state not in (RowState.FAILED, RowState.UNCERTAIN), row.position
