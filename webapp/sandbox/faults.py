"""The faults that tests order, and which call gets which one."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from random import Random

from webapp.sandbox.fault_names import TARGETS, faults_of

NUMBERS = {"times", "seconds", "retry_after", "percent", "megabytes", "page", "share"}


class UnknownFault(ValueError):
    """A fault or target that the sandbox does not have; the text says which there are."""


@dataclass(slots=True)
class Fault:
    """One order: what happens (`fault`) to which calls (`target`), how many more times (None: until cleared).

    `seconds` waits, `retry_after` is in seconds, `percent` of rows, `megabytes` of body; `text` is FMS's
    wording or the address of a redirect. Of SmartMoving, `page` and `opportunity` narrow it to one page of the
    sweep or the detail of one id. `share` (0 to 1) of the calls that are meant suffer it, by chance.
    """

    target: str
    fault: str
    times: int | None = 1
    seconds: float = 0.0
    retry_after: float | None = None
    percent: float | None = None
    megabytes: float = 1.0
    text: str | None = None
    page: int | None = None
    opportunity: str | None = None
    share: float = 1.0

    def is_for(self, target: str, page: int | None, opportunity: str | None) -> bool:
        """Whether this call is meant."""
        family = f"{target.partition(':')[0]}:any" if ":" in target else "any"
        return self.target in (target, family) and self.page in (None, page) and self.opportunity in (None, opportunity)


class FaultQueue:
    """Orders in the sequence they were given; each call takes the first that is meant for it."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._chance = Random(1)
        self._lock = threading.Lock()

    def add(self, order: Mapping[str, object]) -> Fault:
        """Queue what a JSON body describes; raises UnknownFault."""
        fault = _read(order)
        with self._lock:
            self._orders.append(fault)
        return fault

    def take(self, target: str, *, page: int | None = None, opportunity: str | None = None) -> Fault | None:
        """The next fault for this call (`create`, `report:vehicles`, ...), used up by one."""
        with self._lock:
            for fault in self._orders:
                if fault.is_for(target, page, opportunity) and self._chance.random() < fault.share:
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
    known = faults_of(target)
    if name not in known:
        raise UnknownFault(f"There is no fault {name!r} for {target}; there are {', '.join(known)}.")
    for field in NUMBERS & set(order):
        value = order[field]
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise UnknownFault(f"{field} is a number.")
    return Fault(**dict(order))  # type: ignore[arg-type]
