"""Whether the audit log tells the whole story: what it says of a thing, put together, is how the thing stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from webapp.audit.change import flat
from webapp.audit.watched import watched
from webapp.db import Base, db
from webapp.journeys.models import JourneyCrew, JourneyTick, JourneyTruck, TruckJourney
from webapp.loans.models import Assignment

MODELS: tuple[type[Base], ...] = (Assignment, TruckJourney, JourneyTick, JourneyCrew, JourneyTruck)
# Which thing, its number, which part of it, and what tells that part from others of its kind.
Place = tuple[str, int, str, tuple[Any, ...]]
Values = Mapping[str, Any]


def standing() -> dict[Place, Values]:
    """Loans, journeys and their parts as the log would tell of them now, inside an application context."""
    found: dict[Place, Values] = {}
    for model in MODELS:
        known = watched(model.__tablename__)
        if known is None:
            continue
        for row in db.session.execute(select(model.__table__).order_by(*model.__table__.primary_key)).mappings():
            values = flat(known, dict(row))
            place = (known.thing, row[known.id_column or "id"], known.part, tuple(values[name] for name in known.keys))
            found[place] = values
    return found


def keys_of_parts() -> dict[tuple[str, str], tuple[str, ...]]:
    """By thing and part: the fields that tell one such part from another. Only of what `standing` looks at."""
    every = [known for known in (watched(model.__tablename__) for model in MODELS) if known is not None]
    return {(known.thing, known.part): known.keys for known in every}


def differing(
    entries: Iterable[Mapping[str, Any]], stands: Mapping[Place, Values], keys: Mapping[tuple[str, str], Sequence[str]]
) -> Iterator[str]:
    """Where entries contradict each other, and where all of them together are not what stands."""
    folded: dict[Place, Values] = {}
    for entry in entries:
        part = entry["action"].rpartition(" ")[0]
        if (names := keys.get((entry["subject"], part))) is None:
            continue
        before, after = entry["before"], entry["after"]
        place = (entry["subject"], entry["subject_id"], part, tuple((after or before or {})[name] for name in names))
        known = folded.get(place)
        if before is not None:
            if known is None:
                yield f"entry {entry['id']} changes {_named(place)}, of which no entry says that it began"
            wrong = {name: value for name, value in before.items() if (known or {}).get(name) != value}
            if known is not None and wrong:
                yield f"entry {entry['id']} says that {_named(place)} was {wrong}; the entries before it do not"
        if after is None:
            folded.pop(place, None)
        else:
            folded[place] = {name: value for name, value in {**(known or {}), **after}.items() if value is not None}
    for place in sorted(folded.keys() | stands.keys(), key=str):
        told, is_now = folded.get(place), stands.get(place)
        if told is None or is_now is None:
            yield f"{_named(place)} {'is gone' if is_now is None else 'is there'}, and the log says otherwise"
        elif told != is_now:
            fields = sorted(name for name in told.keys() | is_now.keys() if told.get(name) != is_now.get(name))
            pairs = ", ".join(f"{name} {is_now.get(name)!r} not {told.get(name)!r}" for name in fields)
            yield f"{_named(place)}: {pairs}"


def _named(place: Place) -> str:
    thing, number, part, keys = place
    return " ".join([thing, str(number), part, *map(str, keys)]).strip()
