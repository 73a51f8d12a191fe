"""What one running sandbox holds: settings, store, journal, faults and switches."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import current_app

from webapp.sandbox.calls import CallJournal
from webapp.sandbox.faults import FaultQueue
from webapp.sandbox.generate import generate
from webapp.sandbox.generate.movers import invent_movers
from webapp.sandbox.settings import SandboxSettings
from webapp.sandbox.smartmoving.calls import SmartMovingCalls
from webapp.sandbox.smartmoving.days import catch_up
from webapp.sandbox.smartmoving.limits import MinuteLimit, Switches
from webapp.sandbox.store import Store


@dataclass(slots=True)
class SmartMoving:
    """The part that stands in for SmartMoving."""

    calls: SmartMovingCalls
    switches: Switches
    minute: MinuteLimit = field(default_factory=MinuteLimit)


@dataclass(slots=True)
class Sandbox:
    """The process's state; everything but the store is lost when it stops."""

    settings: SandboxSettings
    store: Store
    calls: CallJournal
    smartmoving: SmartMoving
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
        """Start over with newly invented companies and no requests."""
        self.refill_movers()
        self.store.fill(generate(self.settings.scale, self.today(), self.settings.seed))

    def refill_movers(self) -> None:
        """Start over with a newly invented moving company that nobody has called yet."""
        self.store.fill_movers(invent_movers(self.settings.scale, self.today(), self.settings.seed))
        self.smartmoving.minute.forget()

    def restore_switches(self) -> None:
        """Forget faults, latency, look-up mode and clock that the control address set."""
        self.faults.clear()
        self.lookup, self.latency, self.fixed_today = self.settings.lookup, 0.0, self.settings.today
        self.smartmoving.switches = first_switches(self.settings)


def first_switches(settings: SandboxSettings) -> Switches:
    """SmartMoving's limits as the process was told them."""
    return Switches(per_minute=settings.smartmoving_per_minute, quota=settings.smartmoving_quota)


def open_sandbox(settings: SandboxSettings) -> Sandbox:
    """The state for these settings; invents a company if the database file has none yet."""
    store = Store(settings.database)
    state = Sandbox(settings, store, CallJournal(store), SmartMoving(SmartMovingCalls(store), first_switches(settings)))
    state.restore_switches()
    if not store.is_filled():
        state.refill()
    elif not store.has_movers() or not _catch_up(state):
        state.refill_movers()
    return state


def _catch_up(state: Sandbox) -> bool:
    """Let the movers live the days since the last start; a fixed day stands still. False: invent them anew."""
    settings = state.settings
    return bool(settings.today) or catch_up(state.store, state.today(), settings.scale, settings.seed)


def sandbox() -> Sandbox:
    """The sandbox behind the current request."""
    state = current_app.extensions["sandbox"]
    assert isinstance(state, Sandbox)
    return state
