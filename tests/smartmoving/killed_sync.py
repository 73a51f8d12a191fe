"""A process that syncs once and, with a point, dies by SIGKILL there: `python -m tests.smartmoving.killed_sync`.

Arguments: settings as JSON, the company's id, the moment, the point. A point is the number of a statement or commit
said to the database by the thread that imports, before it is sent and when it was answered; 0: live. Prints how many
it counted.
"""

import json
import os
import signal
import sys
import threading
from datetime import datetime
from typing import Any

import time_machine
from sqlalchemy import event

from tests.databases import plain_settings
from webapp import create_app
from webapp.db import db
from webapp.smartmoving import importer, service


def main() -> None:
    """Sync, or die on the way."""
    settings, company_id, moment, point = sys.argv[1:]
    importer.BATCH = 4
    app = create_app(plain_settings(**json.loads(settings)))
    counted = 0

    def note(*_: Any) -> None:
        nonlocal counted
        if threading.current_thread() is threading.main_thread():
            counted += 1
            if counted == int(point):
                os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context(), time_machine.travel(datetime.fromisoformat(moment), tick=False):
        engine: Any = db.engine
        commit = engine.dialect.do_commit

        def noted_commit(connection: Any) -> None:
            note()
            commit(connection)
            note()

        engine.dialect.do_commit = noted_commit
        for name in ("before_cursor_execute", "after_cursor_execute"):
            event.listen(engine, name, note)
        report = service.sync(int(company_id), 1, lambda session: None)
        assert report.is_good, report.errors
    sys.stdout.write(f"{counted}\n")


if __name__ == "__main__":
    main()
