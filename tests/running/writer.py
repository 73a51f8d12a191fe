"""A process that requests and unrequests loans without pause: `python -m tests.running.writer`.

One line of JSON on standard input: `{"settings", "actor", "loans"}`. Prints `+` for each answer of FMS, and ends
when its standard input does.
"""

import json
import sys
import threading
from typing import Any

from webapp import create_app
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.db import db
from webapp.loans import requests
from webapp.settings import Settings


def main() -> None:
    """A thread for each loan, until nobody wants more."""
    told = json.loads(sys.stdin.readline())
    values: dict[str, Any] = told["actor"]
    actor = Actor(**{**values, "role": Role(values["role"]), "locations": frozenset(values["locations"])})
    app = create_app(Settings(_env_file=None, **told["settings"]))
    is_over = threading.Event()

    def work(loan: int) -> None:
        while not is_over.is_set():
            for act in (requests.request, requests.unrequest):
                with app.app_context():
                    act(actor, loan)
                    db.session.remove()
                sys.stdout.write("+")
                sys.stdout.flush()

    threads = [threading.Thread(target=work, args=(loan,)) for loan in told["loans"]]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    is_over.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
