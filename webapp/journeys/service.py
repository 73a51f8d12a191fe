"""What may be done with journeys: the only writer of them beside SmartMoving's import, one transaction each.

Every use case asks the role first (`Forbidden`), then the scope (`NotFound`), then whether what the person saw
still holds (`Stale`). What they have in common is in `writing`.
"""

from webapp.journeys.crews import set_crew as set_crew
from webapp.journeys.crews import set_trucks as set_trucks
from webapp.journeys.edits import change as change
from webapp.journeys.edits import create as create
from webapp.journeys.edits import put_back as put_back
from webapp.journeys.edits import take_off as take_off
from webapp.journeys.edits import use_source as use_source
from webapp.journeys.errors import NameTaken as NameTaken
from webapp.journeys.errors import NotByHand as NotByHand
from webapp.journeys.errors import Stale as Stale
from webapp.journeys.errors import StepForbidden as StepForbidden
from webapp.journeys.steps import move_stage as move_stage
from webapp.journeys.steps import report_problem as report_problem
from webapp.journeys.ticks import look as look
from webapp.journeys.ticks import tick as tick
from webapp.journeys.trucks import add_truck as add_truck
from webapp.journeys.trucks import rename_truck as rename_truck
from webapp.journeys.trucks import set_truck_active as set_truck_active
