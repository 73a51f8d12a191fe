"""The stages of a journey, and which step from one to another is allowed."""

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
