"""Where each role comes to after signing in."""

import pytest

from webapp.accounts.landing import landing
from webapp.accounts.permissions import Role

PAGES = {"/calendar", "/journeys", "/my-jobs", "/account"}


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.SUPER_ADMIN, "/calendar"),
        (Role.ADMIN, "/calendar"),
        (Role.MANAGER, "/calendar"),
        (Role.SCHEDULER, "/calendar"),
        (Role.AUDITOR, "/calendar"),
        (Role.DISPATCHER, "/journeys"),
        (Role.DRIVER, "/my-jobs"),
        (Role.MOVER, "/my-jobs"),
    ],
)
def test_each_role_lands_where_it_works(role: Role, address: str) -> None:
    """Loans on the calendar, jobs on the board, crews at their own; else the account page."""
    assert landing(role, PAGES) == address
    assert landing(role, {"/account"}) == "/account"
