"""What routes that cannot do without it are sent: enough to get past validation, to the question of scope."""

from typing import Any

from tests.access.world import World
from tests.journey_rows import DENVER
from tests.rows import DAY, OFFICE, Person

# What a phone calls a tap, and an item of the checklist.
TAP = "00000000-0000-4000-8000-00000000aaaa"
ITEM = "truck_inspected"
# What is done to a draft, which a page shows in a version.
DEEDS = ("add", "suggest", "save", *(f"slots/<index>/{deed}" for deed in ("clear", "pin", "unpin", "remove")))
AT_OFFICE = {"query_string": {"office": OFFICE}}


def inputs_of(world: World, person: Person) -> dict[str, dict[str, Any]]:
    """By method and route, the query, form or JSON that `person` sends with it."""
    home = world.home
    days = {"start_day": DAY.isoformat(), "end_day": DAY.replace(day=30).isoformat()}
    batch = world.owned["batch", person.user_id]["batch_id"]
    asked = {"office": OFFICE, "start": days["start_day"], "count": 1}
    return {
        "GET /calendar/partners/<person_id>": AT_OFFICE,
        "GET /calendar/vehicles/<vin>": AT_OFFICE,
        "GET /chains/partners/<person_id>": AT_OFFICE,
        "GET /chains/vehicles/<vin>": AT_OFFICE,
        "POST /calendar/undo": {"data": {"step": batch}},
        "POST /calendar/loans/<assignment_id>/notes": {"data": {"text": "Rang."}},
        "POST /calendar/loans/<assignment_id>/move": {"data": days},
        "POST /calendar/loans/<assignment_id>/change": {"data": days},
        "POST /calendar/loans/<assignment_id>/settle": {"data": {"verdict": "absent"}},
        "POST /fms/operations/<operation_id>/settle": {"data": {"verdict": "absent"}},
        "PATCH /api/calendar/assignments/<assignment_id>": {"json": {"end_day": days["end_day"]}},
        "PATCH /api/calendar/change-assignment-status/<assignment_id>": {"query_string": {"new_status": "manual"}},
        "POST /chains/<chain_id>/bulk": {"data": {"kind": "delete"}},
        "POST /journeys/trucks": {"data": {"name": "A new one", "location": DENVER}},
        "POST /journeys/trucks/<truck_id>/name": {"data": {"name": "Another name"}},
        "POST /journeys/<journey_id>/problem": {"data": {"text": "A flat tyre"}},
        "POST /my-jobs/<journey_id>/stage": {"data": {"to": "EN_ROUTE", "tap_id": TAP}},
        "POST /my-jobs/<journey_id>/problem": {"data": {"text": "A flat tyre", "tap_id": TAP}},
        "POST /my-jobs/<journey_id>/tick": {"data": {"item": ITEM, "is_done": "yes", "tap_id": TAP}},
        "PATCH /api/journeys/<journey_id>": {"json": {"notes": "Ring first."}},
        "POST /api/journeys/<journey_id>/stage": {"json": {"stage": "EN_ROUTE"}},
        "POST /api/journeys/<journey_id>/crew": {"json": {"user_ids": []}},
        "POST /api/journeys/<journey_id>/trucks": {"json": {"truck_ids": []}},
        "POST /api/trucks": {"json": {"name": "A new one", "location": DENVER}},
        "POST /journeys/<journey_id>/tick": {"data": {"item": ITEM, "is_done": "yes"}},
        "POST /journeys/<journey_id>/move": {"data": {"to": "EN_ROUTE"}},
        "POST /journeys/<journey_id>/take-off": {"data": {"reason": "Called off"}},
        **{f"POST /chains/drafts/<draft_id>/{deed}": {"data": {"version": "1"}} for deed in DEEDS},
        "GET /api/chains/partner": {"query_string": {**asked, **home("partner")}},
        "GET /api/chains/vehicle": {"query_string": {**asked, **home("vehicle")}},
        "GET /calendar/search": {"query_string": {"q": "fleet"}},
    }
