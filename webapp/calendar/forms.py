"""The form of a loan: what stands in it, what was posted, and what is wrong with that, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from webapp.accounts.actor import Actor
from webapp.accounts.queries import offices
from webapp.calendar import queries
from webapp.calendar.filters import name_in
from webapp.calendar.reading import today_at
from webapp.dates import shown_with_weekday
from webapp.db import LARGEST
from webapp.errors import InvalidInput
from webapp.fleet.names import short_vin
from webapp.loans.periods import next_weekday
from webapp.loans.queries import Loan
from webapp.loans.states import Status
from webapp.names import by_last_name, last_first

DAYS = 7
CHANGEABLE = ("vin", "person_id", "start_day", "end_day")


@dataclass(frozen=True)
class Wanted:
    """A loan as a form asks for it, every field read."""

    vin: str
    person_id: int
    office: str
    start_day: date
    end_day: date
    note: str


@dataclass(frozen=True)
class LoanForm:
    """What the form prints: values as text, faults by field (empty name: of the whole), the choices.

    `loan_id` None: a new loan. `is_requested`: saving unrequests, changes and requests again. `was` is the loan as
    the person saw it when they began. `changes` is what others did since, and `now` what then stands beside those
    fields that say something else.
    """

    title: str
    address: str
    button: str
    values: Mapping[str, str]
    offices: tuple[str, ...] = ()
    vehicles: tuple[tuple[str, str], ...] = ()
    partners: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    loan_id: int | None = None
    is_requested: bool = False
    link: tuple[str, str] | None = None
    was: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    now: Mapping[str, str] = field(default_factory=dict)


def new_form(actor: Actor, given: Mapping[str, str], error: InvalidInput | None = None) -> LoanForm:
    """The form that plans a loan, filled with what is `given`, else from the next weekday for a week.

    `start` in what is given: the first day of the calendar it is opened from, which may be months ahead.
    """
    listed = offices(actor)
    office = name_in(given.get("office", "")) or (listed[0] if listed else "")
    start = read_day(given.get("start_day", "")) or _first_day(given, today_at(actor, office))
    values = {
        "vin": given.get("vin", ""),
        "person_id": given.get("person_id", ""),
        "office": office,
        "start_day": given.get("start_day", "") or start.isoformat(),
        "end_day": given.get("end_day", "") or next_weekday(start + timedelta(days=DAYS)).isoformat(),
        "note": given.get("note", ""),
    }
    return LoanForm(
        title="Plan a loan",
        address="/calendar/loans",
        button="Plan it",
        values=values,
        offices=tuple(listed),
        vehicles=vehicle_choices(actor, office),
        partners=partner_choices(actor, office),
        faults=_faults(error),
        link=error.link if error else None,
    )


def change_form(
    actor: Actor,
    loan: Loan,
    given: Mapping[str, str],
    error: InvalidInput | None = None,
    *,
    changes: tuple[str, ...] = (),
) -> LoanForm:
    """The form that changes `loan`; where FMS holds its request: unrequest, change and request again.

    `changes` is what others did to the loan since the form was filled: then it keeps what the person put in, on the
    loan as it stands now, and says beside each such field what stands there now.
    """
    is_requested = loan.status is Status.REQUESTED
    present = {
        "vin": loan.vin,
        "person_id": str(loan.person_id),
        "start_day": loan.start_day.isoformat(),
        "end_day": loan.end_day.isoformat(),
    }
    was = {name: given.get(f"was_{name}", value) for name, value in present.items()}
    typed = {name: given[name] for name in CHANGEABLE if name in given}
    version = given.get("version", str(loan.version))
    if changes:
        typed = {name: value for name, value in typed.items() if f"was_{name}" not in given or value != was[name]}
        was, version = present, str(loan.version)
    values = {"office": loan.office, "note": given.get("note", ""), "version": version, **present, **typed}
    usual = "Unrequest, change, request again" if is_requested else "Change it"
    return LoanForm(
        title="Unrequest, change and request again" if is_requested else "Change the loan",
        address=f"/calendar/loans/{loan.id}/{'replace' if is_requested else 'change'}",
        button="Use mine all the same" if changes and not is_requested else usual,
        values=values,
        was=was,
        changes=changes,
        now=_now(loan, present, values) if changes else {},
        vehicles=vehicle_choices(actor, loan.office, also=(loan.vin, f"{loan.vehicle_name} {short_vin(loan.vin)}")),
        partners=partner_choices(actor, loan.office),
        loan_id=loan.id,
        is_requested=is_requested,
        faults=_faults(error),
        link=error.link if error else None,
    )


def _now(loan: Loan, present: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    words = {
        "vin": f"{loan.vehicle_name} {short_vin(loan.vin)}",
        "person_id": last_first(loan.partner_name),
        "start_day": shown_with_weekday(loan.start_day),
        "end_day": shown_with_weekday(loan.end_day),
    }
    return {name: words[name] for name in CHANGEABLE if values[name] != present[name]}


def read_wanted(form: Mapping[str, str]) -> Wanted:
    """What a posted form asks for. Raises `InvalidInput` naming every field that cannot be used."""
    start, end = read_day(form.get("start_day", "")), read_day(form.get("end_day", ""))
    person_id = read_number(form.get("person_id", ""))
    faults = {}
    if not form.get("vin", "").strip():
        faults["vin"] = "Choose a vehicle."
    if person_id is None:
        faults["person_id"] = "Choose a partner."
    if start is None:
        faults["start_day"] = "Give the day it goes out."
    if end is None:
        faults["end_day"] = "Give the day it comes back."
    if faults or person_id is None or start is None or end is None:
        raise InvalidInput(" ".join(faults.values()), fields=faults)
    return Wanted(
        vin=form["vin"].strip()[:17].upper(),
        person_id=person_id,
        office=form.get("office", "").strip(),
        start_day=start,
        end_day=end,
        note=form.get("note", "").strip()[:500],
    )


def read_number(text: str) -> int | None:
    """A number of ours or of FMS's as forms carry it; None for what no database's integer holds."""
    # Few enough digits that Python reads them: it raises beyond some thousands.
    is_number = text.isascii() and text.isdigit() and len(text) <= 12
    return int(text) if is_number and int(text) <= LARGEST else None


def _first_day(given: Mapping[str, str], today: date) -> date:
    asked = read_day(given.get("start", ""))
    return next_weekday(max(asked, today) if asked else today)


def read_day(text: str) -> date | None:
    """An ISO day within what FMS's two-digit years can say, or None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _faults(error: InvalidInput | None) -> Mapping[str, str]:
    return (error.fields or {"": error.sentence}) if error else {}


def vehicle_choices(actor: Actor, office: str, also: tuple[str, str] | None = None) -> tuple[tuple[str, str], ...]:
    """(VIN, name) of every vehicle of the office, by name."""
    choices = {
        vehicle.vin: f"{vehicle.name} {short_vin(vehicle.vin)} · {vehicle.color}" for vehicle in _of(actor, office)
    }
    if also and also[0] not in choices:
        choices[also[0]] = also[1]
    return tuple(sorted(choices.items(), key=lambda choice: (choice[1].casefold(), choice[0])))


def _of(actor: Actor, office: str) -> list[queries.VehicleFacts]:
    return [each for each in queries.vehicles(actor, office) if each.company_id == actor.company_id] if office else []


def partner_choices(actor: Actor, office: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Partners by last name, those of the office first, then everybody else in scope; each person once."""
    groups: dict[str, dict[str, str]] = {office: {}, "Other offices": {}}
    everybody = [each for each in queries.partners(actor) if each.company_id == actor.company_id]
    for partner in sorted(everybody, key=lambda each: (each.office != office, by_last_name(each.name))):
        key, label = str(partner.person_id), last_first(partner.name)
        if partner.affiliation:
            label += f" · {partner.affiliation}"
        if partner.office == office:
            groups[office][key] = label
        elif key not in groups[office]:
            groups["Other offices"].setdefault(key, f"{label} · {partner.office}")
    return tuple((name, tuple(choices.items())) for name, choices in groups.items() if choices)
