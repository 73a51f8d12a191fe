"""The figures against what a reader of the rows would count with a pencil, and in few queries."""

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from tests.journey_rows import Yard
from tests.queries_counted import queries_of
from tests.rows import DAY, People, Person
from webapp.accounts.permissions import Role
from webapp.errors import Forbidden
from webapp.journeys.counts import Asked, Count, Figures, total_of
from webapp.journeys.figures import figures
from webapp.journeys.models import TruckJourney
from webapp.journeys.stages import Stage
from webapp.journeys.words import TENTATIVE

ASKED = Asked(DAY - timedelta(days=3), DAY + timedelta(days=3))
PLACES = ("Denver", "Boulder", "Fort Collins")


def counted(rows: list[TruckJourney], names: dict[int, str]) -> Counter[tuple[str, object]]:
    """Jobs on the board by day, location, type and stage."""
    found: Counter[tuple[str, object]] = Counter()
    for row in rows:
        if row.on_board:
            for key in (
                ("day", row.scheduled_date),
                ("location", names[row.location_id]),
                ("type", row.service_type or "Not named"),
                ("stage", Stage(row.stage)),
            ):
                found[key] += 1
    return found


def worth(every: list[TruckJourney], among: list[TruckJourney]) -> Decimal:
    """Each opportunity's value once, where its first job on the board that knows it is among those."""
    first: dict[str, TruckJourney] = {}
    single = Decimal(0)
    for row in sorted(every, key=lambda row: (row.scheduled_date, row.id)):
        if not row.on_board or row.estimated_value is None:
            continue
        if row.opportunity_id is None:
            single += row.estimated_value if row in among else 0
        else:
            first.setdefault(row.opportunity_id, row)
    return single + sum((row.estimated_value or Decimal(0) for row in first.values() if row in among), Decimal(0))


def random_rows(yard: Yard, seed: int) -> tuple[list[TruckJourney], dict[int, str]]:
    """Sixty journeys of three branches with everything that can be odd about them."""
    dice = random.Random(seed)
    places = [yard.location(name, "America/Denver") for name in PLACES]
    rows = []
    for _ in range(60):
        on_board = dice.random() < 0.8
        rows.append(
            yard.journey(
                dice.choice(places),
                day=DAY + timedelta(days=dice.randint(-5, 5)),
                opportunity_id=dice.choice([None, *(f"opportunity-{number}" for number in range(15))]),
                estimated_value=dice.choice([None, Decimal("0"), Decimal("1234.56"), Decimal("99.99")]),
                service_type=dice.choice(["Moving", "Packing", ""]),
                stage=dice.choice(list(Stage)),
                confirmed=dice.choice([True, False, None]),
                on_board=on_board,
                off_reason="" if on_board else dice.choice([TENTATIVE, "Cancelled in SmartMoving"]),
            )
        )
    return rows, {place.id: place.name for place in places}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("location", [None, "Boulder"])
def test_the_figures_are_those_of_the_rows(
    app: Flask, yard: Yard, people: People, seed: int, location: str | None
) -> None:
    """By day, location, type and stage: jobs, confirmed, taken off, and each opportunity's value once."""
    rows, names = random_rows(yard, seed)
    manager = people(Role.MANAGER, locations=list(PLACES))
    asked = Asked(ASKED.first, ASKED.last, location)
    chosen = [
        row
        for row in rows
        if asked.first <= row.scheduled_date <= asked.last and location in (None, names[row.location_id])
    ]
    with app.app_context():
        found = figures(manager.actor, asked)
    expected = counted(chosen, names)
    shown = {("day", day): count.jobs for day, count in found.by_day.items()} | {
        ("location", name): count.jobs for name, count in found.by_location.items()
    }
    shown |= {("type", name): count.jobs for name, count in found.by_type.items()}
    shown |= {("stage", stage): count.jobs for stage, count in found.by_stage.items()}
    assert {key: jobs for key, jobs in shown.items() if jobs} == dict(expected)
    on = [row for row in chosen if row.on_board]
    off = [row for row in chosen if not row.on_board and row.off_reason != TENTATIVE]
    assert (found.total.jobs, found.total.taken_off) == (len(on), len(off))
    assert found.total.confirmed == sum(row.confirmed is True for row in on)
    assert found.total.value == worth(rows, chosen)
    for table in (found.by_day, found.by_location, found.by_type, found.by_stage):
        assert total_of(list(table.values())) == found.total


def test_days_side_by_side_add_up(app: Flask, yard: Yard, people: People) -> None:
    """An opportunity packed on one day and moved on the next is worth its estimate once, however the days are cut."""
    for day in (DAY, DAY + timedelta(days=1)):
        yard.journey(day=day, opportunity_id="both", estimated_value=Decimal("2000.50"))
    manager = people(Role.MANAGER, locations=["Denver"])
    with app.app_context():
        first, second = (figures(manager.actor, Asked(day, day)).total for day in (DAY, DAY + timedelta(days=1)))
        both = figures(manager.actor, Asked(DAY, DAY + timedelta(days=1))).total
    assert (first.value, second.value, both.value) == (Decimal("2000.50"), Decimal(0), Decimal("2000.50"))
    assert (first.jobs, second.jobs, both.jobs) == (1, 1, 2)


def test_who_worked_how_much(app: Flask, yard: Yard) -> None:
    """Jobs and minutes of each person and truck; unknown work counts as two hours, what is off the board not at all."""
    kim, ola = yard.driver("Kim Diaz"), yard.mover("Ola Berg")
    truck = yard.truck("Truck 7")
    yard.journey(crew=[kim, ola], trucks=[truck], minutes_needed=300)
    yard.journey(crew=[kim], trucks=[truck], minutes_needed=None)
    yard.journey(crew=[ola], on_board=False, off_reason="Cancelled in SmartMoving")
    yard.journey(crew=[ola], day=DAY + timedelta(days=30))
    with app.app_context():
        found = figures(yard.dispatcher().actor, ASKED)
    assert [(use.name, use.of, use.jobs, use.minutes) for use in found.crew] == [
        ("Kim Diaz", "Driver", 2, 420),
        ("Ola Berg", "Mover", 1, 300),
    ]
    assert [(use.name, use.of, use.jobs, use.minutes) for use in found.trucks] == [("Truck 7", "Denver", 2, 420)]


@pytest.mark.parametrize(
    ("role", "locations", "jobs", "has_money"),
    [
        (Role.SUPER_ADMIN, [], 3, True),
        (Role.ADMIN, [], 2, True),
        (Role.AUDITOR, [], 2, True),
        (Role.MANAGER, ["Denver"], 1, True),
        (Role.DISPATCHER, ["Denver", "Boulder"], 2, False),
        (Role.DISPATCHER, [], 0, False),
    ],
)
def test_each_role_counts_what_it_may_see(
    app: Flask, yard: Yard, people: People, role: Role, locations: list[str], jobs: int, has_money: bool
) -> None:
    """Own locations, the company, or all companies; money only where the table gives it."""
    yard.journey(estimated_value=Decimal(1))
    yard.journey(yard.location("Boulder"), estimated_value=Decimal(1))
    yard.journey(yard.location("Elsewhere", company="Another company"), estimated_value=Decimal(1))
    actor = people(role, locations=locations).actor
    with app.app_context():
        found = figures(actor, ASKED)
    assert found.total.jobs == jobs
    assert found.total.value == (Decimal(jobs) if has_money else None)
    assert all(has_money == (count.value is not None) for count in every_count(found))


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.DRIVER, Role.MOVER])
def test_who_may_not_see_jobs_counts_none(app: Flask, people: People, role: Role) -> None:
    """The service refuses, whoever calls it."""
    actor = people(role).actor
    with app.app_context(), pytest.raises(Forbidden):
        figures(actor, ASKED)


def test_as_many_queries_whatever_there_is(app: Flask, yard: Yard, people: People) -> None:
    """Three."""
    manager = people(Role.MANAGER, locations=["Denver"])
    assert queries_asked(app, manager) == 3
    yard.journeys(50, crew=[yard.driver(), yard.mover()], trucks=[yard.truck()])
    assert queries_asked(app, manager) == 3


def every_count(found: Figures) -> list[Count]:
    tables = (found.by_day, found.by_location, found.by_type, found.by_stage)
    return [count for table in tables for count in table.values()]


def queries_asked(app: Flask, person: Person) -> int:
    with app.app_context(), queries_of() as statements:
        figures(person.actor, ASKED)
    return len(statements)


def test_every_day_is_there() -> None:
    """Both ends are counted."""
    assert Asked(date(2026, 11, 30), date(2026, 12, 2)).days == [
        date(2026, 11, 30),
        date(2026, 12, 1),
        date(2026, 12, 2),
    ]
