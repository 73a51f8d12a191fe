"""Where each role works: the page it comes to after signing in."""

from collections.abc import Collection

from webapp.accounts.permissions import TABLE, Permission, Role

# The first that the role may open: loans, then the board of jobs, then one's own jobs.
WORKPLACES = (
    (Permission.VIEW_LOANS, "/calendar"),
    (Permission.VIEW_JOBS, "/journeys"),
    (Permission.VIEW_OWN_JOBS, "/my-jobs"),
)
FALLBACK = "/account"


def landing(role: Role, pages: Collection[str]) -> str:
    """The address where `role` works, or the account page while that is not among `pages`."""
    address = next(address for permission, address in WORKPLACES if permission in TABLE[role])
    return address if address in pages else FALLBACK
