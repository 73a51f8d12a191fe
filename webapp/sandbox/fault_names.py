"""What can be broken, and how: the targets and the faults that tests order by name."""

REST_TARGETS = ("create", "delete", "lookup")
REPORT_NAMES = (
    "vehicles",
    "partners",
    "loan_history",
    "current_activity",
    "approved_makes",
    "budget_spending",
    "budgets",
)
# Before: FMS has done nothing. After: FMS has done it, and the caller cannot tell.
FAULTS_BEFORE = (
    "slow",
    "refuse",
    "unauthorized",
    "invalid",
    "busy",
    "error_before",
    "reset_before",
    "html_before",
)
FAULTS_AFTER = ("slow_after", "error_after", "reset_after", "no_id", "html", "truncated", "cut", "never")
REPORT_FAULTS = (
    "slow",
    "html",
    "empty",
    "shrunk",
    "extra_column",
    "missing_column",
    "bad_rows",
    "header",
    "bom",
    "crlf",
    "latin1",
    "truncated",
    "cut",
    "huge",
    "error",
    "not_found",
    "redirect",
    "reset",
    "never",
)
SMARTMOVING_FAULTS = (
    "slow",
    "busy",
    "unauthorized",
    "quota",
    "bad_request",
    "not_found",
    "error",
    "html",
    "truncated",
    "cut",
    "reset",
    "never",
)
# What only a list, or only what holds jobs, can suffer.
LIST_FAULTS, JOB_FAULTS = ("bare", "shuffled", "shrunk"), ("broken",)
SMARTMOVING_FAULTS_OF = {
    "smartmoving:branches": SMARTMOVING_FAULTS + LIST_FAULTS,
    "smartmoving:service-types": SMARTMOVING_FAULTS + LIST_FAULTS,
    "smartmoving:customers": SMARTMOVING_FAULTS + LIST_FAULTS + JOB_FAULTS,
    "smartmoving:opportunity": SMARTMOVING_FAULTS + JOB_FAULTS,
    "smartmoving:any": SMARTMOVING_FAULTS,
}
TARGETS = (
    "any",
    *REST_TARGETS,
    "report:any",
    *(f"report:{name}" for name in REPORT_NAMES),
    *SMARTMOVING_FAULTS_OF,
)


def faults_of(target: str) -> tuple[str, ...]:
    """The faults that a target can have."""
    if target.startswith("report:"):
        return REPORT_FAULTS
    return SMARTMOVING_FAULTS_OF.get(target, FAULTS_BEFORE + FAULTS_AFTER)
