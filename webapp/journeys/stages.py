"""The stages of a journey, which step from one to another is allowed, and what stands in the way."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far the work on a journey is. Only people move it; a sync never does."""

    MORNING_PREP = "MORNING_PREP"
    EN_ROUTE = "EN_ROUTE"
    ONSITE = "ONSITE"
    COMPLETED = "COMPLETED"
    AUDITED = "AUDITED"

    @property
    def label(self) -> str:
        """What people call it."""
        return LABELS[self]


LABELS = {
    Stage.MORNING_PREP: "Morning prep",
    Stage.EN_ROUTE: "En route",
    Stage.ONSITE: "On site",
    Stage.COMPLETED: "Completed",
    Stage.AUDITED: "Audited",
}
ORDER = tuple(Stage)
# A crew's work ends here; what follows is the desk's.
LAST_OF_CREW = Stage.COMPLETED


@dataclass(frozen=True)
class Obstacle:
    """Why a step is not allowed: `code` for programs, `text` for people, `field` of the form it belongs to, if any."""

    code: str
    text: str
    field: str = ""


def following(stage: Stage) -> Stage | None:
    """The stage after `stage`; None after the last."""
    return ORDER[place + 1] if (place := ORDER.index(stage)) + 1 < len(ORDER) else None


def preceding(stage: Stage) -> Stage | None:
    """The stage before `stage`; None before the first."""
    return ORDER[place - 1] if (place := ORDER.index(stage)) else None


def is_back(here: Stage, to: Stage) -> bool:
    """Whether the step leads back: then it needs a reason."""
    return ORDER.index(to) < ORDER.index(here)


def can_step(here: Stage, to: Stage) -> bool:
    """Whether `to` is the next stage or the one before: no stage is skipped in either direction."""
    return to in (following(here), preceding(here))


def is_of_crew(here: Stage, to: Stage) -> bool:
    """Whether a crew may take this step of its own journey: auditing, and undoing it, is the desk's."""
    return Stage.AUDITED not in (here, to)


def obstacles(
    here: Stage, to: Stage, *, has_crew: bool, has_truck: bool, off_reason: str = "", reason: str = ""
) -> tuple[Obstacle, ...]:
    """All that stands in the way of the step, none where it is allowed (smartmoving.md, section 4).

    `off_reason`: why the journey is off the board, where it is. Codes: `not_next`, `needs_reason` (field
    `reason`), `off_board`, `needs_crew`, `needs_truck`.
    """
    if not can_step(here, to):
        return (Obstacle("not_next", _not_next(here, to)),)
    if is_back(here, to):
        text = f"Say why it goes back to {to.label.lower()}."
        return () if reason.strip() else (Obstacle("needs_reason", text, "reason"),)
    found = []
    if to is Stage.EN_ROUTE and off_reason:
        found.append(Obstacle("off_board", f"This job is off the board and must not set out. {off_reason}"))
    if to is Stage.EN_ROUTE and not has_crew:
        found.append(Obstacle("needs_crew", "Nobody is on the crew yet: assign somebody before it sets out."))
    if to is Stage.EN_ROUTE and not has_truck:
        found.append(Obstacle("needs_truck", "There is no truck on it yet: assign one before it sets out."))
    return tuple(found)


def _not_next(here: Stage, to: Stage) -> str:
    if here is to:
        return f"It is {here.label.lower()} already."
    near = [stage.label.lower() for stage in (following(here), preceding(here)) if stage]
    return f"From {here.label.lower()} it can go to {' or back to '.join(near)}, not to {to.label.lower()}."
