"""What a person asks of the chain builder: whose chain, from when, how many loans, and under which wishes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from webapp.loans.periods import Period

DEFAULT_DAYS, DEFAULT_COUNT = 7, 4


class Kind(StrEnum):
    """Whose chain it is: one partner's with several vehicles, or one vehicle's with several partners."""

    PARTNER = "partner"
    VEHICLE = "vehicle"


@dataclass(frozen=True)
class Ask:
    """A chain as somebody asks for it (chains.md, sections 4 and 5).

    A partner chain names `person_id`, a vehicle chain `vin`. `makes` (none: all) and `models`, as (make, model),
    in anybody's spelling; `tiers` are ranks (none: all). `pinned` maps a slot's index, from 1, to what a person
    chose there: a VIN on a partner chain, a person id on a vehicle chain. `pinned_days` maps it to chosen days.
    """

    kind: Kind
    office: str
    start: date
    person_id: int | None = None
    vin: str | None = None
    days: int = DEFAULT_DAYS
    count: int = DEFAULT_COUNT
    respect_budgets: bool = True
    allow_double_booking: bool = False
    makes: tuple[str, ...] = ()
    models: tuple[tuple[str, str], ...] = ()
    is_strict: bool = False
    tiers: tuple[str, ...] = ()
    pinned: Mapping[int, str | int] = field(default_factory=dict)
    pinned_days: Mapping[int, Period] = field(default_factory=dict)
