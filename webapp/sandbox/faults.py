"""The faults that tests order: what each is called, and which call gets which one."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass

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
TARGETS = ("any", *REST_TARGETS, "report:any", *(f"report:{name}" for name in REPORT_NAMES))

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

NUMBERS = {"times", "seconds", "retry_after", "percent", "megabytes"}


class UnknownFault(ValueError):
    """A fault or target that the sandbox does not have; the text says which there are."""


@dataclass(slots=True)
class Fault:
    """One order: what happens (`fault`) to which calls (`target`), how many more times (None: until cleared).

    `seconds` waits, `retry_after` is in seconds, `percent` of rows, `megabytes` of body; `text` is FMS's
    wording or the address of a redirect.
    """

    target: str
    fault: str
    times: int | None = 1
    seconds: float = 0.0
    retry_after: float | None = None
    percent: float | None = None
    megabytes: float = 1.0
    text: str | None = None


class FaultQueue:
    """Orders in the sequence they were given; each call takes the first that is meant for it."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, order: Mapping[str, object]) -> Fault:
        """Queue what a JSON body describes; raises UnknownFault."""
        fault = _read(order)
        with self._lock:
            self._orders.append(fault)
        return fault

    def take(self, target: str) -> Fault | None:
        """The next fault for this call (`create`, `report:vehicles`, ...), used up by one."""
        family = "report:any" if target.startswith("report:") else "any"
        with self._lock:
            for fault in self._orders:
                if fault.target in (target, family):
                    self._use_up(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Forget all orders."""
        with self._lock:
            self._orders.clear()

    def pending(self) -> list[dict[str, object]]:
        """The orders that are left, as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._orders]

    def _use_up(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._orders.remove(fault)


def _read(order: Mapping[str, object]) -> Fault:
    unknown = set(order) - set(Fault.__slots__)
    if unknown:
        raise UnknownFault(f"There is no field {', '.join(sorted(unknown))}.")
    target, name = str(order.get("target", "")), str(order.get("fault", ""))
    if target not in TARGETS:
        raise UnknownFault(f"There is no target {target!r}; there are {', '.join(TARGETS)}.")
    known = REPORT_FAULTS if target.startswith("report:") else FAULTS_BEFORE + FAULTS_AFTER
    if name not in known:
        raise UnknownFault(f"There is no fault {name!r} for {target}; there are {', '.join(known)}.")
    for field in NUMBERS & set(order):
        value = order[field]
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise UnknownFault(f"{field} is a number.")
    return Fault(**dict(order))  # type: ignore[arg-type]
