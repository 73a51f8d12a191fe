"""What threads must find ready when they begin: models whose relations are known."""

import subprocess
import sys

from tests.servers import ROOT

SCRIPT = """
from sqlalchemy.orm import class_mapper
from tests.databases import plain_settings
from webapp import create_app
create_app(plain_settings(database_url="sqlite:///:memory:"))
from webapp.db import Base
print(all(class_mapper(each.class_, configure=False).configured for each in Base.registry.mappers))
"""


def test_models_are_ready_before_there_are_threads() -> None:
    """The first requests of a new process come together; none of them finds aliases that are half made."""
    told = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"
