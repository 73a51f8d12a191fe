"""What is audited of the syncs: nothing of their own, as runs are a record themselves."""

from webapp.audit.watched import leave_alone
from webapp.sync.models import FeedResult, Incident, Lease, Notice, SyncRun

leave_alone(SyncRun, "A record itself: who began which run, and how it ended.")
leave_alone(FeedResult, "The same, of one report.")
leave_alone(Lease, "Who runs a job just now.")
leave_alone(Incident, "A record itself: what was wrong, from when until when.")
leave_alone(Notice, "Which messages about it were sent.")
