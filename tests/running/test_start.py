"""What a process that serves loads before anybody asks for it: not the solvers, not spreadsheets."""

import json
import subprocess
import sys

import pytest

from tests.databases import plain_settings
from tests.servers import ROOT, environment_of

# Loaded by who solves a chain, makes a workbook or reads one.
LATER = ("ortools", "pandas", "openpyxl")
LOADED = """
import json, sys
from wsgi import app
assert app.test_client().get("/healthz").status_code == 200
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The packages in a process that has answered its first request."""
    settings = plain_settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('start')}/webapp.db")
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=environment_of(settings), capture_output=True, check=True
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("package", LATER)
def test_what_few_need_is_loaded_later(loaded: set[str], package: str) -> None:
    """Half of the time to start, and as much memory as the rest, were for what a worker may never do."""
    assert "flask" in loaded
    assert package not in loaded
