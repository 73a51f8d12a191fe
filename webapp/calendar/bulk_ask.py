"""What is asked before several loans are deleted or moved: how many, what goes through FMS, what stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.accounts.actor import Actor
from webapp.dates import shown
from webapp.loans import moving, queries, runs
from webapp.loans.moving import Move
from webapp.loans.periods import Period
from webapp.loans.states import Status
from webapp.loans.undo_words import days_moved

DAYS = 7


@dataclass(frozen=True)
class MoveLine:
    """One loan of the preview. `days`: from when to when; `stays`: why it is left; `notes`: what else is said of it."""

    label: str
    days: str
    is_requested: bool
    stays: str
    link: tuple[str, str] | None
    notes: str


@dataclass(frozen=True)
class MoveAsk:
    """The form that moves loans. `fields` are (id.version) of those that would move; `requested` how many are in FMS.

    `green` holds the others of them. `fault`: why there is no preview.
    """

    days: int
    ids: tuple[int, ...]
    lines: tuple[MoveLine, ...]
    fields: tuple[str, ...]
    green: tuple[str, ...]
    requested: int
    title: str
    button: str
    fault: str = ""


@dataclass(frozen=True)
class DeleteAsk:
    """The question before loans are deleted, and which they are; `fields` are (id.version) of those that are there."""

    ids: tuple[int, ...]
    fields: tuple[str, ...]
    title: str
    text: str
    labels: tuple[str, ...]


def move_ask(actor: Actor, ids: list[int], days: int) -> MoveAsk:
    """The preview of moving these loans. Raises `InvalidInput`."""
    moves = moving.preview(actor, ids, days)
    going = [move for move in moves if not move.refusal]
    requested = sum(move.is_requested for move in going)
    stay = len(moves) - len(going)
    words = f"{_loans(len(going))} move {days_moved(days)}" + (f"; {stay} stay" if stay else "")
    through = f", {requested} of them through FMS" if requested else ""
    return MoveAsk(
        days=days,
        ids=tuple(ids),
        lines=tuple(_line(move) for move in sorted(moves, key=lambda move: not move.refusal)),
        fields=tuple(f"{move.assignment_id}.{move.version}" for move in going),
        green=tuple(f"{move.assignment_id}.{move.version}" for move in going if not move.is_requested),
        requested=requested,
        title=f"{words}.",
        button=f"Move the {len(going)}{through}",
    )


def no_preview(ids: list[int], fault: str) -> MoveAsk:
    """The form as it was, with why there is nothing to see yet."""
    return MoveAsk(DAYS, tuple(ids), (), (), (), 0, "", "", fault)


def delete_ask(actor: Actor, ids: list[int]) -> DeleteAsk:
    """The question before these loans are deleted. Raises `InvalidInput`."""
    ids = runs.require_some(ids)
    labels = queries.labels_of(actor, ids)
    loans = sorted(queries.loans(actor, ids), key=lambda loan: loan.id)
    requested = sum(loan.status == Status.REQUESTED for loan in loans)
    if requested == 1:
        text = "1 of them is requested in FMS and will be removed there."
    else:
        text = f"{requested} of them are requested in FMS and will be removed there." if requested else ""
    if requested == len(ids):
        text = text.replace("1 of them is", "It is").replace(f"{requested} of them are", "All of them are")
    return DeleteAsk(
        tuple(ids),
        tuple(f"{loan.id}.{loan.version}" for loan in loans),
        f"Delete {_loans(len(ids))}?",
        text,
        tuple(labels.get(one, f"Loan {one}") for one in ids),
    )


def versions_in(words: list[str]) -> Mapping[int, int]:
    """The loans that a form names as `id.version`; what is neither is left out."""
    pairs = [word.split(".") for word in words]
    return {int(pair[0]): int(pair[1]) for pair in pairs if len(pair) == 2 and all(map(_is_number, pair))}


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10


def _line(move: Move) -> MoveLine:
    days = f"{_period(move.now)} → {_period(move.then)}" if move.now and move.then else ""
    return MoveLine(move.label, days, move.is_requested, move.refusal, move.link, " ".join(move.notes))


def _period(period: Period) -> str:
    return f"{shown(period.start_day)} to {shown(period.end_day)}"


def _loans(count: int) -> str:
    return "1 loan" if count == 1 else f"{count} loans"
