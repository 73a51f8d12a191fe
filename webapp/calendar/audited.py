"""What is audited of the calendar: the views that people keep, and the private addresses they give away."""

from webapp.audit.watched import thing, watch
from webapp.calendar.models import CalendarLink, SavedView

thing("view", "Saved view")
thing("link", "Calendar link")
watch(SavedView, "view", "{name}", leave_out=["created_at", "updated_at"])
watch(CalendarLink, "link", "{title}", leave_out=["token_hash", "last_read_at"])
