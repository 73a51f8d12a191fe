"""Runs of the feeds place partners on the map: here without starting a process for each run."""

import pytest

from tests import atlas


@pytest.fixture(autouse=True)
def atlas_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look addresses up in this process; tests/fleet proves the other one."""
    monkeypatch.setattr("webapp.fleet.places.look_up", atlas.look_up)
