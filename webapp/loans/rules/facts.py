"""All that the rules look at, as plain values in groups that many evaluations can share."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from webapp.loans.availability import Occupation
from webapp.loans.periods import Period, Quarter, with_weekday_end

# FMS's word for an approval that is still to be given.
PENDING = "Pending"
DEFAULT_COOLDOWN = 30
ModelKey = tuple[str, str]
K = TypeVar("K")


@dataclass(frozen=True)
class Hold:
    """A vehicle that another scheduler is planning with on these days. `until` is a time as people read it, with
    its zone: `10:42 PST`."""

    start_day: date
    end_day: date
    until: str

    @property
    def period(self) -> Period:
        """The days of the loan that is being planned."""
        return Period(self.start_day, self.end_day)


@dataclass(frozen=True)
class VehicleFacts:
    """A vehicle. `make` is FMS's spelling; `make_key` and `model_key` as `fleet.makes` write them.

    `fleet` is the one under which money is kept for it. `occupations` are those that end after the day from
    which the rules are asked. `holds` are those of other people that stand now, the last to run out last.
    """

    name: str
    vin: str = ""
    vehicle_id: int | None = None
    make: str = ""
    make_key: str = ""
    model_key: ModelKey | None = None
    fleet: str = ""
    in_service_date: date | None = None
    expected_turn_in_date: date | None = None
    occupations: tuple[Occupation, ...] = ()
    is_known: bool = True
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True)
class PartnerLoan:
    """A loan of the partner's, over, under way or booked. The keys are None where the VIN is of no fleet we know."""

    occupation: Occupation
    vin: str
    make_key: str | None
    model_key: ModelKey | None
    is_over: bool = False


@dataclass(frozen=True)
class Costs:
    """US dollars that a loan to the partner costs, by make key where that is known; `otherwise` for every other."""

    otherwise: Decimal
    by_make: Mapping[str, Decimal] = field(default_factory=dict)


NO_COSTS = Costs(Decimal(0))


@dataclass(frozen=True)
class PartnerFacts:
    """A partner. `ranks` by make key: the best under any spelling; a make that is not in it is not approved.

    `loans` are all we know of, at any date. `is_placed` is False only where distances are asked for and the
    partner has no coordinates. `person_id` is FMS's number, asked for only where loans are wished together.
    """

    name: str
    ranks: Mapping[str, str] = field(default_factory=dict)
    loans: tuple[PartnerLoan, ...] = ()
    costs: Costs = NO_COSTS
    is_placed: bool = True
    is_known: bool = True
    person_id: int | None = None

    @cached_property
    def by_vin(self) -> Mapping[str, list[PartnerLoan]]:
        """The loans of each VIN, by start."""
        return _grouped((loan.vin, loan) for loan in self.loans)

    @cached_property
    def by_model(self) -> Mapping[ModelKey | None, list[PartnerLoan]]:
        """The loans of each make and model, by start."""
        return _grouped((loan.model_key, loan) for loan in self.loans)

    @cached_property
    def starts(self) -> Mapping[tuple[str | None, int], int]:
        """How many loans of a make start in a year."""
        return Counter((loan.make_key, loan.occupation.start_day.year) for loan in self.loans)

    @cached_property
    def current(self) -> tuple[PartnerLoan, ...]:
        """The loans that are not over."""
        return tuple(loan for loan in self.loans if not loan.is_over)


@dataclass(frozen=True)
class Limits:
    """What operations laid down for a make and rank. None: nothing."""

    cooldown_days: int | None = None
    loans_a_year: int | None = None


@dataclass(frozen=True)
class Account:
    """US dollars of a fleet at an office in a quarter. `planned`: our loans that FMS's figure does not hold yet."""

    allocation: Decimal | None
    used: Decimal
    planned: Decimal

    @property
    def available(self) -> Decimal | None:
        """What may still be spent; None: not limited, as nothing was allocated."""
        return None if self.allocation is None else self.allocation - self.used - self.planned


@dataclass(frozen=True)
class OfficeFacts:
    """The office that plans: its day, its holidays, its money by fleet and quarter, and the company's limits.

    `limits` by make key and rank. A fleet that is not in `accounts` is not limited.
    """

    name: str
    today: date
    holidays: Mapping[date, str] = field(default_factory=dict)
    limits: Mapping[tuple[str, str], Limits] = field(default_factory=dict)
    accounts: Mapping[tuple[str, Quarter], Account] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """One loan as somebody wishes it. The loan that is being checked is in none of the occupations and loans.

    `wanted` is the period as it will be booked, `keeps_start` whether the loan had this start already: a start
    that has passed since it was planned does not stand in the way of moving its end.
    """

    wanted: Period
    office: OfficeFacts
    vehicle: VehicleFacts
    partner: PartnerFacts
    keeps_start: bool = False

    @property
    def rank(self) -> str | None:
        """The partner's rank for the vehicle's make; None where it is not approved."""
        return self.partner.ranks.get(self.vehicle.make_key)

    @property
    def limits(self) -> Limits:
        """What operations laid down for this make and rank."""
        return self.office.limits.get((self.vehicle.make_key, self.rank or ""), NO_LIMITS)

    def starting(self, day: date) -> "Facts":
        """The same loan, as long, from another day on."""
        moved = with_weekday_end(Period(day, day + timedelta(days=self.wanted.days)))
        return replace(self, wanted=moved, keeps_start=False)


NO_LIMITS = Limits()


def _grouped(pairs: Iterable[tuple[K, PartnerLoan]]) -> dict[K, list[PartnerLoan]]:
    groups: dict[K, list[PartnerLoan]] = {}
    for key, loan in pairs:
        groups.setdefault(key, []).append(loan)
    for loans in groups.values():
        loans.sort(key=lambda loan: loan.occupation.period)
    return groups
