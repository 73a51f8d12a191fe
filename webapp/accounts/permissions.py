"""The permission table: which role may do what. Pages, JSON and commands ask it; nothing else decides."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is here. Everybody has exactly one."""

    SUPER_ADMIN = "SUPER_ADMIN"
    ADMIN = "ADMIN"
    MANAGER = "MANAGER"
    SCHEDULER = "SCHEDULER"
    DISPATCHER = "DISPATCHER"
    AUDITOR = "AUDITOR"
    DRIVER = "DRIVER"
    MOVER = "MOVER"


class Permission(StrEnum):
    """One thing a role may or may not do: the columns of the table."""

    VIEW_JOBS = "view_jobs"
    VIEW_OWN_JOBS = "view_own_jobs"
    EDIT_JOBS = "edit_jobs"
    WORK_ON_OWN_JOBS = "work_on_own_jobs"
    RUN_SYNCS = "run_syncs"
    SEE_MONEY = "see_money"
    SEE_BUDGETS = "see_budgets"
    ALL_LOCATIONS = "all_locations"
    ALL_COMPANIES = "all_companies"
    VIEW_LOANS = "view_loans"
    PLAN_LOANS = "plan_loans"
    MANAGE_USERS = "manage_users"
    READ_AUDIT = "read_audit"


P = Permission

TABLE: dict[Role, frozenset[Permission]] = {
    Role.SUPER_ADMIN: frozenset(P),
    Role.ADMIN: frozenset(P) - {P.RUN_SYNCS, P.ALL_COMPANIES},
    Role.MANAGER: frozenset(
        {
            P.VIEW_JOBS,
            P.VIEW_OWN_JOBS,
            P.EDIT_JOBS,
            P.WORK_ON_OWN_JOBS,
            P.SEE_MONEY,
            P.SEE_BUDGETS,
            P.VIEW_LOANS,
            P.PLAN_LOANS,
        }
    ),
    Role.SCHEDULER: frozenset({P.SEE_BUDGETS, P.VIEW_LOANS, P.PLAN_LOANS}),
    Role.DISPATCHER: frozenset({P.VIEW_JOBS, P.VIEW_OWN_JOBS, P.EDIT_JOBS, P.WORK_ON_OWN_JOBS}),
    Role.AUDITOR: frozenset(
        {
            P.VIEW_JOBS,
            P.VIEW_OWN_JOBS,
            P.SEE_MONEY,
            P.SEE_BUDGETS,
            P.ALL_LOCATIONS,
            P.VIEW_LOANS,
            P.READ_AUDIT,
        }
    ),
    Role.DRIVER: frozenset({P.VIEW_OWN_JOBS, P.WORK_ON_OWN_JOBS}),
    Role.MOVER: frozenset({P.VIEW_OWN_JOBS, P.WORK_ON_OWN_JOBS}),
}
