"""What is audited: each room says of its tables to which thing a change belongs, and what of it is told.

Every table of the application is declared, here as watched or as left alone with the reason; a test asks each.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Any

from sqlalchemy import Table

from webapp.accounts.permissions import Permission
from webapp.db import Base

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Thing:
    """A kind of thing that the log tells of. `address` is its page, for those with the permission `needs`."""

    name: str
    word: str
    address: str = ""
    needs: Permission | None = None


@dataclass(frozen=True)
class Watched:
    """A table whose changes are told as changes of a thing.

    `part` is what a row is of the thing (a tick of a journey), empty where it is the thing itself; `id_column` holds
    the thing's number. `label` is a format string over the columns of the row, or of the `parent` whose part it is.
    `secrets` are told as "set" and "changed", `money` only to who may see it, `spread` are JSON objects told key by
    key. `only` says of a row whether its change is told. Without `tells_removal` a row that goes is not told of;
    `is_own_doing`: where nobody is signed in yet, the person that it is a part of did it.
    """

    table: Table
    thing: str
    label: str
    part: str = ""
    id_column: str | None = "id"
    parent: Table | None = None
    left_out: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    money: frozenset[str] = frozenset()
    spread: frozenset[str] = frozenset()
    only: Callable[[Row], bool] | None = None
    tells_removal: bool = True
    is_own_doing: bool = False

    @cached_property
    def told(self) -> tuple[str, ...]:
        """The columns of which before and after are told."""
        apart = {self.id_column, "company_id", *self.left_out}
        return tuple(column.key for column in self.table.c if column.key not in apart)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell one part of a thing from the others: told with every change of it."""
        return tuple(column.key for column in self.table.primary_key if column.key in self.told) if self.part else ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All that is looked at of a row."""
        wanted = {*self.told, *self.names_label, "company_id", self.id_column}
        return tuple(column.key for column in self.table.c if column.key in wanted or column.primary_key)

    @cached_property
    def names_label(self) -> tuple[str, ...]:
        """The columns that `label` is made of: its own, or the parent's."""
        return columns_of(self.label)

    @property
    def has_company(self) -> bool:
        """Whether the row itself says whose it is."""
        return "company_id" in self.table.c

    def key_of(self, row: Row) -> tuple[Any, ...]:
        """What names the row in its table."""
        return tuple(row[column.key] for column in self.table.primary_key)


_things: dict[str, Thing] = {}
_watched: dict[str, Watched] = {}
_left_alone: dict[str, str] = {}
_called: dict[str, str] = {}


def thing(name: str, word: str, *, address: str = "", needs: Permission | None = None) -> None:
    """Declare a kind of thing; `{id}` in `address` stands for its number."""
    _things[name] = Thing(name, word, address, needs)


def watch(
    table: type[Base] | Table,
    thing: str,
    label: str = "",
    *,
    part: str = "",
    id_column: str | None = "id",
    parent: type[Base] | None = None,
    leave_out: Iterable[str] = (),
    secrets: Iterable[str] = (),
    money: Iterable[str] = (),
    spread: Iterable[str] = (),
    only: Callable[[Row], bool] | None = None,
    tells_removal: bool = True,
    is_own_doing: bool = False,
) -> None:
    """Have every change of `table` told; what the parameters mean is said at `Watched`.

    A part with a `parent`, which is watched itself, is called as that is.
    """
    found = table_of(table)
    above = _watched[table_of(parent).name] if parent is not None else None
    _watched[found.name] = Watched(
        table=found,
        thing=_things[thing].name,
        label=label or (above.label if above else ""),
        part=part,
        id_column=id_column,
        parent=above.table if above else None,
        left_out=frozenset(leave_out),
        secrets=frozenset(secrets),
        money=frozenset(money),
        spread=frozenset(spread),
        only=only,
        tells_removal=tells_removal,
        is_own_doing=is_own_doing,
    )


def leave_alone(table: type[Base] | Table, why: str, *, called: str = "") -> None:
    """Declare that changes of `table` are not told, and why; `called` is what its rows are, where others name them."""
    _left_alone[table_of(table).name] = why
    _called[table_of(table).name] = called


def watched(name: str) -> Watched | None:
    """How the table called `name` is watched, if it is."""
    return _watched.get(name)


def all_watched() -> Collection[Watched]:
    """Every table that is watched, in the order of their declaration."""
    return _watched.values()


def label_of(table: Table) -> str:
    """The format string by which rows of `table` are called; empty where they have no name."""
    known = watched(table.name)
    return known.label if known else _called.get(table.name, "")


def columns_of(label: str) -> tuple[str, ...]:
    """The columns that a format string is made of."""
    return tuple(name for _, name, _, _ in Formatter().parse(label) if name)


def declared() -> Mapping[str, str]:
    """Every table that is declared: why it is left alone, empty where it is watched."""
    return {**_left_alone, **dict.fromkeys(_watched, "")}


def things() -> Mapping[str, Thing]:
    """All kinds of things by name, in the order of their declaration."""
    return _things


def money_of(thing: str) -> frozenset[str]:
    """The names of what only those who see money are told of such a thing."""
    return frozenset().union(*(each.money for each in _watched.values() if each.thing == thing))


def table_of(model: type[Base] | Table) -> Table:
    """The table of a model, or itself."""
    if isinstance(model, Table):
        return model
    table = model.__table__
    assert isinstance(table, Table)
    return table
