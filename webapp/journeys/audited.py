"""What is audited of journeys: they themselves with what was entered over the source, ticks, crews, trucks."""

from webapp.accounts.permissions import Permission
from webapp.audit.watched import leave_alone, thing, watch
from webapp.journeys.models import (
    BoardMark,
    JourneyCrew,
    JourneyEvent,
    JourneyLook,
    JourneyTap,
    JourneyTick,
    JourneyTruck,
    Truck,
    TruckJourney,
)

thing("journey", "Job", address="/journeys/{id}", needs=Permission.VIEW_JOBS)
thing("truck", "Truck")
watch(
    TruckJourney,
    "journey",
    "{customer_name} {job_number} {scheduled_date:%m-%d-%y}",
    money=["estimated_value"],
    spread=["overrides"],
    leave_out=[
        # What the source says is in the columns, unless it is entered here; its own words may hold rates.
        *("source", "external_data", "content_hash"),
        # Noise: with every change, or with every look at the source.
        *("version", "updated_at", "created_at", "last_sync_at", "changed_at", "changed_by", "change_note"),
    ],
)
watch(JourneyTick, "journey", part="tick", id_column="journey_id", parent=TruckJourney)
watch(JourneyCrew, "journey", part="crew", id_column="journey_id", parent=TruckJourney)
watch(JourneyTruck, "journey", part="truck", id_column="journey_id", parent=TruckJourney)
watch(Truck, "truck", "{name}")
leave_alone(JourneyEvent, "A history itself, never changed.")
leave_alone(JourneyTap, "That a phone's tap was carried out; what it did is told.")
leave_alone(JourneyLook, "When somebody last looked.")
leave_alone(BoardMark, "A counter that tells open boards to draw again.")
