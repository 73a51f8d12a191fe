"""Lets time pass for leases, as if their holders had been dead for long."""

import threading
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import update

from webapp.db import writing
from webapp.sync.models import Lease


def let_leases_run_out(app: Flask) -> None:
    """Every lease is free from now on; in a thread, so that no session of the test is disturbed."""

    def change() -> None:
        with app.app_context(), writing() as session:
            session.execute(update(Lease).values(expires_at=datetime(2026, 1, 1, tzinfo=UTC)))

    thread = threading.Thread(target=change)
    thread.start()
    thread.join()
