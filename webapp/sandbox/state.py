"""What one running sandbox holds: settings, store, journal, faults and switches."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import current_app

from webapp.sandbox.calls import CallJournal
from webapp.sandbox.faults import FaultQueue
from webapp.sandbox.generate import generate
from webapp.sandbox.settings import SandboxSettings
from webapp.sandbox.store import Store


@dataclass(slots=True)
class Sandbox:
    """The process's state; everything but the store is lost when it stops."""

    settings: SandboxSettings
    store: Store
    calls: CallJournal
    faults: FaultQueue = field(default_factory=FaultQueue)
    lookup: str = "on"
    latency: float = 0.0
    fixed_today: date | None = None
    # Reports as they were last rendered, by name.
    reports: dict[str, Any] = field(default_factory=dict)

    def today(self) -> date:
        """The day that counts as today."""
        return self.fixed_today or datetime.now().astimezone().date()

    def refill(self) -> None:
        """Start over with a newly invented company and no requests."""
        self.store.fill(generate(self.settings.scale, self.today(), self.settings.seed))

    def restore_switches(self) -> None:
        """Forget faults, latency, look-up mode and clock that the control address set."""
        self.faults.clear()
        self.lookup, self.latency, self.fixed_today = self.settings.lookup, 0.0, self.settings.today


def open_sandbox(settings: SandboxSettings) -> Sandbox:
    """The state for these settings; invents a company if the database file has none yet."""
    store = Store(settings.database)
    state = Sandbox(settings, store, CallJournal(store))
    state.restore_switches()
    if not store.is_filled():
        state.refill()
    return state


def sandbox() -> Sandbox:
    """The sandbox behind the current request."""
    state = current_app.extensions["sandbox"]
    assert isinstance(state, Sandbox)
    return state
