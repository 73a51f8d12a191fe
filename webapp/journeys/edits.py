"""Changing what a journey says: overrides beside the source's values, journeys added by hand, on and off the board."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.db import writing
from webapp.errors import InvalidInput
from webapp.journeys.detail import location_names
from webapp.journeys.entries import checked, checked_note, plain, window_fault
from webapp.journeys.errors import NotByHand, invalid
from webapp.journeys.fields import FIELDS, effective, kept, with_ends, write
from webapp.journeys.models import DataSource, SyncStatus, TruckJourney
from webapp.journeys.scope import journey_to_edit
from webapp.journeys.stages import Stage
from webapp.journeys.words import NOTHING, value_words
from webapp.journeys.writing import record, refuse_stale

LONGEST_REASON = 500
WINDOW = frozenset({"arrival_start", "arrival_end"})
UNKNOWN: Mapping[str, Any] = {"text": "", "texts": [], "minutes": None, "number": None, "yes_no": None}


def change(
    actor: Actor,
    journey_id: int,
    values: Mapping[str, Any],
    *,
    use_source: Iterable[str] = (),
    version: int | None = None,
) -> None:
    """Change fields of `fields.FIELDS` (values as their columns hold them) and `notes`; let others follow the source.

    What was entered stays beside what SmartMoving says and counts before it; what equals it is no override. A
    journey added by hand has no other source than this. Raises `Forbidden`, `NotFound`, `Stale`, and
    `InvalidInput` naming the fields.
    """
    usable = _usable(values)
    given_up = _followed(use_source, usable)
    with writing() as session:
        journey, _ = journey_to_edit(session, actor, journey_id)
        refuse_stale(journey, version)
        if "location_id" in usable and usable["location_id"] != journey.location_id:
            _location(session, actor, usable["location_id"], journey.company_id)
        before, before_notes = _values(journey), journey.notes
        journey.notes = usable.pop("notes", before_notes)
        is_entered = _enter(actor, journey, usable, given_up)
        after = _values(journey)
        if after["location_id"] != before["location_id"] and "location_id" in given_up:
            # Who leaves it to the source, too, must be able to see where the job goes.
            _location(session, actor, after["location_id"], journey.company_id)
        _refuse_odd_window(after, usable)
        said = _said(session, before, after) + ([] if journey.notes == before_notes else ["Notes changed."])
        if not said and not is_entered:
            return
        said = said or ["The same as in SmartMoving from now on."]
        details = {"before": _kept_changes(before, after), "after": _kept_changes(after, before)}
        if journey.notes != before_notes:
            details["before"]["notes"], details["after"]["notes"] = before_notes, journey.notes
        record(session, actor, journey, "edit", " ".join(said), details=details, is_news=True)


def use_source(actor: Actor, journey_id: int, names: Iterable[str], *, version: int | None = None) -> None:
    """Let these fields follow SmartMoving again. Raises as `change` does."""
    change(actor, journey_id, {}, use_source=names, version=version)


def create(actor: Actor, values: Mapping[str, Any], notes: str = "") -> int:
    """Add a journey by hand, on the board, in the stage morning prep; its id.

    It needs `scheduled_date`, `location_id` (in scope) and `customer_name`. Raises `Forbidden`, `InvalidInput`.
    """
    actor.require(Permission.EDIT_JOBS)
    usable = _usable({"customer_name": "", "scheduled_date": None, "location_id": None, **values, "notes": notes})
    if not usable["customer_name"]:
        raise invalid("customer_name", "is missing")
    text = usable.pop("notes")
    with writing() as session:
        location = _location(session, actor, usable["location_id"], None)
        blank = {name: UNKNOWN.get(field.kind) for name, field in FIELDS.items()}
        full = with_ends({**blank, **usable}, usable)
        _refuse_odd_window(full, usable)
        now = clock.now()
        journey = TruckJourney(
            company_id=location.company_id,
            data_source=DataSource.MANUAL,
            sync_status=SyncStatus.SYNCED,
            source=kept(full),
            overrides={},
            notes=text,
            stage=Stage.MORNING_PREP,
            on_board=True,
            off_reason="",
            # The record below makes it 1.
            version=0,
            created_by=actor.user_id,
            created_at=now,
            updated_at=now,
            **full,
        )
        session.add(journey)
        session.flush()
        record(session, actor, journey, "created", "Added by hand.", is_news=True)
        return journey.id


def take_off(actor: Actor, journey_id: int, reason: str, *, version: int | None = None) -> None:
    """Take a journey that was added by hand off the board. Raises `NotByHand`, `InvalidInput` (field `reason`)."""
    actor.require(Permission.EDIT_JOBS)
    try:
        why = checked_note(reason, LONGEST_REASON)
    except ValueError as fault:
        raise invalid("reason", str(fault)) from None
    if not why:
        raise invalid("reason", "Say why it is taken off the board.")
    _board(actor, journey_id, why, version)


def put_back(actor: Actor, journey_id: int, *, version: int | None = None) -> None:
    """Put a journey that was added by hand back on the board. Raises as `take_off` does."""
    _board(actor, journey_id, None, version)


def _board(actor: Actor, journey_id: int, why: str | None, version: int | None) -> None:
    with writing() as session:
        journey, _ = journey_to_edit(session, actor, journey_id)
        refuse_stale(journey, version)
        if journey.data_source != DataSource.MANUAL:
            raise NotByHand
        if journey.on_board is (why is None):
            return
        journey.on_board, journey.off_reason = why is None, why or ""
        said = "Put back on the board." if why is None else f"Taken off the board: {why}"
        record(session, actor, journey, "edit", said, is_news=True)


def _usable(values: Mapping[str, Any]) -> dict[str, Any]:
    usable, faults = checked(values)
    _refuse(faults)
    return usable


def _refuse(faults: Mapping[str, str]) -> None:
    if faults:
        # A name that is none is repeated as it came.
        told = {plain(name)[:80]: fault for name, fault in faults.items()}
        raise InvalidInput("Some fields cannot be used: " + ", ".join(told) + ".", fields=told)


def _followed(names: Iterable[str], entered: Mapping[str, Any]) -> frozenset[str]:
    found = frozenset(names)
    faults = dict.fromkeys(found - set(FIELDS), "is not a field of a job")
    _refuse(faults | dict.fromkeys(found & set(entered), "is both entered and left to the source"))
    return found


def _location(session: Session, actor: Actor, location_id: int, company_id: int | None) -> Location:
    """The location, in scope and, where a company is given, its. Raises `InvalidInput` (field `location_id`)."""
    location = session.scalar(select(Location).where(Location.id == location_id))
    if (
        location is None
        or not actor.reaches(location.company_id, location.name)
        or company_id not in (None, location.company_id)
    ):
        raise invalid("location_id", "is no location of yours")
    return location


def _enter(actor: Actor, journey: TruckJourney, values: Mapping[str, Any], given_up: frozenset[str]) -> bool:
    """Write values and give up overrides, and say whether that changed anything; the columns follow from both."""
    source, overrides = journey.source, dict(journey.overrides)
    if journey.data_source == DataSource.MANUAL:
        source = kept(with_ends({**_values(journey), **values}, values))
    else:
        overrides = {name: entry for name, entry in overrides.items() if name not in given_up}
        entry = {"by": actor.name, "user_id": actor.user_id, "at": clock.now().isoformat()}
        for name, value in values.items():
            _override(overrides, source, name, {"value": write(name, value), **entry})
    if (source, overrides) == (journey.source, journey.overrides):
        return False
    journey.source, journey.overrides = source, overrides
    for name, value in effective(source, overrides).items():
        setattr(journey, name, value)
    return True


def _override(overrides: dict[str, Any], source: Mapping[str, Any], name: str, entry: Mapping[str, Any]) -> None:
    if name in source and source[name] == entry["value"]:
        overrides.pop(name, None)
    elif name not in overrides or overrides[name]["value"] != entry["value"]:
        overrides[name] = entry


def _values(journey: TruckJourney) -> dict[str, Any]:
    return {name: getattr(journey, name) for name in FIELDS}


def _refuse_odd_window(after: Mapping[str, Any], entered: Mapping[str, Any]) -> None:
    if WINDOW & set(entered):
        _refuse(window_fault(after["arrival_start"], after["arrival_end"]))


def _kept_changes(values: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return kept({name: value for name, value in values.items() if value != other[name]})


def _said(session: Session, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """`Arrival from: 09:30 instead of 08:00.` for each field that is another now."""
    places = location_names(session, [before["location_id"], after["location_id"]])
    said = []
    for name, field in FIELDS.items():
        if before[name] == after[name]:
            continue
        words = [
            value_words(name, values[name], location=places.get(values["location_id"], NOTHING))
            for values in (after, before)
        ]
        said.append(f"{field.label}: {words[0]} instead of {words[1]}.")
    return said
