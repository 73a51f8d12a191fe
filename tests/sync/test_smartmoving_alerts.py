"""Administrators are told once when SmartMoving refuses us or no look was good for long, and once when it is over."""

from datetime import timedelta

import pytest
from flask import Flask
from pydantic import SecretStr
from time_machine import Traveller

from tests.sandbox_process import SandboxProcess
from tests.sync.movers import NOON, add_look
from webapp.accounts.service import ensure_company
from webapp.db import close_reading
from webapp.sync import incidents, smartmoving_runs
from webapp.sync.incidents import open_incidents
from webapp.sync.models import RunStatus

WITH_KEY = pytest.mark.settings(smartmoving_api_key="a-key", sync_enabled=True)


def wrong() -> dict[str, str]:
    """What is open after a look at it, of SmartMoving."""
    company_id = ensure_company("Motorpool")
    incidents.assess(company_id)
    found = {one.subject: one.sentence for one in open_incidents(company_id) if one.subject.startswith("smartmoving:")}
    close_reading()
    return found


@pytest.mark.settings(smartmoving_api_key="another-key")
def test_a_refused_key_is_wrong_until_a_look_is_good(
    movers_app: Flask, movers: SandboxProcess, noon: Traveller
) -> None:
    """Told without the key; not told again when the wait is over, but when the key is right."""
    with movers_app.app_context():
        assert wrong() == {}
        smartmoving_runs.run_smartmoving("scheduled")
        (sentence,) = wrong().values()
        assert "SMARTMOVING_API_KEY" in sentence
        assert "another-key" not in sentence
        noon.shift(timedelta(hours=2))
        assert wrong() == {"smartmoving:hold": sentence}
        right = {"smartmoving_api_key": SecretStr(movers.smartmoving_key)}
        movers_app.extensions["settings"] = movers_app.extensions["settings"].model_copy(update=right)
        smartmoving_runs.run_smartmoving("button")
        assert wrong() == {}


@WITH_KEY
@pytest.mark.usefixtures("context")
def test_no_good_look_for_two_working_hours_is_wrong(noon: Traveller) -> None:
    """Failed runs and nights do not count; one good look and it is over."""
    company_id = ensure_company("Motorpool")
    add_look(company_id, NOON + timedelta(hours=9, minutes=30))
    noon.move_to(NOON + timedelta(hours=19, minutes=30))
    add_look(company_id, NOON + timedelta(hours=19, minutes=15), status=RunStatus.FAILED)
    assert wrong() == {}
    noon.shift(timedelta(seconds=1))
    assert wrong() == {
        "smartmoving:stale": (
            "SmartMoving's jobs are as of 11-19-26 21:30 PST: no good look for 2 hours of working time."
        )
    }
    add_look(company_id, NOON + timedelta(hours=19, minutes=30), status=RunStatus.PARTIAL)
    assert wrong() == {}


@pytest.mark.usefixtures("context", "noon")
@pytest.mark.parametrize("is_set_up", [pytest.param(False), pytest.param(True, marks=WITH_KEY)])
def test_a_desk_that_never_had_jobs_is_not_alarmed(is_set_up: bool) -> None:
    """Nor one whose key was taken away."""
    company_id = ensure_company("Motorpool")
    add_look(company_id, NOON - timedelta(days=2), status=RunStatus.FAILED)
    if not is_set_up:
        add_look(company_id, NOON - timedelta(days=3))
    assert wrong() == {}
