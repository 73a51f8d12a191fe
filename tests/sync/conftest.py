"""Runs of the feeds place partners on the map: here without starting a process for each run. A desk with movers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests import atlas
from tests.sandbox_process import SandboxProcess
from tests.sync.movers import NOON, settings_of_movers


@pytest.fixture(autouse=True)
def atlas_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look addresses up in this process; tests/fleet proves the other one."""
    monkeypatch.setattr("webapp.fleet.places.look_up", atlas.look_up)


@pytest.fixture
def movers(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> SandboxProcess:
    """A SmartMoving that takes any number of calls a minute; pauses between tries take no time."""
    sandbox.switch_smartmoving(per_minute=0)
    monkeypatch.setattr("webapp.smartmoving.client.PAUSES", (0, 0))
    return sandbox


@pytest.fixture
def movers_app(make_app: Callable[..., Flask], movers: SandboxProcess, request: pytest.FixtureRequest) -> Flask:
    """An application that reads it; `@pytest.mark.settings(...)` changes settings."""
    changed: dict[str, Any] = {}
    for mark in request.node.iter_markers("settings"):
        changed |= mark.kwargs
    return make_app(**{**settings_of_movers(movers), **changed})


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    """Noon in Los Angeles of the sandbox's day, the same day at every branch; `.shift(seconds)` lets time pass."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def movers_client(movers_app: Flask) -> FlaskClient:
    """A browser of that application without scripts."""
    return movers_app.test_client()
