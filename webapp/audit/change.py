"""One row's change within a transaction: put together from all that was written of it, and told as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from webapp.audit.watched import Watched

Values = dict[str, Any]
_UNKNOWN = object()
SET, CHANGED = "set", "changed"


@dataclass
class Change:
    """What a row was and is. `before` None: it began; `after` None: it is gone. `row` is all that is known of it.

    `is_unread`: what it is now was written by an expression, and is read when the transaction ends.
    """

    watched: Watched
    row: Values
    before: Values | None
    after: Values | None
    is_unread: bool = False

    def followed_by(self, later: "Change") -> "Change":
        """Both as one."""
        before: Values | None = None
        if self.before is not None:
            # Of a row that went and came again only the first picture is whole.
            before = self.before if self.after is None else {**(later.before or {}), **self.before}
        after = (
            None if later.after is None else {**((self.after or {}) if later.before is not None else {}), **later.after}
        )
        return Change(self.watched, {**self.row, **later.row}, before, after, self.is_unread or later.is_unread)

    @property
    def place(self) -> tuple[str, tuple[Any, ...]]:
        """The table and what names the row in it."""
        return self.watched.table.name, self.watched.key_of(self.row)

    @property
    def is_told(self) -> bool:
        """Whether its room wants it told at all."""
        watched = self.watched
        if self.before is None and self.after is None:
            return False
        if self.after is None and not watched.tells_removal:
            return False
        return watched.only is None or watched.only(self.row)


def differing(change: Change) -> tuple[Values | None, Values | None]:
    """Before and after as they are told: what differs alone, as JSON; both empty where nothing does."""
    watched = change.watched
    if change.before is None or change.after is None:
        return _whole(watched, change.before), _whole(watched, change.after)
    before, after = change.before, change.after
    names = [*before, *(name for name in after if name not in before)]
    other = [name for name in names if name in watched.told and before.get(name, _UNKNOWN) != after.get(name)]
    was = _flat(watched, {name: before[name] for name in other if name in before})
    now = _flat(watched, {name: after.get(name) for name in other})
    same = [name for name in was if name not in watched.secrets and name in now and was[name] == now[name]]
    was, now = ({key: value for key, value in each.items() if key not in same} for each in (was, now))
    for name in watched.secrets & now.keys():
        now[name] = CHANGED if was.get(name) and now[name] else now[name]
    for name in [name for name in was if name not in now]:
        now[name] = None
    for name in now:
        if name.partition(".")[0] in watched.spread:
            was.setdefault(name, None)
    if not now:
        return {}, {}
    keys = {name: as_json(change.row[name]) for name in watched.keys if name in change.row}
    return {**keys, **was}, {**keys, **now}


def flat(watched: Watched, row: Mapping[str, Any]) -> Values:
    """What is told of a whole row: what folding all its entries comes to."""
    return _whole(watched, dict(row)) or {}


def as_json(value: Any) -> Any:
    """`value` as JSON holds it: instants in UTC, money as text, so that no digit is lost."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    return [as_json(each) for each in value] if isinstance(value, list | tuple | set | frozenset) else value


def _whole(watched: Watched, values: Values | None) -> Values | None:
    if values is None:
        return None
    told = _flat(watched, {name: values[name] for name in watched.told if name in values})
    return {name: value for name, value in told.items() if value is not None}


def _flat(watched: Watched, values: Values) -> Values:
    told: Values = {}
    for name, value in values.items():
        if name in watched.secrets:
            told[name] = None if value is None else SET
        elif name in watched.spread:
            told.update({f"{name}.{key}": as_json(each) for key, each in (value or {}).items()})
        elif isinstance(value, Decimal):
            # As the column holds it, whoever wrote it: 8 is 8.00.
            scale = getattr(watched.table.c[name].type, "scale", None)
            told[name] = as_json(value if scale is None else round(value, scale))
        else:
            told[name] = as_json(value)
    return told
