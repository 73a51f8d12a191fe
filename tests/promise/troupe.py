"""Hands cases to the process that plays them in children, and tells how each child ended."""

import json
import signal
import subprocess
import sys
from typing import Any, Self

from tests.promise.desk import Desk
from tests.servers import ROOT
from webapp.settings import Settings

KILLED = -signal.SIGKILL
DONE = 0
ASLEEP, REFUSED = 100, 101


class Troupe:
    """One warm process, forked for every case; a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.promise.performer"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def begin(self, desk: Desk, cases: list[dict[str, Any]]) -> None:
        """Let every case begin at once: `{"action", "loan", "step"}`, as tests.promise.performer names them."""
        person = desk.person
        actor = {**vars(person.actor), "locations": sorted(person.locations)}
        line = {"settings": values_of(desk.app.extensions["settings"]), "actor": actor, "cases": cases}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def ended(self) -> list[int]:
        """How the children of `begin` ended: `DONE`, `KILLED`, `ASLEEP`, `REFUSED`, or 1 with a traceback on stderr."""
        assert self._process.stdout is not None
        return list(json.loads(self._process.stdout.readline()))

    def perform(self, desk: Desk, cases: list[dict[str, Any]]) -> list[int]:
        """Begin and wait."""
        self.begin(desk, cases)
        return self.ended()

    def wake(self) -> list[int]:
        """Let those that are `ASLEEP` go on, and wait for them."""
        assert self._process.stdin is not None
        self._process.stdin.write("{}\n")
        self._process.stdin.flush()
        return self.ended()


def values_of(settings: Settings) -> dict[str, Any]:
    """Settings as JSON that builds them again, secrets in the clear."""
    values: dict[str, Any] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        values[name] = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return values
