"""What is told of journeys: what was entered over the source, ticks, crews and trucks, and imports of thousands."""

from datetime import timedelta

import pytest

from tests.audit.entries_read import Told, entries, told
from tests.journey_rows import Yard
from tests.queries_counted import queries_of
from tests.rows import DAY
from webapp.db import writing
from webapp.journeys import crews, edits, imported, ticks

pytestmark = pytest.mark.usefixtures("context")


def test_what_is_entered_over_the_source(yard: Yard) -> None:
    """The column's value and the override with who entered it; given up, the source's is told again."""
    dispatcher = yard.dispatcher("Odette Farnham").actor
    journey = yard.journey(crew_needed=2)
    with entries() as entered:
        edits.change(dispatcher, journey.id, {"crew_needed": 4})
    with entries() as given_up:
        edits.use_source(dispatcher, journey.id, ["crew_needed"])
    (one,), (other,) = entered, given_up
    assert one.before == {"overrides.crew_needed": None, "crew_needed": 2}
    assert one.after is not None
    assert one.after["crew_needed"] == 4
    assert (one.after["overrides.crew_needed"]["value"], one.after["overrides.crew_needed"]["by"]) == (
        4,
        dispatcher.name,
    )
    assert other.after == one.before
    assert (one.subject, one.subject_id, one.company_id) == ("journey", journey.id, journey.company_id)
    assert one.label == f"{journey.customer_name} {journey.job_number} 11-23-26"


def test_ticks_crews_and_trucks(yard: Yard) -> None:
    """Parts of the journey, under its name, though its own row may not have changed in what is told."""
    dispatcher, driver, truck = yard.dispatcher().actor, yard.driver(), yard.truck()
    journey = yard.journey()
    with entries() as found:
        ticks.tick(dispatcher, journey.id, "truck_inspected", True)
        ticks.tick(dispatcher, journey.id, "truck_inspected", False)
        crews.set_crew(dispatcher, journey.id, [driver.user_id])
        crews.set_trucks(dispatcher, journey.id, [truck.id])
        crews.set_crew(dispatcher, journey.id, [])
    assert [(one.action, one.subject_id) for one in found] == [
        ("tick added", journey.id),
        ("tick removed", journey.id),
        ("crew added", journey.id),
        ("truck added", journey.id),
        ("crew removed", journey.id),
    ]
    assert {(one.label, one.company_id) for one in found} == {
        (f"{journey.customer_name} {journey.job_number} 11-23-26", journey.company_id)
    }
    keys = [(one.after or one.before or {}) for one in found]
    assert [keys[0]["item"], keys[2]["user_id"], keys[3]["truck_id"]] == ["truck_inspected", driver.user_id, truck.id]


def test_an_import_of_many_is_one_statement(yard: Yard) -> None:
    """However many jobs it takes off the board; each is told."""
    journeys = yard.journeys(50, day=DAY + timedelta(days=1))
    jobs = [one.job_id for one in journeys if one.job_id]
    with entries() as found, queries_of() as statements, writing() as session:
        imported.off_board(session, journeys[0].company_id, jobs, "called off", journeys[0].created_at)
    assert sum("audit_entries" in one for one in statements) == 1
    before, after = {"on_board": True, "off_reason": ""}, {"on_board": False, "off_reason": "called off"}
    assert told(found) == [Told("journey", one.id, "changed", before, after) for one in journeys]
