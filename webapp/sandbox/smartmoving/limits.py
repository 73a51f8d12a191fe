"""How many calls SmartMoving takes: so many in any minute, so many in a month. Refused calls count, too."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

PER_MINUTE, MONTHLY = 120, 20_000


@dataclass(slots=True)
class Switches:
    """What the control address may change while it runs; 0 means no limit, latencies are in seconds.

    `minute_seconds` is how long the minute of the limit lasts, so that a test need not wait a real one.
    """

    per_minute: int = PER_MINUTE
    quota: int = MONTHLY
    minute_seconds: float = 60.0
    page_seconds: float = 0.0
    call_seconds: float = 0.0
    retry_after: bool = False
    bare: bool = False


@dataclass(slots=True)
class MinuteLimit:
    """The calls of the last minute by a clock that nobody sets; `clock` gives seconds that only grow."""

    clock: Callable[[], float] = time.monotonic
    _calls: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, limit: int, minute: float = 60.0) -> int:
        """Take one call; 0, or the whole seconds until another would be taken."""
        with self._lock:
            now = self.clock()
            while self._calls and self._calls[0] <= now - minute:
                self._calls.popleft()
            self._calls.append(now)
            excess = len(self._calls) - limit
            if limit <= 0 or excess <= 0:
                return 0
            return max(1, math.ceil(self._calls[excess] + minute - now))

    def forget(self) -> None:
        """Start a new minute."""
        with self._lock:
            self._calls.clear()
