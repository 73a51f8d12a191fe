"""What stands in the builder's form, as text: as an address or a post carries it, as a draft has it, and as an ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from webapp.chains.asking import DEFAULT_COUNT, DEFAULT_DAYS, Ask, Kind
from webapp.chains.solving.objective import RANKS
from webapp.chains.solving.slots import FEWEST_DAYS, MOST_DAYS, MOST_LOANS
from webapp.errors import InvalidInput

PAGE = "/chains"
# Between a make and its model in one value: no feed has it in a name.
BETWEEN = "|"
# The integers of the database end here, and FMS writes years with two digits.
LARGEST, FIRST_YEAR, LAST_YEAR = 2**31 - 1, 2000, 2099


# What was sent: every value of a name.
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Values:
    """The form's fields. `makes` None: all that the partner may have. `models` are `Make|Model`. `tiers` None: every
    rank that an approval gives.

    `is_given`: somebody filled the form; without that, what is not ticked has merely not been asked.
    """

    kind: Kind = Kind.PARTNER
    office: str = ""
    person_id: str = ""
    vin: str = ""
    start: str = ""
    days: str = str(DEFAULT_DAYS)
    count: str = str(DEFAULT_COUNT)
    respect_budgets: bool = True
    allow_double_booking: bool = False
    is_strict: bool = False
    makes: tuple[str, ...] | None = None
    models: tuple[str, ...] = ()
    tiers: tuple[str, ...] | None = None
    is_given: bool = False

    @property
    def start_day(self) -> date | None:
        """The start, where it can be read."""
        return day_in(self.start)

    def address(self) -> str:
        """The page with office, and partner or vehicle, filled in."""
        who = {"person_id": self.person_id} if self.kind is Kind.PARTNER else {"vin": self.vin}
        kind = {"kind": self.kind.value} if not any(who.values()) and self.kind is Kind.VEHICLE else {}
        query = {"office": self.office, **kind, **who, "start": self.start}
        return f"{PAGE}?{urlencode({name: value for name, value in query.items() if value})}"


def values_in(fields: Fields) -> Values:
    """What an address or a posted form holds. Never fails: what cannot be read is found when it is asked for."""
    is_given = "given" in fields
    person_id, vin, kind = (_one(fields, name) for name in ("person_id", "vin", "kind"))
    is_of_vehicle = kind == Kind.VEHICLE or (not kind and bool(vin) and not person_id)
    return Values(
        kind=Kind.VEHICLE if is_of_vehicle else Kind.PARTNER,
        office=_one(fields, "office"),
        person_id=person_id,
        vin=vin[:17].upper(),
        start=_one(fields, "start"),
        days=_one(fields, "days") or ("" if is_given else str(DEFAULT_DAYS)),
        count=_one(fields, "count") or ("" if is_given else str(DEFAULT_COUNT)),
        respect_budgets=_switch(fields, "respect_budgets", is_given, usual=True),
        allow_double_booking=_switch(fields, "allow_double_booking", is_given, usual=False),
        is_strict=_switch(fields, "strict", is_given, usual=False),
        makes=_ticked(fields, "makes"),
        models=tuple(dict.fromkeys(_all(fields, "models"))),
        tiers=_tiers(fields),
        is_given=is_given,
    )


def values_of(ask: Ask) -> Values:
    """A draft's ask as the form shows it."""
    return Values(
        kind=ask.kind,
        office=ask.office,
        person_id=str(ask.person_id or ""),
        vin=ask.vin or "",
        start=ask.start.isoformat(),
        days=str(ask.days),
        count=str(ask.count),
        respect_budgets=ask.respect_budgets,
        allow_double_booking=ask.allow_double_booking,
        is_strict=ask.is_strict,
        makes=ask.makes or None,
        models=tuple(BETWEEN.join(each) for each in ask.models),
        tiers=ask.tiers or None,
        is_given=True,
    )


def ask_of(values: Values) -> Ask:
    """What the form asks for. Raises `InvalidInput` naming every field that cannot be used."""
    faults: dict[str, str] = {}
    person_id = number_in(values.person_id)
    if not values.office:
        faults["office"] = "Choose an office."
    if values.kind is Kind.PARTNER and person_id is None:
        faults["person_id"] = "Choose a partner."
    if values.kind is Kind.VEHICLE and not values.vin:
        faults["vin"] = "Choose a vehicle."
    start = values.start_day
    if start is None:
        faults["start"] = "Give the day on which the first loan starts."
    days, count = number_in(values.days), number_in(values.count)
    if days is None or not FEWEST_DAYS <= days <= MOST_DAYS:
        faults["days"] = f"A loan takes {FEWEST_DAYS} to {MOST_DAYS} days."
    if count is None or not 1 <= count <= MOST_LOANS:
        faults["count"] = f"A chain has 1 to {MOST_LOANS} loans."
    is_of_partner = values.kind is Kind.PARTNER
    if is_of_partner and values.makes == ():
        faults["makes"] = "Choose at least one make."
    if is_of_partner and values.is_strict and not values.models:
        faults["models"] = "Choose models, or switch off “Only preferred models”."
    if not is_of_partner and values.tiers == ():
        faults["tiers"] = "Choose at least one tier."
    if faults or start is None or days is None or count is None:
        raise InvalidInput(" ".join(faults.values()), fields=faults)
    return Ask(
        kind=values.kind,
        office=values.office,
        start=start,
        person_id=person_id if is_of_partner else None,
        vin=None if is_of_partner else values.vin,
        days=days,
        count=count,
        respect_budgets=values.respect_budgets,
        allow_double_booking=is_of_partner and values.allow_double_booking,
        makes=(values.makes or ()) if is_of_partner else (),
        models=tuple(model_in(each) for each in values.models) if is_of_partner else (),
        is_strict=is_of_partner and values.is_strict,
        tiers=() if is_of_partner else (values.tiers or ()),
    )


def model_in(text: str) -> tuple[str, str]:
    """Make and model of a value of the form."""
    make, _, model = text.partition(BETWEEN)
    return make, model


def number_in(text: str) -> int | None:
    """A number as forms carry it; None for what no database's integer holds."""
    # Few enough digits that Python reads them: it raises beyond some thousands.
    is_number = text.isascii() and text.isdigit() and len(text) <= 12
    return int(text) if is_number and int(text) <= LARGEST else None


def day_in(text: str) -> date | None:
    """An ISO day within what FMS's two-digit years can say, or None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _all(fields: Fields, name: str) -> list[str]:
    # No NUL, with which PostgreSQL would not even compare.
    return [text for each in fields.get(name, ()) if (text := each.replace("\x00", "").strip()[:200])]


def _one(fields: Fields, name: str) -> str:
    return next(iter(_all(fields, name)), "")


def _switch(fields: Fields, name: str, is_given: bool, *, usual: bool) -> bool:
    """A switch that is off is not sent at all: only a filled form can say so."""
    sent = _one(fields, name)
    return sent in ("true", "1", "on") if sent or is_given else usual


def _ticked(fields: Fields, name: str) -> tuple[str, ...] | None:
    """What is ticked; None where everything that was offered is: then what is offered next is ticked too."""
    ticked = tuple(dict.fromkeys(_all(fields, name)))
    offered = number_in(_one(fields, f"{name}_offered")) or 0
    return None if len(ticked) >= offered and (offered or not ticked) else ticked


def _tiers(fields: Fields) -> tuple[str, ...] | None:
    """What is ticked; None for every rank: a pending approval is none yet, and counts where it is asked for."""
    ticked = tuple(dict.fromkeys(_all(fields, "tiers")))
    return None if frozenset(ticked) == frozenset(RANKS) or not (ticked or "tiers_offered" in fields) else ticked
