"""Ways from our panels into FMS: the vehicle's and the partner's own pages there."""

from flask import current_app

from webapp.calendar.card import Link


def to_fms(*, vehicle_id: int | None = None, person_id: int | None = None) -> tuple[Link, ...]:
    """The pages of FMS about these, by FMS's numbers; none where FMS's address is not set."""
    base: str = current_app.extensions["settings"].fms_url
    ways = (
        ("Vehicle in FMS", "vehicles/list_activities", vehicle_id),
        ("Partner in FMS", "people/list_activities", person_id),
    )
    return tuple(Link(label, f"{base}/{path}/{number}") for label, path, number in ways if base and number is not None)
