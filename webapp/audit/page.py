"""The audit log as the page prints it: each change in words, before and after side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from webapp.accounts.actor import Actor
from webapp.audit.acting import Origin
from webapp.audit.models import AuditEntry
from webapp.audit.queries import hidden_from
from webapp.audit.references import Reference, names_of, referred
from webapp.audit.watched import things

ORIGINS = {Origin.PAGE: "page", Origin.API: "JSON", Origin.JOB: "job", Origin.COMMAND: "command"}
NOTHING = "\u2013"
OVERRIDES = "overrides."
# As many names of fields as fit a line; the table behind it has all of them.
MOST_NAMED = 6


@dataclass(frozen=True)
class Field:
    """One field of a change, as people read it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One entry. `address` is the thing's page, `query` what asks for all changes of it; both may be empty."""

    id: int
    when: str
    zone: str
    who: str
    role: str
    origin: str
    source: str
    thing: str
    label: str
    address: str
    query: str
    action: str
    summary: str
    fields: list[Field]


def lines_of(actor: Actor, entries: Sequence[AuditEntry], zone: tzinfo) -> list[Line]:
    """The lines of a page, without what the actor may not see."""
    names = names_of(entries)
    return [_line(actor, entry, zone, names) for entry in entries]


def told(actor: Actor, entry: AuditEntry) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Before and after of an entry without what the actor may not see."""
    hidden = hidden_from(actor, entry.subject)
    return _without(entry.before, hidden), _without(entry.after, hidden)


def _line(actor: Actor, entry: AuditEntry, zone: tzinfo, names: Mapping[Reference, str]) -> Line:
    at, thing = entry.changed_at.astimezone(zone), things().get(entry.subject)
    before, after = told(actor, entry)
    fields = _fields(_with_names(entry, before, names), _with_names(entry, after, names), zone)
    number = f" {entry.subject_id}" if entry.subject_id is not None else ""
    is_open = thing is not None and thing.address and (thing.needs is None or actor.may(thing.needs))
    is_one = entry.subject_id is not None
    return Line(
        id=entry.id,
        when=at.strftime("%m-%d-%y %H:%M:%S"),
        zone=at.strftime("%Z"),
        who=entry.actor if entry.user_id is not None else entry.actor[:1].upper() + entry.actor[1:],
        role=entry.role.replace("_", " ").capitalize(),
        origin=ORIGINS[Origin(entry.origin)],
        source=" · ".join(each for each in (entry.address, entry.request_id) if each),
        thing=f"{thing.word if thing else entry.subject}{number}",
        label=entry.label,
        address=thing.address.format(id=entry.subject_id) if thing and is_open else "",
        query=f"?thing={entry.subject}&number={entry.subject_id}" if is_one else "",
        action=entry.action.capitalize(),
        summary=_summary(fields),
        fields=fields,
    )


def _without(values: Mapping[str, Any] | None, hidden: frozenset[str]) -> dict[str, Any] | None:
    return None if values is None else {name: value for name, value in values.items() if name not in hidden}


def _with_names(entry: AuditEntry, values: Mapping[str, Any] | None, names: Mapping[Reference, str]) -> dict[str, Any]:
    """Beside each number that stands for somebody or something, who or what that is."""
    found = dict(values or {})
    for field, value in found.items():
        table = referred(entry.subject, field)
        name = names.get((table.name, value)) if table is not None else None
        if name:
            found[field] = f"{name} (no. {value})"
    return found


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], zone: tzinfo) -> list[Field]:
    names = [*before, *(name for name in after if name not in before)]
    return [Field(_named(name), _shown(before.get(name), zone), _shown(after.get(name), zone)) for name in names]


def _summary(fields: list[Field]) -> str:
    more = len(fields) - MOST_NAMED
    return ", ".join(field.name for field in fields[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _named(name: str) -> str:
    words = name.removeprefix(OVERRIDES).replace("_", " ")
    return f"{words}, entered here" if name.startswith(OVERRIDES) else words


def _shown(value: Any, zone: tzinfo) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_shown(each, zone) for each in value) or NOTHING
    if isinstance(value, Mapping):
        # What was entered over the source: the value, and who entered it.
        return " · ".join(_shown(value[name], zone) for name in ("value", "by") if name in value) or str(dict(value))
    return _moment(value, zone) if isinstance(value, str) else str(value)


def _moment(text: str, zone: tzinfo) -> str:
    """A day or an instant as people read it; any other text as it is."""
    try:
        if len(text) == len("2026-11-22"):
            return date.fromisoformat(text).strftime("%m-%d-%y")
        if text.endswith("+00:00"):
            return datetime.fromisoformat(text).astimezone(zone).strftime("%m-%d-%y %H:%M:%S")
    except ValueError:
        pass
    return text
