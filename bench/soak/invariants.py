"""What must be true after the soak. Each check is a sentence (its docstring's first), and yields what breaks it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from bench.soak.audited import differing
from bench.soak.journal import IN_DOUBT, Entry, Told
from bench.soak.world import Stay, World
from tests.promise import kept
from webapp.fms.models import OPEN, Kind, State
from webapp.loans.periods import of_activity
from webapp.loans.states import GREEN

# What an answer and the table both say of a loan.
SHOWN = ("vin", "person_id", "start_day", "end_day", "status", "fms_request_id", "chain_id")
WRITTEN_BY_CHANGES = ("vin", "person_id", "start_day", "end_day")
Entries = Sequence[Entry]
Check = Callable[[World, Entries], Iterator[str]]


@dataclass(frozen=True)
class Seen:
    """How somebody was shown a loan at a version of it."""

    version: int
    fields: Mapping[str, Any]
    person: str


def no_orphan(world: World, entries: Entries) -> Iterator[str]:
    """No request of ours is in FMS without its bar here."""
    yield from kept.orphans(world.held, world.bars)


def no_ghost(world: World, entries: Entries) -> Iterator[str]:
    """No bar says that FMS has it unless FMS does, with the same vehicle, partner and days."""
    yield from kept.ghosts(world.held, world.bars)
    for number, loan in world.loans.items():
        if loan["status"] in GREEN and loan["fms_request_id"] is not None:
            yield f"loan {number} is green and carries request #{loan['fms_request_id']}"


def no_double(world: World, entries: Entries) -> Iterator[str]:
    """No intention has two requests in FMS, and FMS was asked for nothing that the ledger does not know."""
    loans = {one.reference: one.loan_id for one in world.asked if one.kind == Kind.CREATE}
    yield from kept.doubles(world.held, world.bars, loans, world.calls)


def nothing_left_open(world: World, entries: Entries) -> Iterator[str]:
    """No operation is left without an outcome, and no run without an end."""
    for one in world.asked:
        if one.state in OPEN:
            yield f"operation {one.operation_id} ({one.kind}, loan {one.loan_id}) is still {one.state}"
    for run in world.unfinished_runs:
        yield f"bulk run {run} has not ended"


def no_double_booking(world: World, entries: Entries) -> Iterator[str]:
    """No vehicle is with two at once: neither two loans of ours nor one and what FMS has in its calendar."""
    by_vehicle: dict[str, list[Stay]] = {}
    for stay in world.stays:
        by_vehicle.setdefault(stay.vin, []).append(stay)
    for vin, stays in by_vehicle.items():
        for one, other in combinations(stays, 2):
            are_ours = "loan" in one.label or "loan" in other.label
            if are_ours and of_activity(one.start_day, one.end_day).overlaps(
                of_activity(other.start_day, other.end_day)
            ):
                yield f"{vin} is with {one.label} and {other.label} at once"


def versions_only_grow(world: World, entries: Entries) -> Iterator[str]:
    """A version of a loan means one state of it, and nobody has seen a later one than there is."""
    for number, seen in _seen_of_loans(entries).items():
        by_version: dict[int, Seen] = {}
        for one in seen:
            known = by_version.setdefault(one.version, one)
            if known.fields != one.fields:
                them = f"{known.person} saw {known.fields}, {one.person} {one.fields}"
                yield f"loan {number}, version {one.version}: {them}"
        row = world.loans.get(number)
        if row is not None and max(by_version) > row["version"]:
            yield f"loan {number} has version {row['version']}, and version {max(by_version)} was shown"


def no_lost_edit(world: World, entries: Entries) -> Iterator[str]:
    """What a person was told is there, unless its history says who changed it afterwards."""
    for number, seen in _seen_of_loans(entries).items():
        history = world.history.get(number, ())
        last = max(seen, key=lambda one: one.version)
        row = world.loans.get(number)
        if row is None:
            if not any("Deleted" in text or "removed from FMS" in text for _, text in history):
                yield f"loan {number}, shown to {last.person} at version {last.version}, is gone without a word"
            continue
        states = [*sorted(seen, key=lambda one: one.version), Seen(row["version"], _shown(row), "the database")]
        for before, after in pairwise(states):
            if all(before.fields[name] == after.fields[name] for name in WRITTEN_BY_CHANGES):
                continue
            told = [version for version, _ in history if version is not None]
            if not any(before.version < version <= after.version for version in told):
                yield (
                    f"loan {number}: {before.person} was told {before.fields} at version {before.version}, and "
                    f"{after.person} shows {after.fields} at {after.version}, with no word of a change between"
                )
    yield from _lost_parts(world, entries)


def _lost_parts(world: World, entries: Entries) -> Iterator[str]:
    """Of journeys: each part is as the last who wrote it was told, or as somebody at the same time had it."""
    writes: dict[tuple[int, str], list[tuple[Entry, Any]]] = {}
    for entry in entries:
        if (
            entry.subject == "journey"
            and entry.number is not None
            and (entry.told is Told.DONE or entry.told in IN_DOUBT)
        ):
            for part, value in entry.wrote.items():
                writes.setdefault((entry.number, part), []).append((entry, value))
    for (number, part), made in sorted(writes.items()):
        if not any(entry.told is Told.DONE for entry, _ in made):
            continue
        possible = [value for entry, value in made if _may_be_last(entry, [one for one, _ in made])]
        present = world.parts[number].get(part, False if part.startswith("tick ") else None)
        if present not in possible:
            yield f"journey {number}: {part} is {present!r}, and was last told to be one of {possible!r}"


def _may_be_last(entry: Entry, others: Sequence[Entry]) -> bool:
    """Whether no write that was confirmed began only after this one had ended. One in doubt may still come about."""
    if entry.told in IN_DOUBT:
        return True
    return not any(other.told is Told.DONE and other.began > entry.ended for other in others)


def unknown_is_called_unknown(world: World, entries: Entries) -> Iterator[str]:
    """Who was told that FMS has it finds it so in the ledger; of who was told that it failed, FMS has nothing."""
    by_number = {(one.loan_id, one.number): one for one in world.asked if one.kind == Kind.CREATE}
    applied = {call["reference"] for call in world.calls if call["applied"]}
    for entry in entries:
        if entry.kind != "request" or entry.number is None:
            continue
        number = entry.seen.get("fms_request_id")
        if entry.told is Told.DONE:
            found = by_number.get((entry.number, number))
            if found is None or found.state != State.SUCCEEDED:
                yield f"{entry.person} was told that loan {entry.number} is #{number}; the ledger does not say so"
        elif entry.told is Told.FAILED:
            mine = [one for one in world.asked if one.loan_id == entry.number and one.kind == Kind.CREATE]
            if mine and all(one.reference in applied and one.state == State.FAILED for one in mine):
                yield f"{entry.person} was told that loan {entry.number} failed; FMS carried it out"


def audit_complete(world: World, entries: Entries) -> Iterator[str]:
    """What the audit log says of each loan and journey, put together, is how it stands."""
    yield from differing(world.audit, world.audited, world.keys_of_parts)


def nothing_broke(world: World, entries: Entries) -> Iterator[str]:
    """Nobody was answered with a 500: what cannot be served now is said to be so (503)."""
    for entry in entries:
        if entry.told is Told.BROKEN:
            yield f"{entry.kind} by {entry.person} at {entry.began:.0f} s: {entry.status} {entry.detail[:160]!r}"


CHECKS: Mapping[str, Check] = {
    "no orphan": no_orphan,
    "no ghost": no_ghost,
    "no double": no_double,
    "nothing left open": nothing_left_open,
    "no double-booked vehicle": no_double_booking,
    "versions only grow": versions_only_grow,
    "no lost edit": no_lost_edit,
    "unknown is called unknown": unknown_is_called_unknown,
    "audit complete": audit_complete,
    "nothing broke": nothing_broke,
}


def _seen_of_loans(entries: Entries) -> dict[int, list[Seen]]:
    found: dict[int, list[Seen]] = {}
    for entry in entries:
        if entry.told is Told.DONE and "assignment_id" in entry.seen:
            fields = {name: entry.seen[name] for name in SHOWN}
            found.setdefault(entry.seen["assignment_id"], []).append(Seen(entry.seen["version"], fields, entry.person))
    return found


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON shows it."""
    days = {name: row[name].isoformat() for name in ("start_day", "end_day")}
    return {**{name: row[name] for name in SHOWN}, **days}
