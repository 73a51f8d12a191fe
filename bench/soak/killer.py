"""Who ends things at random: workers, connections to the database, the stand-ins, the whole application."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random

import psycopg

from bench.soak.house import House

Faults = Sequence[tuple[str, Mapping[str, float]]]
# Seconds between two of them, on average.
PAUSE = 12.0
# Of every hundred calls five go wrong, each in one of these ways. `slow` is longer than anybody waits.
SHARE = 0.05
FMS_FAULTS: Faults = (
    ("slow", {"seconds": 3.0}),
    ("slow_after", {"seconds": 3.0}),
    ("error_before", {}),
    ("error_after", {}),
    ("reset_before", {}),
    ("reset_after", {}),
    ("never", {}),
    ("no_id", {}),
    ("html", {}),
    ("busy", {"retry_after": 1.0}),
)
SMARTMOVING_FAULTS: Faults = (("slow", {"seconds": 3.0}), ("busy", {}), ("error", {}), ("reset", {}), ("cut", {}))
CONNECTIONS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY pid"
)


def order_faults(house: House) -> None:
    """Have the stand-ins fail as seldom as real ones do, and in all of their ways."""
    house.sandbox.clear()
    for target, faults in (("any", FMS_FAULTS), ("smartmoving:any", SMARTMOVING_FAULTS)):
        for name, options in faults:
            house.sandbox.fault(target, name, times=None, share=SHARE / len(faults), **options)


class Killer:
    """Ends something every few seconds. `kills` counts them by what was ended, `outages` is when we were down."""

    def __init__(self, house: House, stop: threading.Event, chance: Random, now: Callable[[], float]) -> None:
        self.kills: Counter[str] = Counter()
        self.outages: list[tuple[float, float]] = []
        self._house, self._stop, self._chance, self._now = house, stop, chance, now
        self._until_outage = 3

    def work(self) -> None:
        """Until it is time to stop."""
        while not self._stop.wait(self._chance.uniform(0.5, 1.5) * PAUSE):
            self._until_outage -= 1
            if self._until_outage <= 0:
                self._until_outage = self._chance.randint(4, 9)
                self._kill_application()
            elif self._house.engine == "postgres" and self._chance.random() < 0.45:
                self._cut_connections()
            elif self._chance.random() < 0.12:
                self._kill_sandbox()
            elif self._house.application.kill_worker(self._chance):
                self.kills["worker"] += 1

    def _kill_application(self) -> None:
        began = self._now()
        self._house.application.kill()
        time.sleep(self._chance.uniform(0, 2))
        self._house.application.start()
        self.outages.append((began, self._now()))
        self.kills["application"] += 1

    def _kill_sandbox(self) -> None:
        self._house.sandbox.kill()
        time.sleep(self._chance.uniform(0, 1))
        self._house.sandbox.start()
        order_faults(self._house)
        self.kills["stand-ins"] += 1

    def _cut_connections(self) -> None:
        url = self._house.settings.database_url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(url, autocommit=True) as connection:
            backends = [row[0] for row in connection.execute(CONNECTIONS)]
            for backend in self._chance.sample(backends, min(len(backends), self._chance.randint(1, 4))):
                connection.execute("SELECT pg_terminate_backend(%s)", [backend])
                self.kills["connection"] += 1
