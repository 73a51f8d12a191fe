"""A desk that reads the sandbox's SmartMoving, as fast as the machine can."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.sandbox_process import TODAY, SandboxProcess
from tests.smartmoving.desk import Desk

UNHURRIED = 100_000


@pytest.fixture
def movers(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> SandboxProcess:
    """The sandbox without its own limit of calls a minute; pauses between tries take no time."""
    sandbox.switch_smartmoving(per_minute=0)
    monkeypatch.setattr("webapp.smartmoving.client.PAUSES", (0, 0))
    return sandbox


@pytest.fixture
def smartmoving_app(make_app: Callable[..., Flask], movers: SandboxProcess) -> Flask:
    """An application set up for that SmartMoving."""
    return make_app(**settings_of_movers(movers))


@pytest.fixture
def desk(smartmoving_app: Flask, movers: SandboxProcess) -> Desk:
    """A desk on the sandbox's day, before its first sync; on both engines."""
    return Desk(smartmoving_app, movers, TODAY)


def settings_of_movers(sandbox: SandboxProcess) -> dict[str, Any]:
    """Settings with which the application calls this sandbox without waiting."""
    return {
        "smartmoving_base_url": sandbox.smartmoving_url,
        "smartmoving_api_key": sandbox.smartmoving_key,
        "smartmoving_calls_per_minute": UNHURRIED,
    }
