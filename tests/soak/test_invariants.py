"""The soak's checks find what is planted, and nothing where nothing is wrong: each on a small world made by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bench.soak.invariants import CHECKS
from bench.soak.journal import Entry, Told
from bench.soak.world import Asked, Stay, World
from tests.promise.kept import Bar

MONDAY, NEXT_MONDAY = date(2026, 11, 23), date(2026, 11, 30)
REQUEST: dict[str, Any] = {
    "id": 4372,
    "status": "open",
    "requestorNotes": "MP-1",
    "loaneeId": 7,
    "startDate": "11/23/26",
    "endDate": "11/30/26",
    "requestsVehicles": [{"requestsVehicle": {"vehicleId": 9}}],
}
LOAN: dict[str, Any] = {
    "vin": "VIN1",
    "person_id": 7,
    "start_day": MONDAY,
    "end_day": NEXT_MONDAY,
    "status": "requested",
    "fms_request_id": 4372,
    "chain_id": None,
    "version": 2,
}
SHOWN = {**LOAN, "assignment_id": 1, "start_day": "2026-11-23", "end_day": "2026-11-30"}
ASKED = Asked(1, "create", "succeeded", "MP-1", 1, 5, 4372, datetime(2026, 11, 20, tzinfo=UTC))
CALL = {"method": "POST", "reference": "MP-1", "applied": True}
BEGAN = {"id": 1, "subject": "loan", "subject_id": 1, "action": "added", "before": None, "after": {"status": "manual"}}
CHANGE = {"before": {"status": "manual"}, "after": {"status": "requested"}}
CHANGED = {"id": 2, "subject": "loan", "subject_id": 1, "action": "changed", **CHANGE}
TICKED = {
    "id": 3,
    "subject": "journey",
    "subject_id": 3,
    "action": "tick added",
    "before": None,
    "after": {"item": "a"},
}
UNTICKED = {**TICKED, "id": 4, "action": "tick removed", "before": {"item": "a"}, "after": None}
WORLD = World(
    held={4372: REQUEST},
    calls=[CALL],
    bars=[Bar(1, 4372, (9, 7, "11/23/26", "11/30/26"))],
    stays=[Stay("VIN1", MONDAY, NEXT_MONDAY, "loan 1"), Stay("VIN1", NEXT_MONDAY, date(2026, 12, 7), "loan 2")],
    asked=[ASKED],
    loans={1: LOAN},
    history={1: [(1, "Planned."), (2, "Requested in FMS (#4372).")]},
    parts={3: {"stage": "ONSITE", "crew": [5], "tick truck_inspected": True}},
    audit=[BEGAN, CHANGED, TICKED, UNTICKED],
    audited={("loan", 1, "", ()): {"status": "requested"}},
    keys_of_parts={("loan", ""): (), ("journey", "tick"): ("item",)},
    unfinished_runs=[],
)


def told(kind: str, told: Told, *, at: float = 1, took: float = 1, **values: Any) -> Entry:
    """A call of a person that began `at` and took so many seconds."""
    subject = values.pop("subject", "loan")
    return Entry("Somebody", kind, at, at + took, 200, told, subject, values.pop("number", 1), **values)


def shown(version: int, **changes: Any) -> Entry:
    """An answer that showed loan 1 so."""
    return told("move", Told.DONE, seen={**SHOWN, "version": version, **changes})


def broken(world: World, *entries: Entry) -> dict[str, list[str]]:
    """What each check that is not satisfied says."""
    found = {name: list(check(world, entries)) for name, check in CHECKS.items()}
    return {name: said for name, said in found.items() if said}


def ticked(value: bool, how: Told, at: float) -> Entry:
    """Somebody ticked an item of journey 3."""
    return told("tick", how, at=at, subject="journey", number=3, wrote={"tick truck_inspected": value})


def test_a_world_in_order_is_found_in_order() -> None:
    """Nothing is said where nothing is wrong, however much people did."""
    asked = told("request", Told.DONE, seen={"fms_request_id": 4372})
    entries = [asked, shown(2), ticked(False, Told.DONE, 1), ticked(True, Told.DONE, 5), told("card", Told.UNKNOWN)]
    assert broken(WORLD, *entries) == {}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("no orphan", {"held": {4372: REQUEST, 4373: {**REQUEST, "id": 4373, "requestorNotes": "MP-2"}}}),
        ("no ghost", {"held": {}}),
        ("no ghost", {"held": {4372: {**REQUEST, "endDate": "12/01/26"}}}),
        ("no ghost", {"bars": [Bar(1, None, (9, 7, "11/23/26", "11/30/26"))], "held": {}}),
        ("no ghost", {"loans": {1: {**LOAN, "status": "manual"}}}),
        ("no double", {"calls": [CALL, CALL]}),
        ("no double", {"calls": [CALL, {**CALL, "reference": "MP-9"}]}),
        ("no double", {"bars": [*WORLD.bars, replace(WORLD.bars[0], loan_id=2)]}),
        (
            "no double",
            {
                "held": {4372: REQUEST, 4373: {**REQUEST, "id": 4373, "requestorNotes": "MP-2"}},
                "asked": [ASKED, replace(ASKED, operation_id=2, reference="MP-2", number=4373)],
            },
        ),
        ("nothing left open", {"asked": [replace(ASKED, state="uncertain")]}),
        ("nothing left open", {"unfinished_runs": ["a run"]}),
        ("no double-booked vehicle", {"stays": [*WORLD.stays, Stay("VIN1", MONDAY, MONDAY, "activity 8")]}),
        ("audit complete", {"audit": [BEGAN]}),
        ("audit complete", {"audit": [CHANGED]}),
        ("audit complete", {"audit": [BEGAN, {**CHANGED, "before": {"status": "planned"}}]}),
        ("audit complete", {"audit": [BEGAN, CHANGED, TICKED]}),
        ("audit complete", {"audited": {}}),
    ],
)
def test_what_is_planted_in_the_world_is_found(name: str, changes: dict[str, Any]) -> None:
    """Each check finds the fault that it is for, from what the database and FMS hold."""
    assert name in broken(replace(WORLD, **changes))


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("versions only grow", [shown(3)]),
        ("versions only grow", [shown(1), shown(1, vin="VIN2")]),
        ("no lost edit", [shown(2, vin="VIN2")]),
        ("no lost edit", [told("move", Told.DONE, seen={**SHOWN, "assignment_id": 8}, number=8)]),
        ("no lost edit", [ticked(True, Told.DONE, 1), ticked(False, Told.DONE, 5)]),
        ("unknown is called unknown", [told("request", Told.DONE, seen={"fms_request_id": 4400})]),
        ("nothing broke", [told("card", Told.BROKEN)]),
    ],
)
def test_what_is_planted_in_journals_is_found(name: str, entries: list[Entry]) -> None:
    """Each check finds the fault that it is for, from what people were told."""
    assert name in broken(WORLD, *entries)


def test_a_failure_that_fms_carried_out_is_found() -> None:
    """Who was told that FMS has nothing must not be contradicted by FMS."""
    failed = replace(WORLD, asked=[replace(ASKED, state="failed", number=None)])
    assert "unknown is called unknown" in broken(failed, told("request", Told.FAILED))


def test_writes_at_the_same_time_and_in_doubt_may_each_be_the_last() -> None:
    """Which of two taps at once came last nobody can tell; one without an answer may have come about, or not."""
    assert broken(WORLD, ticked(True, Told.DONE, 1), ticked(False, Told.DONE, 1.5)) == {}
    assert broken(WORLD, ticked(True, Told.UNKNOWN, 1), ticked(False, Told.DONE, 9)) == {}
    assert broken(WORLD, ticked(True, Told.DONE, 1), ticked(False, Told.AWAY, 9)) == {}
