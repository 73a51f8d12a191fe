"""The permission table, held against the matrix as its page prints it."""

import pytest

from webapp.accounts.permissions import TABLE, Permission, Role

P = Permission
MATRIX = """
role          | view jobs | edit jobs | run syncs | money        | all locations      | view loans | plan loans | users            | audit log
SUPER_ADMIN   | yes       | yes       | yes       | yes          | yes, all companies | yes        | yes        | yes              | yes
ADMIN         | yes       | yes       | no        | yes          | yes, own company   | yes        | yes        | yes, own company | yes
MANAGER       | yes       | yes       | no        | yes          | no                 | yes        | yes        | no               | no
SCHEDULER     | no        | no        | no        | budgets only | no                 | yes        | yes        | no               | no
DISPATCHER    | yes       | yes       | no        | no           | no                 | no         | no         | no               | no
AUDITOR       | yes       | no        | no        | yes          | yes, own company   | yes        | no         | no               | yes
DRIVER        | own       | own       | no        | no           | no                 | no         | no         | no               | no
MOVER         | own       | own       | no        | no           | no                 | no         | no         | no               | no
"""  # noqa: E501
MEANING = {
    ("view jobs", "yes"): {P.VIEW_JOBS, P.VIEW_OWN_JOBS},
    ("view jobs", "own"): {P.VIEW_OWN_JOBS},
    ("edit jobs", "yes"): {P.EDIT_JOBS, P.WORK_ON_OWN_JOBS},
    ("edit jobs", "own"): {P.WORK_ON_OWN_JOBS},
    ("run syncs", "yes"): {P.RUN_SYNCS},
    ("money", "yes"): {P.SEE_MONEY, P.SEE_BUDGETS},
    ("money", "budgets only"): {P.SEE_BUDGETS},
    ("all locations", "yes, all companies"): {P.ALL_LOCATIONS, P.ALL_COMPANIES},
    ("all locations", "yes, own company"): {P.ALL_LOCATIONS},
    ("view loans", "yes"): {P.VIEW_LOANS},
    ("plan loans", "yes"): {P.PLAN_LOANS},
    ("users", "yes"): {P.MANAGE_USERS},
    ("users", "yes, own company"): {P.MANAGE_USERS},
    ("audit log", "yes"): {P.READ_AUDIT},
}


def printed() -> dict[Role, set[Permission]]:
    head, *lines = ([cell.strip() for cell in line.split("|")] for line in MATRIX.strip().splitlines())
    rows = {}
    for role, *cells in lines:
        given = [MEANING[column, cell] for column, cell in zip(head[1:], cells, strict=True) if cell != "no"]
        rows[Role(role)] = set().union(*given)
    return rows


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_do_what_its_line_says_and_nothing_else(role: Role) -> None:
    """The table in the code is the printed one."""
    assert TABLE[role] == printed()[role]


def test_every_permission_is_a_column() -> None:
    """No permission exists that the printed matrix does not speak of."""
    assert set().union(*MEANING.values()) == set(Permission)
