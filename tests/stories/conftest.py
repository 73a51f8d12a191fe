"""What stories of dispatchers and crews begin with: the application over HTTP."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.servers import LiveServer


@pytest.fixture
def url(app: Flask, live_server: Callable[[Flask], LiveServer]) -> str:
    """Where the application answers."""
    return live_server(app).url
