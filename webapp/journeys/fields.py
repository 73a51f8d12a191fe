"""The fields of a journey that its source fills and a dispatcher may change: which value counts, and how it is kept.

`source` and `overrides` of a journey are JSON; here they become the values of its columns and back.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

DAY = "day"
MINUTES = "minutes"
NUMBER = "number"
TEXT = "text"
TEXTS = "texts"
YES_NO = "yes_no"


@dataclass(frozen=True)
class Field:
    """One field: the column's name, what people call it, and the kind of its value.

    `day` is a date, `minutes` are minutes after midnight, `texts` is a list; `minutes`, `number` and `yes_no` may
    be None: unknown.
    """

    name: str
    label: str
    kind: str


FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("scheduled_date", "Date", DAY),
        Field("arrival_start", "Arrival from", MINUTES),
        Field("arrival_end", "Arrival to", MINUTES),
        Field("location_id", "Location", NUMBER),
        Field("customer_name", "Customer", TEXT),
        Field("customer_phone", "Phone", TEXT),
        Field("customer_email", "E-mail", TEXT),
        Field("origin_address", "From", TEXT),
        Field("destination_address", "To", TEXT),
        Field("stops", "All addresses", TEXTS),
        Field("service_type", "Service", TEXT),
        Field("move_size", "Size", TEXT),
        Field("confirmed", "Confirmed", YES_NO),
        Field("crew_needed", "Crew needed", NUMBER),
        Field("trucks_needed", "Trucks needed", NUMBER),
        Field("minutes_needed", "Time needed", NUMBER),
    )
}


def effective(source: Mapping[str, Any], overrides: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The value of each field's column: what was entered here, else what the source says.

    `overrides` maps a field to `{value, ...}`. A field that `source` lacks is left out. All addresses begin and end
    where the journey does, whichever of them was entered here.
    """
    values = {
        name: read(name, overrides[name]["value"] if name in overrides else source[name])
        for name in FIELDS
        if name in overrides or name in source
    }
    return with_ends(values, overrides)


def with_ends(values: Mapping[str, Any], entered: Container[str]) -> dict[str, Any]:
    """`values` with all addresses, the first and the last made to agree: those that were `entered` count.

    A crew must not be shown one way on the card and another on the list of stops.
    """
    fitting = dict(values)
    stops = list(fitting.get("stops", ()))
    if "stops" in entered:
        if "origin_address" not in entered:
            fitting["origin_address"] = stops[0] if stops else ""
        if "destination_address" not in entered:
            fitting["destination_address"] = stops[-1] if len(stops) > 1 else ""
    if "origin_address" in entered or "destination_address" in entered:
        ends = fitting.get("origin_address", ""), fitting.get("destination_address", "")
        fitting["stops"] = [address for address in (ends[0], *stops[1:-1], ends[1]) if address]
    return fitting


def kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` of columns as `source` keeps them. Raises `KeyError` for a field that is none."""
    return {name: write(name, value) for name, value in values.items()}


def read(name: str, value: Any) -> Any:
    """A value from `source` or `overrides` as its column holds it."""
    return date.fromisoformat(value) if FIELDS[name].kind == DAY else value


def write(name: str, value: Any) -> Any:
    """A column's value as `source` and `overrides` hold it."""
    kind = FIELDS[name].kind
    if kind == DAY:
        return value.isoformat()
    return list(value) if kind == TEXTS else value


def differing(source: Mapping[str, Any], overrides: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The fields in which what was entered here is not what the source says now: both are shown."""
    return [
        name for name in FIELDS if name in overrides and name in source and overrides[name]["value"] != source[name]
    ]
