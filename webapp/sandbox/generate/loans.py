"""Invents the life of the fleet: three years of loans that are over, and what runs or is coming.

Vehicles go out a week at a time, mostly back to back, to partners approved for their make.
"""

from dataclasses import replace
from datetime import date
from random import Random

from webapp.sandbox.generate.activities import Activity, Book
from webapp.sandbox.generate.approvals import Approval
from webapp.sandbox.generate.coming import ComingActivities
from webapp.sandbox.generate.past import PastLoans
from webapp.sandbox.generate.people import Partner
from webapp.sandbox.generate.pick import PartnerPicker
from webapp.sandbox.generate.scale import Scale
from webapp.sandbox.generate.vehicles import Vehicle

FIRST_ACTIVITY_ID = 231_006


def plan_activities(
    scale: Scale,
    today: date,
    vehicles: list[Vehicle],
    partners: list[Partner],
    approvals: list[Approval],
    random: Random,
) -> list[Activity]:
    """Exactly `scale.history` loans that ended before today and `scale.activities` that end later."""
    book = Book(today, vehicles, PartnerPicker(partners, approvals, random), random)
    activities = PastLoans(book).invent(scale.history)
    activities += ComingActivities(book).invent(scale)
    return _numbered(activities, random)


def _numbered(activities: list[Activity], random: Random) -> list[Activity]:
    """Give ids that rise with time, as FMS did."""
    number, numbered = FIRST_ACTIVITY_ID, []
    for activity in sorted(activities, key=lambda each: (each.start_day, each.vin, each.end_day, each.activity_type)):
        number += random.randint(1, 5)
        numbered.append(replace(activity, activity_id=number))
    return numbered
