"""What is audited of SmartMoving: the time zones that a company gave states and provinces."""

from webapp.audit.watched import leave_alone, thing, watch
from webapp.smartmoving.models import RegionZone, ServiceType, SmartMovingCall, SmartMovingOpportunity, SmartMovingState

thing("zone", "Time zone of a region")
watch(RegionZone, "zone", "{region}", id_column=None)
leave_alone(SmartMovingCall, "A ledger itself: every call that was made.")
leave_alone(SmartMovingOpportunity, "What the last sweep read.")
leave_alone(ServiceType, "SmartMoving's own words.")
leave_alone(SmartMovingState, "Where the reading stands.")
