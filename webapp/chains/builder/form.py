"""The builder's form: what can be chosen at an office and for whom, and what no longer can since something changed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.queries import offices
from webapp.calendar.forms import partner_choices, vehicle_choices
from webapp.calendar.reading import today_at
from webapp.chains.asking import Kind
from webapp.chains.builder.values import BETWEEN, Values, model_in, number_in
from webapp.chains.solving.slots import Calendar
from webapp.db import db
from webapp.errors import InvalidInput
from webapp.fleet.makes import make_key, model_key
from webapp.fleet.models import Vehicle
from webapp.fleet.names import full_name, vehicle_name
from webapp.loans.facts import BEST_FIRST, holidays_of, partner_of, ranks_of, vehicle_of
from webapp.loans.rules.facts import PENDING

# So many of what is ticked are named in one line.
SAID = 4
# A make, a model, and how many of it the office has.
ModelHere = tuple[str, str, int]
MODELS_AT = (
    select(Vehicle.make, Vehicle.model, func.count())
    .where(
        Vehicle.company_id == bindparam("company_id"), Vehicle.office == bindparam("office"), Vehicle.gone_at.is_(None)
    )
    .group_by(Vehicle.make, Vehicle.model)
    .order_by(func.count().desc(), Vehicle.make, Vehicle.model)
)


@dataclass(frozen=True)
class Choice:
    """Something to tick. `beside` is said next to it: a rank, how many vehicles there are.

    `said` is what a summary of the ticked ones calls it.
    """

    value: str
    label: str
    beside: str
    is_ticked: bool
    said: str = ""


@dataclass(frozen=True)
class Form:
    """What the form prints. `notices` say what is no longer chosen, and why; `faults` what is wrong, by field.

    `refused` is what is wrong with the whole. `barred` are makes of the office that the partner may not have.
    """

    values: Values
    offices: tuple[str, ...]
    partners: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    vehicles: tuple[tuple[str, str], ...]
    makes: tuple[Choice, ...]
    models: tuple[tuple[str, tuple[Choice, ...]], ...]
    tiers: tuple[Choice, ...]
    barred: tuple[str, ...]
    notices: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""

    @property
    def is_of_partner(self) -> bool:
        """Whether it asks for a partner's chain."""
        return self.values.kind is Kind.PARTNER

    @property
    def has_whom(self) -> bool:
        """Whether a partner or a vehicle is chosen."""
        return bool(self.values.person_id if self.is_of_partner else self.values.vin)

    @property
    def said_makes(self) -> str:
        """`Audi A+ · Genesis A · Kia B · +4`."""
        return _summary(self.makes)

    @property
    def said_models(self) -> str:
        """As `said_makes`, of the preferred models."""
        return _summary(choice for _, models in self.models for choice in models)

    @property
    def start_day(self) -> date | None:
        """The start, where it can be read: it is shown with its weekday."""
        return self.values.start_day


def form_for(actor: Actor, given: Values, error: InvalidInput | None = None) -> Form:
    """The form with what was `given`, without what cannot be chosen any more."""
    session: Session = db.session()
    listed = tuple(offices(actor))
    values, notices = _placed(session, actor, given, listed)
    partners = partner_choices(actor, values.office) if values.kind is Kind.PARTNER else ()
    vehicles = vehicle_choices(actor, values.office) if values.kind is Kind.VEHICLE else ()
    values, gone = _still_there(session, actor, values, partners, vehicles)
    here = _models_at(session, actor, values)
    makes, barred = _makes(session, actor, values, here)
    values, dropped = _narrowed(values, makes)
    return Form(
        values=values,
        offices=listed,
        partners=partners,
        vehicles=vehicles,
        makes=tuple(_ticked(choice, values.makes) for choice in makes),
        models=_models(values, makes, here),
        tiers=tuple(Choice(rank, rank, "", _is_wanted(rank, values.tiers)) for rank in BEST_FIRST),
        barred=barred,
        notices=(*notices, *gone, *dropped),
        faults=error.fields if error else {},
        refused=error.sentence if error and not error.fields else "",
    )


def first_start(actor: Actor, office: str) -> date:
    """The first day from today on which the office hands vehicles out."""
    today = today_at(actor, office)
    holidays = holidays_of(db.session(), actor.company_id, office, today)
    return Calendar(today, holidays=holidays).handover(today)


def _placed(session: Session, actor: Actor, given: Values, listed: tuple[str, ...]) -> tuple[Values, list[str]]:
    """The values with an office, that of the partner or the vehicle where none is named, and with a start."""
    office, notices = given.office, []
    if office and office not in listed:
        notices.append(f"There is no office {office[:60]} that you may plan for.")
        office = ""
    if not office:
        office = _office_of(session, actor, given)
    if office not in listed:
        office = listed[0] if listed else ""
    start = given.start or (first_start(actor, office).isoformat() if office and not given.is_given else "")
    return replace(given, office=office, start=start), notices


def _office_of(session: Session, actor: Actor, given: Values) -> str:
    person_id = number_in(given.person_id)
    if given.kind is Kind.VEHICLE:
        vehicle = vehicle_of(session, actor.company_id, given.vin)
        return vehicle.office if vehicle else ""
    partner = partner_of(session, actor.company_id, person_id, "") if person_id is not None else None
    return partner.office if partner else ""


def _still_there(
    session: Session,
    actor: Actor,
    values: Values,
    partners: Iterable[tuple[str, tuple[tuple[str, str], ...]]],
    vehicles: Iterable[tuple[str, str]],
) -> tuple[Values, list[str]]:
    if values.kind is Kind.PARTNER:
        known = {number for _, people in partners for number, _ in people}
        if not values.person_id or values.person_id in known:
            return replace(values, vin=""), []
        return replace(values, person_id="", vin=""), ["That partner is not one of yours. Choose another."]
    if not values.vin or values.vin in dict(vehicles):
        return replace(values, person_id=""), []
    vehicle = vehicle_of(session, actor.company_id, values.vin)
    if vehicle is None or not actor.reaches(vehicle.company_id, vehicle.office):
        notice = f"No vehicle {values.vin} is in FMS's list. Choose another."
    else:
        name = full_name(vehicle.make, vehicle.model, vehicle.vin)
        notice = f"{name} stands in {vehicle.office}, so it is no longer chosen. Choose a vehicle of {values.office}."
    return replace(values, vin="", person_id=""), [notice]


def _makes(
    session: Session, actor: Actor, values: Values, here: Iterable[ModelHere]
) -> tuple[list[Choice], tuple[str, ...]]:
    """The office's makes that the partner may have, by name, each with the rank; and those they may not."""
    person_id = number_in(values.person_id)
    if person_id is None:
        return [], ()
    ranks = ranks_of(session, actor.company_id, person_id)
    named: dict[str, str] = {}
    for make, _model, _count in here:
        named.setdefault(make_key(make), make)
    choices, barred = [], []
    for key, make in sorted(named.items(), key=lambda pair: pair[1].casefold()):
        rank = ranks.get(key)
        if rank is None:
            barred.append(make)
        elif rank == PENDING:
            barred.append(f"{make} (pending)")
        else:
            choices.append(Choice(make, make, rank, True, f"{make} {rank}"))
    return choices, tuple(barred)


def _narrowed(values: Values, makes: Iterable[Choice]) -> tuple[Values, list[str]]:
    """The values without makes and models that cannot be had here, or not by this partner, and the words for it."""
    offered = {make_key(choice.value): choice.value for choice in makes}
    if values.kind is not Kind.PARTNER or not values.person_id:
        return values, []
    notices = []
    if values.makes is not None:
        kept = tuple(offered[make_key(make)] for make in values.makes if make_key(make) in offered)
        lost = [make for make in values.makes if make_key(make) not in offered]
        if lost:
            notices.append(f"No longer chosen, as {values.office} has none or the partner may not: {', '.join(lost)}.")
        # Of what was chosen nothing is left: everything is a better guess than nothing.
        values = replace(values, makes=kept or (None if lost else ()))
    kept = tuple(model for model in values.models if make_key(model.partition(BETWEEN)[0]) in offered)
    if len(kept) < len(values.models):
        lost = [model.replace(BETWEEN, " ") for model in values.models if model not in kept]
        notices.append(f"No longer preferred, as the partner cannot have them: {', '.join(lost)}.")
        values = replace(values, models=kept)
    return values, notices


def _models(
    values: Values, makes: Iterable[Choice], here: Iterable[ModelHere]
) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Models of those makes at the office, by make; those preferred although none is here stay listed."""
    groups: dict[str, tuple[str, list[Choice]]] = {make_key(choice.value): (choice.value, []) for choice in makes}
    wanted = {model_key(*model_in(each)): model_in(each) for each in values.models}
    named: dict[tuple[str, str], tuple[str, str]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for make, model, count in (*here, *((make, model, 0) for make, model in wanted.values())):
        key = model_key(make, model)
        counts[key] += count
        named.setdefault(key, (make, model))
    for key, (make, model) in sorted(named.items(), key=lambda item: item[1][1].casefold()):
        if key[0] in groups:
            beside = str(counts[key] or "none here")
            value, said = f"{make}{BETWEEN}{model}", vehicle_name(make, model)
            groups[key[0]][1].append(Choice(value, model, beside, key in wanted, said))
    return tuple((make, tuple(models)) for make, models in groups.values() if models)


def _models_at(session: Session, actor: Actor, values: Values) -> list[ModelHere]:
    """What the office has, the commonest spelling of a model first; nothing where no partner's chain is asked for."""
    if values.kind is not Kind.PARTNER or not values.person_id:
        return []
    rows = session.execute(MODELS_AT, {"company_id": actor.company_id, "office": values.office})
    return [(make, model, count) for make, model, count in rows if make]


def _summary(choices: Iterable[Choice]) -> str:
    said = [choice.said for choice in choices if choice.is_ticked]
    rest = [f"+{len(said) - SAID}"] if len(said) > SAID else []
    return " · ".join([*said[:SAID], *rest]) or "none"


def _is_wanted(rank: str, tiers: tuple[str, ...] | None) -> bool:
    """Whether partners of that rank are asked for: an approval that is pending only where it is named."""
    return rank != PENDING if tiers is None else rank in tiers


def _ticked(choice: Choice, makes: tuple[str, ...] | None) -> Choice:
    return replace(choice, is_ticked=makes is None or choice.value in makes)
