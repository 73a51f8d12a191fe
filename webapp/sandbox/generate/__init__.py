"""An invented press-fleet company: the same scale, day and seed give the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from webapp.sandbox.generate.approvals import approve_makes
from webapp.sandbox.generate.loans import plan_activities
from webapp.sandbox.generate.money import spend_and_budget
from webapp.sandbox.generate.people import FMS_USERS, invent_partners
from webapp.sandbox.generate.places import OFFICES
from webapp.sandbox.generate.scale import SCALES
from webapp.sandbox.generate.vehicles import invent_vehicles

Row = tuple[object, ...]


@dataclass(slots=True)
class Company:
    """The rows of every table that is filled at the start, in the order of `schema.SCHEMA`'s columns."""

    about: list[Row]
    offices: list[Row]
    fms_users: list[Row]
    vehicles: list[Row]
    partners: list[Row]
    activities: list[Row]
    approvals: list[Row]
    spending: list[Row]
    budgets: list[Row] = field(default_factory=list)

    def tables(self) -> dict[str, list[Row]]:
        """Rows by table name."""
        return {name: getattr(self, name) for name in self.__slots__}


def generate(scale_name: str, today: date, seed: int) -> Company:
    """A company as it stands on `today`; takes a few seconds at full scale."""
    scale = SCALES[scale_name]
    # One generator per subject, so that a change in one does not reshuffle the others.
    vehicles = invent_vehicles(scale, today, Random(f"{seed}/vehicles"))
    partners = invent_partners(scale, Random(f"{seed}/partners"))
    approvals = approve_makes(scale, partners, Random(f"{seed}/approvals"))
    activities = plan_activities(scale, today, vehicles, partners, approvals, Random(f"{seed}/loans"))
    spending, budgets = spend_and_budget(scale, today, vehicles, Random(f"{seed}/money"))
    return Company(
        about=[("today", today.isoformat()), ("scale", scale_name), ("seed", str(seed))],
        offices=[(name, OFFICES[name][0].city, OFFICES[name][0].state) for name in scale.offices],
        fms_users=list(FMS_USERS),
        vehicles=_stored(vehicles),
        partners=[(number, *row) for number, row in enumerate(_stored(partners), start=1)],
        activities=_stored(activities),
        approvals=_stored(approvals),
        spending=spending,
        budgets=budgets,
    )


def _stored(records: Sequence[object]) -> list[Row]:
    return [tuple(_plain(getattr(record, name)) for name in _columns(record)) for record in records]


def _columns(record: object) -> tuple[str, ...]:
    return tuple(name for name in type(record).__slots__ if not name.startswith("_"))  # type: ignore[attr-defined]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


__all__ = ["Company", "generate"]
