"""What is audited of the fleet: what operations laid down by spreadsheet. FMS's own rows are FMS's to tell of."""

from webapp.audit.watched import leave_alone, thing, watch
from webapp.fleet import models

PLACE = frozenset({"id", "company_id", "latitude", "longitude", "located_by"})

thing("rule", "Rule")
thing("holiday", "Holiday")
thing("capacity", "Drivers of an office")
thing("cost", "Cost of loans")
thing("budget", "Budget")
thing("partner", "Partner")

watch(models.Rule, "rule", "{make} {rank}")
watch(models.Holiday, "holiday", "{office} {day:%m-%d-%y} {name}")
watch(models.OfficeCapacity, "capacity", "{office}")
watch(models.LoanCost, "cost", "{name} {make}", money=["cost"])
# Imports of FMS's report write `amount_used` beside the session: only what people import is noticed.
watch(models.Budget, "budget", "{office} {fleet} {year} Q{quarter}", money=["allocation", "amount_used"])
# The rest of a partner is FMS's; imports, and what the atlas finds, are written beside the session.
watch(models.Partner, "partner", "{name}, {office}", leave_out=set(models.Partner.__table__.columns.keys()) - PLACE)

BY_FMS = "FMS's own: it is changed there, and read by every import."
leave_alone(models.Vehicle, BY_FMS, called="{vin}")
for from_fms in (models.ApprovedMake, models.Activity, models.LoanHistory):
    leave_alone(from_fms, BY_FMS)
for computed in (models.PreferredWeekday, models.PublicationRate, models.VehicleUse):
    leave_alone(computed, "Computed of FMS's rows after an import.")
