"""What everybody did and was told: one entry for each call, kept by those who called, never by the application."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Told(StrEnum):
    """What a person knows after a call.

    `UNCERTAIN` is the application's own word (202), `AWAY` its word that it cannot serve now; `UNKNOWN`: there was
    no whole answer, and it may have been done or not.
    """

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    AWAY = "away"
    BROKEN = "broken"
    UNKNOWN = "unknown"


# After these a person who asked for a change cannot tell whether it was made.
IN_DOUBT = frozenset({Told.AWAY, Told.BROKEN, Told.UNKNOWN, Told.UNCERTAIN})


def told_by(status: int | None, *, is_certain: bool = True) -> Told:
    """What an answer's status says; None: no answer came. `is_certain` False: a 202 that begins something."""
    if status is None:
        return Told.UNKNOWN
    if status == 202 and is_certain:
        return Told.UNCERTAIN
    if status < 400:
        return Told.DONE
    if status < 500:
        return Told.REFUSED
    return {502: Told.FAILED, 503: Told.AWAY}.get(status, Told.BROKEN)


@dataclass(frozen=True)
class Entry:
    """One call. `began` and `ended` are seconds since the soak began, by a clock that nobody sets.

    `subject` is what it was about (`loan`, `journey`) and `number` which one. `wrote` maps each part of it that the
    person asked to change to the value it was to have; `seen` is the thing as the answer showed it.
    """

    person: str
    kind: str
    began: float
    ended: float
    status: int | None
    told: Told
    subject: str = ""
    number: int | None = None
    wrote: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""

    @property
    def milliseconds(self) -> float:
        """How long the person waited."""
        return (self.ended - self.began) * 1000


class Journal:
    """Everybody's entries, in the order in which their calls ended."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def begin(self) -> None:
        """From now on seconds are counted."""
        self._began = time.monotonic()

    def now(self) -> float:
        """Seconds since the soak began."""
        return time.monotonic() - self._began

    def write(self, path: Path) -> None:
        """All entries as lines of JSON."""
        path.write_text("".join(json.dumps(asdict(entry)) + "\n" for entry in self.entries))

    def note(self, entry: Entry) -> None:
        """Keep an entry."""
        with self._lock:
            self.entries.append(entry)
