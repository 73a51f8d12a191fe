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


KEPT = """
import importlib, pkgutil, webapp
from sqlalchemy.orm.util import AliasedClass
for found in pkgutil.walk_packages(webapp.__path__, "webapp."):
    # What runs where it is imported are migrations and programs.
    if not found.name.startswith("webapp.migrations") and not found.name.endswith(".__main__"):
        for name, value in vars(importlib.import_module(found.name)).items():
            if isinstance(value, AliasedClass):
                print(found.name, name)
"""


def test_no_alias_is_kept_for_all_threads() -> None:
    """Those that met at the first use of one left it half made: one office's calendar showed every office's loans."""
    told = subprocess.run([sys.executable, "-c", KEPT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == ""
