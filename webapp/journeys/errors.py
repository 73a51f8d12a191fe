"""Refusals of this room: each with the code programs know and the sentence people read."""

from collections.abc import Iterable

from webapp.errors import InvalidInput, Refusal
from webapp.journeys.stages import Obstacle


class Stale(Refusal):
    """The journey has changed since the person's page was drawn."""

    code = "stale"

    def __init__(self) -> None:
        super().__init__("Somebody has changed this job meanwhile. Here it is as it stands now; look again.")


class StepForbidden(Refusal):
    """The journey cannot take this step: `code` is the first obstacle's, `reasons` holds all of them."""

    def __init__(self, obstacles: Iterable[Obstacle]) -> None:
        found = tuple(obstacles)
        reasons = [{"code": one.code, "text": one.text} for one in found]
        super().__init__(" ".join(one.text for one in found), code=found[0].code, details={"reasons": reasons})


class NotByHand(Refusal):
    """Only a journey that was added by hand is taken off the board by hand."""

    code = "not_manual"

    def __init__(self) -> None:
        super().__init__("This job comes from SmartMoving: cancel or move it there, and it follows here.")


class NameTaken(Refusal):
    """A truck of that name stands at the location already."""

    code = "name_taken"

    def __init__(self, name: str, location: str) -> None:
        super().__init__(f"There is a truck {name} at {location} already.")


def invalid(field: str, sentence: str) -> InvalidInput:
    """The refusal of one field."""
    return InvalidInput(sentence, fields={field: sentence})
