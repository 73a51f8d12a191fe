"""What a draft was told by the last suggestion: of the whole, and why a loan stayed empty; as it is kept and read."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from webapp.chains.drafting.slots import Place, Places
from webapp.chains.solving.values import Status, Unfilled
from webapp.loans.periods import Period


@dataclass(frozen=True)
class Outcome:
    """What a suggestion said of the whole. `excluded` counts the candidates left out, by code of the reason.

    `unplaced` are partners without coordinates, as (person id, name). `objective` in points; `seconds` it took.
    `is_changed`: by now somebody has put something else into the chain, so that it is no longer what was proved.
    """

    status: Status
    objective: float
    excluded: Mapping[str, int] = field(default_factory=dict)
    unplaced: tuple[tuple[int, str], ...] = ()
    looked_at: int = 0
    left_out: int = 0
    seconds: float = 0.0
    is_changed: bool = False

    def as_json(self) -> dict[str, object]:
        """As the draft keeps it."""
        return {**asdict(self), "status": self.status.value, "excluded": dict(self.excluded)}


@dataclass(frozen=True)
class Reason:
    """Why the loan on these days was left empty: `code` and `text` of `Unfilled`."""

    period: Period
    code: str
    text: str


@dataclass(frozen=True)
class Told:
    """All that is kept besides the loans. `notes` are sentences for the person about the last change."""

    outcome: Outcome | None = None
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()

    def after_hand(self, before: Places, after: Places) -> "Told":
        """What still holds once a person has made `after` of the loans; what was said of the last change does not."""
        is_other = {place.period: place.key for place in before} != {place.period: place.key for place in after}
        outcome = replace(self.outcome, is_changed=True) if self.outcome and is_other else self.outcome
        return replace(self, outcome=outcome, notes=())

    def as_json(self) -> dict[str, object] | None:
        """As the draft keeps it; None where there is nothing to keep."""
        if self == Told():
            return None
        return {
            "outcome": self.outcome.as_json() if self.outcome else None,
            "reasons": [
                [reason.period.start_day.isoformat(), reason.period.end_day.isoformat(), reason.code, reason.text]
                for reason in self.reasons
            ],
            "notes": list(self.notes),
        }

    def unfilled(self, places: Iterable[Place]) -> tuple[Unfilled, ...]:
        """Why those are empty that still are, on the days of which it was said."""
        said = {reason.period: reason for reason in self.reasons}
        return tuple(
            Unfilled(place.slot, said[place.period].code, said[place.period].text)
            for place in places
            if place.key is None and place.period in said
        )


def told_from(kept: Mapping[str, Any] | None) -> Told:
    """What `Told.as_json` wrote."""
    if kept is None:
        return Told()
    reasons = (
        Reason(Period(date.fromisoformat(start), date.fromisoformat(end)), code, text)
        for start, end, code, text in kept["reasons"]
    )
    return Told(_outcome(kept["outcome"]), tuple(reasons), tuple(kept["notes"]))


def _outcome(kept: Mapping[str, Any] | None) -> Outcome | None:
    if kept is None:
        return None
    unplaced = tuple((person_id, name) for person_id, name in kept["unplaced"])
    return Outcome(**{**kept, "status": Status(kept["status"]), "unplaced": unplaced})
