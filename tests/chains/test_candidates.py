"""Candidates and cards say what the rules say of each loan alone, and what the chain adds; on both engines."""

from collections import Counter
from collections.abc import Iterable

import pytest
from flask import Flask

from tests.calendar.conftest import november as november
from tests.chains.worlds import HOME, START, World, build
from webapp.chains.asking import Ask, Kind
from webapp.chains.looking import suggesting
from webapp.db import close_reading
from webapp.loans import service
from webapp.loans.rules import Finding

pytestmark = pytest.mark.usefixtures("november")
SEEDS = range(8)


def partner_ask(world: World, person_id: int, **given: object) -> Ask:
    """Three loans of a week."""
    return Ask(**{"kind": Kind.PARTNER, "office": HOME, "start": START, "person_id": person_id, "count": 3, **given})  # type: ignore[arg-type]


def vehicle_ask(world: World, vin: str, **given: object) -> Ask:
    """Three loans of a week."""
    return Ask(**{"kind": Kind.VEHICLE, "office": HOME, "start": START, "vin": vin, "count": 3, **given})  # type: ignore[arg-type]


def said(findings: Iterable[Finding]) -> list[tuple[object, ...]]:
    """Everything about findings but the days from which they would be silent."""
    return [(one.code, one.text, one.severity, one.in_the_way, one.field) for one in findings]


def test_findings_of_vehicles_are_why_nots(app: Flask) -> None:
    """Codes and sentences, of every vehicle of the office in every slot; for better days one asks why not."""
    seen: Counter[str] = Counter()
    with app.app_context():
        for seed in SEEDS:
            world = build(seed)
            for person_id in world.known_people[:2]:
                ask = partner_ask(world, person_id)
                slots = suggesting.threaded(world.actor, ask).slots
                for slot in slots:
                    found = suggesting.candidates(world.actor, ask, slots, {}, slot.index)
                    assert sorted(str(one.key) for one in found) == world.home_vins
                    for one in found:
                        expected = service.why_not(
                            world.actor,
                            vin=str(one.key),
                            person_id=person_id,
                            start_day=slot.period.start_day,
                            end_day=slot.period.end_day,
                        )
                        known = [each for each in said(expected.findings) if each[0] != "no_coordinates"]
                        assert said(one.findings) == known, (seed, one.key, slot)
                        assert one.is_possible is expected.is_possible
                        assert one.is_hard is bool(expected.hard)
                        seen.update(finding.code for finding in one.findings)
            close_reading()
    assert seen.keys() >= {"held", "not_approved", "had_before", "cooldown", "over_budget", "turn_in", "partner_has"}


def test_findings_of_partners_are_why_nots(app: Flask) -> None:
    """The same of every partner for a vehicle; how far they are is said besides."""
    seen: Counter[str] = Counter()
    with app.app_context():
        for seed in SEEDS:
            world = build(seed)
            for vin in world.home_vins[:2]:
                ask = vehicle_ask(world, vin)
                slots = suggesting.threaded(world.actor, ask).slots
                for slot in slots:
                    found = suggesting.candidates(world.actor, ask, slots, {}, slot.index)
                    assert sorted(int(one.key) for one in found) == world.known_people
                    for one in found:
                        expected = service.why_not(
                            world.actor,
                            vin=vin,
                            person_id=int(one.key),
                            start_day=slot.period.start_day,
                            end_day=slot.period.end_day,
                        )
                        known = [each for each in said(one.findings) if each[0] != "too_far"]
                        assert known == said(expected.findings), (seed, one.key, slot)
                        assert one.is_unplaced is ("no_coordinates" in {each.code for each in expected.findings})
                        seen.update(finding.code for finding in one.findings)
            close_reading()
    assert seen.keys() >= {"not_approved", "had_before", "cooldown", "over_budget", "partner_busy", "too_far"}
