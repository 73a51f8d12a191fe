"""What is audited of chains: nothing of their own, as a saved chain is loans."""

from webapp.audit.watched import leave_alone
from webapp.chains.models import Draft, DraftSlot

leave_alone(Draft, "A chain that is still being built; what is saved of it is loans, which are told.")
leave_alone(DraftSlot, "The same, of one loan.")
